import { socketUrl } from "../api/feed";
import { serverClock } from "../api/serverClock";
import type { LiveFragment, LiveInit, StreamName, StreamState } from "../api/shapes";
import { MediaBuffer } from "./mediaBuffer";
import { PaceKeeper } from "./pace";
import { isHevc, type LiveMessage, MessagePairs, mimeOf } from "./protocol";

export type LiveStatus =
  | { kind: "connecting" }
  /** What is seen is `lateness_s` behind the moment the recorder received it. */
  | { kind: "live"; lateness_s: number }
  /** What is seen is a still of the past: the last picture, taken at `last_us`. */
  | { kind: "stale"; last_us: number }
  | { kind: "unsupported"; codecs: string; hevc: boolean }
  /** The page is hidden; nothing is fetched. */
  | { kind: "paused" }
  /** The recorder will not send this stream: `code` is the WebSocket close code. */
  | { kind: "refused"; code: number };

export interface LiveWish {
  camera: string;
  stream: StreamName;
  transcode: boolean;
}

export interface LiveListener {
  onStatus: (status: LiveStatus) => void;
  onStreamState: (state: StreamState) => void;
}

const TICK_MS = 250;
const STALE_AFTER_US = 3_000_000;
const STUCK_AFTER_TICKS = 12;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;
const KEPT_FRAGMENTS = 64;
const CLOSED_BY_SLOWNESS = 4408;
/** Close codes after which asking again cannot help: policy (no session, no right), and our own but for slowness. */
const isFinal = (code: number) => code === 1008 || (code >= 4400 && code < 4500 && code !== CLOSED_BY_SLOWNESS);

/**
 * Plays one live stream into one video element until `close`. Reconnects for ever with growing pauses, stops while the
 * page is hidden, and says how late the picture is.
 */
export class LivePlayer {
  private socket: WebSocket | null = null;
  private buffer: MediaBuffer | null = null;
  private objectUrl = "";
  private pace = new PaceKeeper();
  private fragments: { media_s: number; start_us: number }[] = [];
  private lastReceived_us = 0;
  private retry_ms = FIRST_RETRY_MS;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly ticker: ReturnType<typeof setInterval>;
  private lastPosition_s = -1;
  private stuckTicks = 0;
  private ended = false;
  private lastSeen_us = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly wish: LiveWish,
    private readonly listener: LiveListener,
  ) {
    this.ticker = setInterval(() => this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", this.onVisibility);
    video.addEventListener("waiting", this.onWaiting);
    video.addEventListener("error", this.onVideoError);
    if (document.hidden) listener.onStatus({ kind: "paused" });
    else this.connect();
  }

  close(): void {
    this.ended = true;
    clearInterval(this.ticker);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.video.removeEventListener("waiting", this.onWaiting);
    this.video.removeEventListener("error", this.onVideoError);
    this.disconnect();
    this.releaseMedia();
    this.video.removeAttribute("src");
    this.video.load();
  }

  private connect(): void {
    if (this.lastSeen_us === 0) this.listener.onStatus({ kind: "connecting" });
    const { camera, stream, transcode } = this.wish;
    const path = `/api/live/${encodeURIComponent(camera)}/${stream}?transcode=${transcode ? 1 : 0}`;
    const socket = new WebSocket(socketUrl(path));
    const pairs = new MessagePairs();
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      const message = pairs.take(event.data);
      if (message && this.socket === socket) this.take(message);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (isFinal(event.code)) {
        this.ended = true;
        this.listener.onStatus({ kind: "refused", code: event.code });
      } else {
        this.reconnectLater();
      }
    };
    this.socket = socket;
  }

  private disconnect(): void {
    clearTimeout(this.retryTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private reconnectLater(): void {
    clearTimeout(this.retryTimer);
    if (this.ended || document.hidden) return;
    this.retryTimer = setTimeout(() => this.connect(), this.retry_ms * (0.75 + Math.random() / 2));
    this.retry_ms = Math.min(this.retry_ms * 2, LONGEST_RETRY_MS);
  }

  private take(message: LiveMessage): void {
    if (message.head.type === "state") this.listener.onStreamState(message.head);
    else if (message.head.type === "init") this.takeInit(message.head, (message as { bytes: ArrayBuffer }).bytes);
    else this.takeFragment(message.head, (message as { bytes: ArrayBuffer }).bytes);
  }

  private takeInit(init: LiveInit, bytes: ArrayBuffer): void {
    const mime = mimeOf(init.codecs);
    if (!MediaSource.isTypeSupported(mime)) {
      this.ended = true;
      this.disconnect();
      this.listener.onStatus({ kind: "unsupported", codecs: init.codecs, hevc: isHevc(init.codecs) });
      return;
    }
    this.openMedia().init(mime, bytes);
  }

  private takeFragment(fragment: LiveFragment, bytes: ArrayBuffer): void {
    if (!this.buffer) return;
    serverClock.observe(fragment.sent_us);
    this.lastReceived_us = serverClock.now_us();
    this.retry_ms = FIRST_RETRY_MS;
    const media_s = this.buffer.append(bytes, fragment.dts_s, fragment.duration_us / 1e6);
    this.fragments = [...this.fragments.slice(1 - KEPT_FRAGMENTS), { media_s, start_us: fragment.start_us }];
  }

  private openMedia(): MediaBuffer {
    if (this.buffer) return this.buffer;
    const source = new MediaSource();
    const buffer = new MediaBuffer(
      source,
      () => this.video.currentTime,
      () => this.rebuild(),
    );
    source.addEventListener("sourceopen", () => buffer.begin(), { once: true });
    this.buffer = buffer;
    this.objectUrl = URL.createObjectURL(source);
    this.video.src = this.objectUrl;
    return buffer;
  }

  private releaseMedia(): void {
    if (this.objectUrl) URL.revokeObjectURL(this.objectUrl);
    this.objectUrl = "";
    this.buffer = null;
    this.fragments = [];
    this.pace = new PaceKeeper();
  }

  /** The decoder or the buffer gave up: begin again from nothing, after a pause. */
  private rebuild(): void {
    if (!this.buffer) return;
    this.disconnect();
    this.releaseMedia();
    this.reconnectLater();
  }

  private readonly onVideoError = () => this.rebuild();

  private readonly onWaiting = () => {
    if (this.fragments.length > 4) this.pace.stalled(performance.now() / 1000);
  };

  private readonly onVisibility = () => {
    if (this.ended) return;
    this.disconnect();
    this.releaseMedia();
    if (document.hidden) {
      this.listener.onStatus({ kind: "paused" });
    } else {
      this.retry_ms = FIRST_RETRY_MS;
      this.connect();
    }
  };

  /** When the picture now on the screen was received by the recorder; 0 before the first one. */
  private shownAt_us(): number {
    const position_s = this.video.currentTime;
    const fragment = this.fragments.findLast((one) => one.media_s <= position_s + 0.001);
    return fragment ? fragment.start_us + (position_s - fragment.media_s) * 1e6 : 0;
  }

  private tick(): void {
    if (this.ended || document.hidden) return;
    const stretch = this.buffer?.liveStretch();
    if (stretch) this.keepUp(stretch);
    const now_us = serverClock.now_us();
    if (this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA)
      this.lastSeen_us = this.shownAt_us() || this.lastSeen_us;
    if (this.lastSeen_us === 0) return;
    if (now_us - this.lastReceived_us > STALE_AFTER_US) {
      this.listener.onStatus({ kind: "stale", last_us: this.lastSeen_us });
    } else if (stretch) {
      this.listener.onStatus({ kind: "live", lateness_s: Math.max(0, (now_us - this.lastSeen_us) / 1e6) });
    }
  }

  private keepUp(stretch: { start_s: number; end_s: number }): void {
    const { video } = this;
    if (video.paused) void video.play().catch(() => undefined);
    if (video.currentTime < stretch.start_s || video.currentTime > stretch.end_s + 0.5) {
      this.moveTo(Math.max(stretch.start_s, stretch.end_s - 1));
    }
    const pace = this.pace.step(performance.now() / 1000, stretch.end_s - video.currentTime);
    if (pace.skip_s > 0) this.moveTo(Math.min(stretch.end_s, video.currentTime + pace.skip_s));
    else if (video.playbackRate !== pace.rate) video.playbackRate = pace.rate;
    this.watchForStuck(stretch.end_s);
    this.buffer?.trim();
  }

  private moveTo(position_s: number): void {
    this.video.currentTime = position_s;
    this.pace.moved();
  }

  /** Media is there and yet nothing moves: a decoder that hangs, or a hole smaller than the browser's patience. */
  private watchForStuck(end_s: number): void {
    const position_s = this.video.currentTime;
    const stuck = position_s === this.lastPosition_s && end_s - position_s > 1;
    this.stuckTicks = stuck ? this.stuckTicks + 1 : 0;
    this.lastPosition_s = position_s;
    if (this.stuckTicks === STUCK_AFTER_TICKS) this.moveTo(end_s - 0.2);
    if (this.stuckTicks > 2 * STUCK_AFTER_TICKS) {
      this.stuckTicks = 0;
      this.rebuild();
    }
  }
}
