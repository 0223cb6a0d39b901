/**
 * One camera's picture, kept at the time of the master clock. It holds the window of the recording that is played and,
 * near its end, the next one, and swaps them when the clock crosses over.
 */

import { withQuery } from "../api/request";
import type { Localised, StreamName } from "../api/shapes";
import { correctionFor } from "./drift";
import type { MasterClock } from "./masterClock";
import { Reel } from "./reel";
import type { Piece } from "./timeMap";

export type TrackState =
  | { kind: "loading" }
  | { kind: "picture" }
  | { kind: "gap"; start_us: number; resumes_us: number | undefined }
  | { kind: "backwards" }
  | { kind: "unsupported" }
  | { kind: "broken"; reason: Localised | undefined };

export interface TrackSource {
  camera: string;
  stream: StreamName;
  transcode: boolean;
}

const WINDOW_BEFORE_US = 30_000_000;
const WINDOW_AFTER_US = 10 * 60_000_000;
const PREPARE_BEFORE_END_S = 12;
/** A picture later than this no longer makes the others wait. */
const PATIENCE_MS = 6_000;
/** A short pause in delivery is not worth stopping every other camera. */
const GRACE_MS = 120;
const NEAR_EDGE_US = 4_000_000;
/** While a hand scrubs far, previews serve; a window is opened when it rests this long. */
const REST_MS = 140;

export function playlistUrl({ camera, stream, transcode }: TrackSource, start_us: number, end_us: number): string {
  return withQuery(`/api/playback/${encodeURIComponent(camera)}/${stream}/index.m3u8`, {
    start_us: Math.floor(start_us),
    end_us: Math.ceil(end_us),
    transcode: transcode ? 1 : undefined,
  });
}

export class Track {
  state: TrackState = { kind: "loading" };
  private current: Reel | null = null;
  private next: Reel | null = null;
  private waitingSince_ms: number | null = null;
  private seeks = -1;
  private soughtAt_ms = -Infinity;
  /** Where a standing picture was last asked to be; asked once, so that a hole in the media cannot make it loop. */
  private asked_s = NaN;
  /** The next window shows another stream of the same time and takes over as soon as it can. */
  private replacing = false;
  private muted = true;

  constructor(
    private readonly name: string,
    private readonly host: HTMLElement,
    private readonly clock: MasterClock,
    private readonly edge_us: () => number,
    private readonly onState: (state: TrackState) => void,
    private source: TrackSource,
  ) {}

  dispose(): void {
    this.clock.ready(this.name);
    this.drop();
  }

  load(source: TrackSource): void {
    const same =
      source.camera === this.source.camera &&
      source.stream === this.source.stream &&
      source.transcode === this.source.transcode;
    if (same) return;
    this.source = source;
    this.next?.dispose();
    this.replacing = this.current !== null;
    this.next = this.current ? this.open(this.clock.position_us()) : null;
    if (this.state.kind === "unsupported" || this.state.kind === "broken") this.drop();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    if (this.current) this.current.video.muted = muted;
  }

  retry(): void {
    this.drop();
  }

  /** UTC of the frame on the screen. */
  get presented_us(): number | undefined {
    return this.state.kind === "picture" ? this.current?.presented_us : undefined;
  }

  get frame_s(): number {
    return this.current?.frame_s ?? 1 / 25;
  }

  get video(): HTMLVideoElement | undefined {
    return this.current?.video;
  }

  /** Moves the clock to the next or previous frame of this camera. */
  async step(direction: 1 | -1): Promise<void> {
    this.clock.pause();
    const us = await this.current?.step(direction);
    if (us !== undefined) this.clock.seek(us + 1_000);
  }

  /** Brings the picture to the clock. Call it on every animation frame. */
  tick(now_ms: number): void {
    const { live, rate, seeks } = this.clock.state;
    if (seeks !== this.seeks) {
      this.seeks = seeks;
      this.soughtAt_ms = now_ms;
      this.asked_s = NaN;
      // A window that broke at one place plays at others.
      if (this.state.kind === "broken") this.drop();
    }
    if (live) {
      this.drop();
      return;
    }
    if (rate < 0) {
      this.current?.video.pause();
      this.become({ kind: "backwards" });
      this.clock.ready(this.name);
      return;
    }
    const us = this.clock.position_us();
    this.choose(us, now_ms);
    const reel = this.current;
    if (!reel?.covers(us)) {
      reel?.video.pause();
      this.stall(now_ms);
    } else if (reel.state === "unsupported" || reel.state === "broken") {
      this.become(reel.state === "broken" ? { kind: "broken", reason: reel.reason } : { kind: "unsupported" });
      this.clock.ready(this.name);
    } else if (reel.state === "empty") {
      this.inGap(reel, us, reel.window.start_us, undefined);
    } else {
      this.place(reel, us, now_ms);
    }
  }

  /** Which window is played: the one that covers the instant, opened when the hand rests. */
  private choose(us: number, now_ms: number): void {
    const { next } = this;
    if (next && next.state !== "loading" && (this.replacing || !this.current?.covers(us))) this.swap(next);
    if (this.current?.covers(us)) {
      this.prepare(us);
    } else if (!this.next?.covers(us) && now_ms - this.soughtAt_ms >= REST_MS) {
      this.next?.dispose();
      this.next = this.open(us);
    }
  }

  private prepare(us: number): void {
    const end_us = this.current?.window.end_us ?? Infinity;
    const ahead_us = PREPARE_BEFORE_END_S * 1e6 * Math.max(1, this.clock.state.rate);
    if (this.next || us + ahead_us < end_us || end_us >= this.edge_us() - NEAR_EDGE_US) return;
    this.next = this.open(end_us);
  }

  private open(us: number): Reel {
    const window = {
      start_us: us - WINDOW_BEFORE_US,
      end_us: Math.min(us + WINDOW_AFTER_US, Math.max(this.edge_us(), us + 1e6)),
    };
    const reel = new Reel(playlistUrl(this.source, window.start_us, window.end_us), window, us);
    reel.video.hidden = true;
    this.host.append(reel.video);
    return reel;
  }

  private swap(reel: Reel): void {
    this.current?.dispose();
    this.current = reel;
    this.next = null;
    this.replacing = false;
    reel.video.hidden = false;
    reel.video.muted = this.muted;
  }

  private place(reel: Reel, us: number, now_ms: number): void {
    if (reel.map.isEmpty) {
      this.stall(now_ms);
      return;
    }
    const place = reel.map.place(us);
    if (place.kind === "footage") this.follow(reel, place.media_s, us, now_ms);
    else if (us > this.edge_us() - NEAR_EDGE_US && !place.next && this.clock.state.playing) this.clock.goLive();
    else this.inGap(reel, us, place.start_us, place.next);
  }

  private follow(reel: Reel, media_s: number, us: number, now_ms: number): void {
    if (this.clock.state.playing) this.playAlong(reel, media_s, us, now_ms);
    else this.standAt(reel, media_s, now_ms);
  }

  private standAt(reel: Reel, media_s: number, now_ms: number): void {
    const { video } = reel;
    video.pause();
    if (!video.seeking && !reel.shows(media_s) && this.asked_s !== media_s) {
      this.asked_s = media_s;
      reel.seek(media_s + 0.001);
    }
    if (!video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.settle();
    else this.stall(now_ms);
  }

  private playAlong(reel: Reel, media_s: number, us: number, now_ms: number): void {
    const { video } = reel;
    const actual_us = reel.map.utcAt(video.currentTime) ?? us;
    const correction = correctionFor((actual_us - us) / 1e6, this.clock.state.rate);
    if (correction.kind === "jump") {
      if (!video.seeking) reel.seek(media_s);
      this.stall(now_ms);
      return;
    }
    if (!reel.canPlayOn) {
      this.stall(now_ms);
      return;
    }
    this.settle();
    if (video.playbackRate !== correction.playbackRate) video.playbackRate = correction.playbackRate;
    if (this.clock.isWaiting) video.pause();
    // A play that a later pause interrupts rejects; the next tick starts it again if it is still wanted.
    else if (video.paused) void video.play().catch(() => undefined);
  }

  private inGap(reel: Reel, us: number, start_us: number, next: Piece | undefined): void {
    reel.video.pause();
    if (
      next &&
      Math.abs(reel.video.currentTime - next.media_s) > 0.05 &&
      next.start_us - us < 20e6 &&
      !reel.video.seeking
    ) {
      reel.seek(next.media_s + 0.001);
    }
    this.clock.ready(this.name);
    this.waitingSince_ms = null;
    this.become({ kind: "gap", start_us, resumes_us: next?.start_us });
  }

  /** The picture is late: after a moment everyone waits for it, but not for ever. */
  private stall(now_ms: number): void {
    this.waitingSince_ms ??= now_ms;
    const waited_ms = now_ms - this.waitingSince_ms;
    if (this.state.kind !== "picture" || waited_ms > GRACE_MS) this.become({ kind: "loading" });
    if (waited_ms > PATIENCE_MS) this.clock.ready(this.name);
    else if (waited_ms > GRACE_MS || this.current?.video.seeking) this.clock.wait(this.name);
  }

  private settle(): void {
    this.waitingSince_ms = null;
    this.clock.ready(this.name);
    this.become({ kind: "picture" });
  }

  private drop(): void {
    this.current?.dispose();
    this.next?.dispose();
    this.current = null;
    this.next = null;
    this.replacing = false;
    this.waitingSince_ms = null;
    this.clock.ready(this.name);
    this.become({ kind: "loading" });
  }

  private become(state: TrackState): void {
    const before = this.state;
    const same =
      before.kind === state.kind &&
      (before.kind !== "gap" || (state.kind === "gap" && before.start_us === state.start_us)) &&
      (before.kind !== "broken" || (state.kind === "broken" && before.reason === state.reason));
    if (same) return;
    this.state = state;
    this.onState(state);
  }
}
