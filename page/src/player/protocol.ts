import type { LiveFragment, LiveInit, LiveState } from "../api/shapes";

/** The live protocol of docs/api.md: a text message, and after `init` and `fragment` the bytes it speaks of. */
export type LiveMessage =
  { head: LiveInit; bytes: ArrayBuffer } | { head: LiveFragment; bytes: ArrayBuffer } | { head: LiveState };

/** Joins each announcement with the bytes that follow it. */
export class MessagePairs {
  private announced: LiveInit | LiveFragment | null = null;

  /** The message that `data` completes, if it does. Bytes that nothing announced are dropped. */
  take(data: string | ArrayBuffer): LiveMessage | null {
    if (typeof data === "string") {
      const head = JSON.parse(data) as LiveInit | LiveFragment | LiveState;
      if (head.type === "state") return { head };
      this.announced = head;
      return null;
    }
    const head = this.announced;
    this.announced = null;
    return head && ({ head, bytes: data } as LiveMessage);
  }
}

/** `video/mp4; codecs="…"` as Media Source Extensions want it. */
export function mimeOf(codecs: string): string {
  return `video/mp4; codecs="${codecs}"`;
}

export function isHevc(codecs: string): boolean {
  return /\b(hvc1|hev1)\b/.test(codecs);
}
