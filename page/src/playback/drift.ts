/** How a picture that has drifted from the master clock gets back: unnoticed where that is possible, else by a jump. */

export type Correction =
  { kind: "none"; playbackRate: number } | { kind: "steer"; playbackRate: number } | { kind: "jump" };

/** Two frames at 25 per second: nobody sees less. */
const TOLERATED_S = 0.04;
const JUMP_S = 0.75;
/** Audio and motion stay natural within this share of the rate. */
const STEER = 0.12;
export const FASTEST_VIDEO_RATE = 16;
const SLOWEST_VIDEO_RATE = 0.0625;

/**
 * `ahead_s`: how far the picture is ahead of the clock in recorded time. At sixteen times the speed a second of drift
 * passes sixteen times sooner, so tolerance grows with the rate.
 */
export function correctionFor(ahead_s: number, rate: number): Correction {
  const scale = Math.max(1, rate);
  if (Math.abs(ahead_s) > JUMP_S * scale) return { kind: "jump" };
  if (Math.abs(ahead_s) <= TOLERATED_S * Math.sqrt(scale)) return { kind: "none", playbackRate: rate };
  // Half of the drift is to go in the next half second of real time, within what is natural.
  const wanted = -ahead_s / scale;
  const share = Math.min(Math.max(wanted, -STEER), STEER);
  const playbackRate = Math.min(Math.max(rate * (1 + share), SLOWEST_VIDEO_RATE), FASTEST_VIDEO_RATE);
  return { kind: "steer", playbackRate };
}
