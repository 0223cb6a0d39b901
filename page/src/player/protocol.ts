import type { StreamState } from "../api/shapes";

/** The live protocol of docs/api.md: a text message, and after `init` and `fragment` the bytes it speaks of. */
export interface InitMessage {
  type: "init";
  codecs: string;
  segment: string;
  start_us: number;
  width: number;
  height: number;
}

export interface FragmentMessage {
  type: "fragment";
  start_us: number;
  duration_us: number;
  /** Media time in seconds since the last init. */
  dts_s: number;
  keyframe: boolean;
  sent_us: number;
}

export type StateMessage = { type: "state" } & StreamState;

export type LiveMessage =
  { head: InitMessage; bytes: ArrayBuffer } | { head: FragmentMessage; bytes: ArrayBuffer } | { head: StateMessage };

/** Joins each announcement with the bytes that follow it. */
export class MessagePairs {
  private announced: InitMessage | FragmentMessage | null = null;

  /** The message that `data` completes, if it does. Bytes that nothing announced are dropped. */
  take(data: string | ArrayBuffer): LiveMessage | null {
    if (typeof data === "string") {
      const head = JSON.parse(data) as InitMessage | FragmentMessage | StateMessage;
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
