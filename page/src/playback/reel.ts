/** One video element over one window of the recording, played by hls.js, with its map between media time and UTC. */

import Hls, { ErrorDetails, Events, type Fragment, type HlsConfig } from "hls.js";

import { ApiError, send } from "../api/request";
import type { Localised } from "../api/shapes";
import { Frames } from "./frames";
import { parseProgramDateTime, type Piece, TimeMap } from "./timeMap";

export type ReelState = "loading" | "ready" | "empty" | "unsupported" | "broken";

export interface ReelWindow {
  readonly start_us: number;
  readonly end_us: number;
}

const CONFIG: Partial<HlsConfig> = {
  autoStartLoad: false,
  // Fragments are passed on as they are, so a worker would only add a copy (and a blob: script to the policy).
  enableWorker: false,
  maxBufferLength: 24,
  maxMaxBufferLength: 120,
  backBufferLength: 40,
  maxBufferHole: 0.6,
  nudgeMaxRetry: 8,
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 60_000,
      timeoutRetry: { maxNumRetry: 3, retryDelayMs: 250, maxRetryDelayMs: 2_000 },
      errorRetry: { maxNumRetry: 5, retryDelayMs: 250, maxRetryDelayMs: 4_000 },
    },
  },
};

export class Reel {
  readonly video = document.createElement("video");
  state: ReelState = "loading";
  /** What the server says of a broken recording; undefined until it has said it, and when it says nothing is wrong. */
  reason: Localised | undefined;
  map = new TimeMap([]);
  /** Media time of the frame on the screen, as the browser reports it. */
  presented_s: number | undefined;
  private readonly hls = new Hls(CONFIG);
  private readonly frames = new Frames();
  private fragments: readonly Fragment[] = [];
  private started = false;
  private disposed = false;

  constructor(
    url: string,
    readonly window: ReelWindow,
    private readonly from_us: number,
  ) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.disableRemotePlayback = true;
    this.video.tabIndex = -1;
    this.watchFrames();
    this.hls.on(Events.LEVEL_LOADED, (_, { details }) => this.learnPieces(details.fragments));
    this.hls.on(Events.LEVEL_PTS_UPDATED, (_, { details }) => this.learnPieces(details.fragments));
    this.hls.on(Events.FRAG_LOADED, (_, { frag, payload }) => {
      if (payload && frag.sn !== "initSegment") this.frames.learn(frag.sn, payload);
    });
    this.hls.on(Events.ERROR, (_, { fatal, details, frag }) => {
      if (details === ErrorDetails.LEVEL_EMPTY_ERROR) this.become("empty");
      else if (isAboutCodec(details)) this.become("unsupported");
      else if (fatal) {
        this.become("broken");
        if (frag) void this.askWhy(frag);
      }
    });
    this.video.addEventListener("canplay", () => this.become("ready"));
    this.hls.attachMedia(this.video);
    this.hls.loadSource(url);
  }

  covers(us: number): boolean {
    return us >= this.window.start_us && us < this.window.end_us;
  }

  /** UTC of the frame on the screen. */
  get presented_us(): number | undefined {
    return this.map.utcAt(this.presented_s ?? this.video.currentTime);
  }

  get frame_s(): number {
    return this.frames.duration(this.fragments, this.presented_s ?? this.video.currentTime);
  }

  get canPlayOn(): boolean {
    return !this.video.seeking && this.video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** Whether the frame at a media time is the one on the screen. */
  shows(media_s: number): boolean {
    if (this.video.seeking) return false;
    const shown = this.presented_s ?? this.video.currentTime;
    return media_s >= shown - 0.002 && media_s < shown + this.frame_s - 0.0005;
  }

  seek(media_s: number): void {
    this.video.currentTime = media_s;
  }

  /** Exactly one frame on; resolves to its UTC when it is on the screen, or to undefined where the window ends. */
  async step(direction: 1 | -1): Promise<number | undefined> {
    this.video.pause();
    const shown = this.presented_s ?? this.video.currentTime;
    const target = shown + this.frames.distance(this.fragments, shown, direction);
    if (target < 0 || this.map.utcAt(target) === undefined) return undefined;
    const into = Math.min(this.frames.duration(this.fragments, target) / 2, 0.02);
    const arrived = this.nextPresented();
    this.video.currentTime = target + into;
    await arrived;
    return this.presented_us;
  }

  dispose(): void {
    this.disposed = true;
    this.hls.destroy();
    this.video.removeAttribute("src");
    this.video.remove();
  }

  private learnPieces(fragments: readonly Fragment[]): void {
    this.fragments = fragments;
    this.map = new TimeMap(fragments.flatMap(pieceOf));
    if (this.map.isEmpty) {
      this.become("empty");
      return;
    }
    if (this.started) return;
    this.started = true;
    const place = this.map.place(this.from_us);
    const media_s = place.kind === "footage" ? place.media_s : (place.next?.media_s ?? 0);
    this.hls.startLoad(media_s);
    this.video.currentTime = media_s;
  }

  private watchFrames(): void {
    const note = (_: number, { mediaTime }: { mediaTime: number }): void => {
      if (this.disposed) return;
      this.presented_s = mediaTime;
      this.video.requestVideoFrameCallback(note);
    };
    this.video.requestVideoFrameCallback(note);
  }

  private nextPresented(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_500);
      this.video.requestVideoFrameCallback((_, { mediaTime }) => {
        clearTimeout(timer);
        this.presented_s = mediaTime;
        resolve();
      });
    });
  }

  /** The player is told a status only: the same bytes are asked for once more, to read the sentence that comes with it. */
  private async askWhy({ url, byteRangeStartOffset: start, byteRangeEndOffset: end }: Fragment): Promise<void> {
    const headers: HeadersInit = start === undefined || end === undefined ? {} : { Range: `bytes=${start}-${end - 1}` };
    try {
      const answer = await send(new Request(url, { headers }));
      await answer.body?.cancel();
    } catch (problem) {
      if (problem instanceof ApiError) this.reason = problem.text;
    }
  }

  private become(state: ReelState): void {
    if (this.disposed || this.state === state || this.state === "unsupported") return;
    this.state = state;
  }
}

function pieceOf(fragment: Fragment): Piece[] {
  const start_us =
    (fragment.rawProgramDateTime && parseProgramDateTime(fragment.rawProgramDateTime)) ||
    (fragment.programDateTime !== null ? fragment.programDateTime * 1000 : undefined);
  return start_us === undefined ? [] : [{ media_s: fragment.start, duration_s: fragment.duration, start_us }];
}

function isAboutCodec(details: ErrorDetails): boolean {
  return (
    details === ErrorDetails.BUFFER_ADD_CODEC_ERROR ||
    details === ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR ||
    details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR
  );
}
