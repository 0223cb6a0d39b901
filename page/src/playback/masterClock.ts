/**
 * The one time that every picture on the playback screen shows. It runs by the monotonic clock, waits while a picture
 * that should be there is still loading, and follows the live edge when told to.
 */

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16];

export interface ClockState {
  /** Runs, unless something waits. */
  readonly playing: boolean;
  /** Signed: -2 runs backwards at twice the pace. */
  readonly rate: number;
  readonly live: boolean;
  /** Changes with each seek, so that followers can tell a jump from the passing of time. */
  readonly seeks: number;
}

export class MasterClock {
  private anchor_us: number;
  private anchor_ms: number;
  private current: ClockState = { playing: true, rate: 1, live: true, seeks: 0 };
  private readonly waiting = new Set<string>();
  private readonly listeners = new Set<() => void>();

  /** `edge_us` is the newest instant that can be shown. */
  constructor(
    private readonly monotonic_ms: () => number,
    private readonly edge_us: () => number,
  ) {
    this.anchor_us = edge_us();
    this.anchor_ms = monotonic_ms();
  }

  get state(): ClockState {
    return this.current;
  }

  get isWaiting(): boolean {
    return this.waiting.size > 0;
  }

  position_us(): number {
    if (this.current.live) return this.edge_us();
    const moved = this.runs ? (this.monotonic_ms() - this.anchor_ms) * 1000 * this.current.rate : 0;
    return Math.min(this.anchor_us + moved, this.edge_us());
  }

  /** Call it often: notices that the clock has run into the live edge. */
  settle(): void {
    const { live, rate } = this.current;
    if (!live && this.runs && rate > 0 && this.position_us() >= this.edge_us()) this.goLive();
  }

  play(): void {
    if (!this.current.playing) this.change({ playing: true });
  }

  /** Pausing the live edge stays at the instant it was paused. */
  pause(): void {
    if (this.current.playing) this.change({ playing: false, live: false });
  }

  toggle(): void {
    if (this.current.playing) this.pause();
    else this.change({ playing: true, rate: 1 });
  }

  seek(us: number): void {
    if (us >= this.edge_us()) {
      this.goLive();
      return;
    }
    this.anchor_us = us;
    this.anchor_ms = this.monotonic_ms();
    this.current = { ...this.current, live: false, seeks: this.current.seeks + 1 };
    this.notify();
  }

  nudge(by_us: number): void {
    this.seek(this.position_us() + by_us);
  }

  setRate(rate: number): void {
    this.change({ rate, live: this.current.live && rate === 1 });
  }

  goLive(): void {
    this.change({ live: true, playing: true, rate: 1, seeks: this.current.seeks + 1 });
  }

  /** L (direction 1) and J (-1): starts at 1, then doubles; the other key slows down and turns round. */
  shuttle(direction: 1 | -1): void {
    const { playing, rate } = this.current;
    const fastest = SPEEDS.at(-1) ?? 1;
    if (!playing || rate === 0) this.change({ playing: true, rate: direction, live: false });
    else if (Math.sign(rate) === direction) {
      if (this.current.live && direction === 1) return;
      this.change({ rate: direction * Math.min(Math.abs(rate) * 2, fastest), live: false });
    } else if (Math.abs(rate) > 1) this.change({ rate: rate / 2, live: false });
    else this.change({ rate: direction, live: false });
  }

  /** One speed faster or slower, forwards only. */
  changeSpeed(direction: 1 | -1): void {
    const rate = Math.abs(this.current.rate);
    const at = SPEEDS.findIndex((speed) => speed >= rate);
    this.setRate(SPEEDS[Math.min(Math.max(at + direction, 0), SPEEDS.length - 1)] ?? 1);
  }

  /** Time stands still while anybody waits. `who` may wait again and again without harm. */
  wait(who: string): void {
    if (this.waiting.has(who)) return;
    this.anchor();
    this.waiting.add(who);
    this.notify();
  }

  ready(who: string): void {
    if (!this.waiting.has(who)) return;
    this.anchor();
    this.waiting.delete(who);
    this.notify();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private get runs(): boolean {
    return this.current.playing && this.waiting.size === 0;
  }

  private anchor(): void {
    this.anchor_us = this.position_us();
    this.anchor_ms = this.monotonic_ms();
  }

  private change(change: Partial<ClockState>): void {
    this.anchor();
    this.current = { ...this.current, ...change };
    this.notify();
  }

  private notify(): void {
    this.listeners.forEach((listener) => listener());
  }
}
