/**
 * How a live picture keeps up. What counts is the low water mark: the least media that was left just before the
 * next fragment arrived. More than the reserve is needless lateness, less is a stall to come.
 */
export const SMALLEST_RESERVE_S = 0.12;
export const LARGEST_RESERVE_S = 0.6;
const WINDOW_S = 2.5;
const JUMP_OVER_S = 1.0;
const TOLERANCE_S = 0.08;
const FASTEST = 1.12;
const SLOWEST = 0.96;
const CALM_S = 45;

export interface Pace {
  rate: number;
  /** Seconds to skip forward at once; 0 for none. */
  skip_s: number;
}

export class PaceKeeper {
  reserve_s = SMALLEST_RESERVE_S;
  private samples: { at_s: number; ahead_s: number }[] = [];
  private calmSince_s: number | null = null;

  /** The picture stood still for lack of media: keep more in reserve from now on. */
  stalled(now_s: number): void {
    this.reserve_s = Math.min(LARGEST_RESERVE_S, this.reserve_s * 1.4 + 0.05);
    this.calmSince_s = now_s;
    this.samples = [];
  }

  /** The position was moved: what was measured before no longer holds. */
  moved(): void {
    this.samples = [];
  }

  /** `ahead_s`: media after the playing position. `now_s`: any monotonic clock. */
  step(now_s: number, ahead_s: number): Pace {
    this.samples = this.samples.filter((sample) => now_s - sample.at_s < WINDOW_S);
    this.samples.push({ at_s: now_s, ahead_s });
    this.relax(now_s);
    const spare_s = Math.min(...this.samples.map((sample) => sample.ahead_s)) - this.reserve_s;
    const measured_s = now_s - (this.samples[0]?.at_s ?? now_s);
    // A backlog of seconds needs no measuring; a small excess does, or the rhythm of fragments looks like one.
    if (ahead_s - this.reserve_s > 4 * JUMP_OVER_S) return { rate: 1, skip_s: ahead_s - this.reserve_s - JUMP_OVER_S };
    if (measured_s < WINDOW_S * 0.6) return { rate: 1, skip_s: 0 };
    if (spare_s > JUMP_OVER_S) return { rate: 1, skip_s: spare_s };
    if (spare_s > TOLERANCE_S) return { rate: Math.min(FASTEST, 1.02 + spare_s / 4), skip_s: 0 };
    return { rate: spare_s < -TOLERANCE_S ? SLOWEST : 1, skip_s: 0 };
  }

  private relax(now_s: number): void {
    this.calmSince_s ??= now_s;
    if (now_s - this.calmSince_s < CALM_S) return;
    this.reserve_s = Math.max(SMALLEST_RESERVE_S, this.reserve_s * 0.8);
    this.calmSince_s = now_s;
  }
}
