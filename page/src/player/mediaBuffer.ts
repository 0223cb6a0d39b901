const KEPT_BEHIND_S = 4;
const TRIM_OVER_S = 12;

type Operation =
  | { kind: "init"; mime: string; offset_s: number; bytes: ArrayBuffer }
  | { kind: "media"; bytes: ArrayBuffer }
  | { kind: "remove"; start_s: number; end_s: number };

/**
 * One SourceBuffer in `segments` mode, fed one operation at a time. Each init is placed where the last media ended, so
 * that what plays is continuous even where the recording is not.
 */
export class MediaBuffer {
  /** Media time at which the next init will be placed. */
  end_s = 0;
  offset_s = 0;
  private readonly queue: Operation[] = [];
  private buffer: SourceBuffer | null = null;
  private mime = "";

  constructor(
    private readonly source: MediaSource,
    private readonly position_s: () => number,
    private readonly onBroken: (reason: unknown) => void,
  ) {}

  init(mime: string, bytes: ArrayBuffer): void {
    this.offset_s = this.end_s;
    this.queue.push({ kind: "init", mime, offset_s: this.offset_s, bytes });
    this.pump();
  }

  /** Returns the media time at which the fragment starts. */
  append(bytes: ArrayBuffer, dts_s: number, duration_s: number): number {
    const start_s = this.offset_s + dts_s;
    this.end_s = start_s + duration_s;
    this.queue.push({ kind: "media", bytes });
    this.pump();
    return start_s;
  }

  /** The last continuous stretch of media, which is the live one; null while there is none. */
  liveStretch(): { start_s: number; end_s: number } | null {
    const buffered = this.buffer?.buffered;
    if (!buffered?.length) return null;
    const last = buffered.length - 1;
    return { start_s: buffered.start(last), end_s: buffered.end(last) };
  }

  /** The media source is open: what was queued may go in. */
  begin(): void {
    this.pump();
  }

  trim(): void {
    const buffered = this.buffer?.buffered;
    if (!buffered?.length || this.queue.length) return;
    const start_s = buffered.start(0);
    const end_s = this.position_s() - KEPT_BEHIND_S;
    if (end_s - start_s > TRIM_OVER_S - KEPT_BEHIND_S) {
      this.queue.push({ kind: "remove", start_s, end_s });
      this.pump();
    }
  }

  private open(mime: string): SourceBuffer {
    const buffer = this.source.addSourceBuffer(mime);
    buffer.mode = "segments";
    buffer.addEventListener("updateend", () => this.pump());
    buffer.addEventListener("error", () => this.onBroken(new Error("the browser refused a fragment")));
    this.mime = mime;
    this.buffer = buffer;
    return buffer;
  }

  private pump(): void {
    if (this.source.readyState !== "open" || this.buffer?.updating) return;
    const operation = this.queue[0];
    if (!operation) return;
    try {
      this.run(operation);
      this.queue.shift();
    } catch (reason) {
      if (reason instanceof DOMException && reason.name === "QuotaExceededError" && this.makeRoom()) return;
      this.onBroken(reason);
    }
  }

  private run(operation: Operation): void {
    if (operation.kind === "init") {
      const buffer = this.buffer ?? this.open(operation.mime);
      if (this.mime !== operation.mime) {
        buffer.changeType(operation.mime);
        this.mime = operation.mime;
      }
      // A fragment that was cut short must not keep the parser waiting: the offset may change only between segments.
      buffer.abort();
      buffer.timestampOffset = operation.offset_s;
      buffer.appendBuffer(operation.bytes);
    } else if (operation.kind === "media") {
      if (!this.buffer) throw new Error("media before its init");
      this.buffer.appendBuffer(operation.bytes);
    } else {
      this.buffer?.remove(operation.start_s, operation.end_s);
    }
  }

  /** The browser's memory for media is full: drop what was played. False when there is nothing to drop. */
  private makeRoom(): boolean {
    const buffered = this.buffer?.buffered;
    if (!buffered?.length || !this.buffer) return false;
    const end_s = this.position_s() - 1;
    if (end_s <= buffered.start(0)) return false;
    this.buffer.remove(buffered.start(0), end_s);
    return true;
  }
}
