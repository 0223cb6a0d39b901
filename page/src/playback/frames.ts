/** The frames around a moment of the video, as far as their fragments have been loaded. */

import { frameOffsets } from "./frameTimes";

interface LoadedFragment {
  readonly sn: number | "initSegment";
  /** Where the player put it, seconds of media time; moves a little while the player learns. */
  readonly start: number;
}

const ORDINARY_FRAME_S = 1 / 25;

export class Frames {
  private readonly offsets = new Map<LoadedFragment["sn"], number[]>();

  learn(sn: number, bytes: ArrayBuffer): void {
    const found = frameOffsets(bytes);
    if (found.length > 0) this.offsets.set(sn, found);
  }

  /** How far the next (or previous) frame is from the one shown at `media_s`; negative when it is before. */
  distance(fragments: readonly LoadedFragment[], media_s: number, direction: 1 | -1): number {
    const { times, at } = this.around(fragments, media_s);
    const here = times[at];
    const there = times[at + direction];
    if (here !== undefined && there !== undefined) return there - here;
    return direction * this.usual(times);
  }

  /** Length of the frame shown at `media_s`. */
  duration(fragments: readonly LoadedFragment[], media_s: number): number {
    return Math.abs(this.distance(fragments, media_s, 1));
  }

  private around(fragments: readonly LoadedFragment[], media_s: number): { times: number[]; at: number } {
    let index = fragments.findIndex((fragment) => fragment.start > media_s + 1e-4) - 1;
    if (index < 0) index = fragments.length - 1;
    const times = fragments
      .slice(Math.max(0, index - 1), index + 2)
      .flatMap((fragment) => (this.offsets.get(fragment.sn) ?? []).map((offset) => fragment.start + offset))
      .sort((a, b) => a - b);
    let at = 0;
    times.forEach((time, each) => {
      if (Math.abs(time - media_s) < Math.abs((times[at] ?? Infinity) - media_s)) at = each;
    });
    return { times, at };
  }

  private usual(times: readonly number[]): number {
    const distances = times.slice(1).map((time, at) => time - (times[at] ?? time));
    distances.sort((a, b) => a - b);
    return distances[distances.length >> 1] ?? ORDINARY_FRAME_S;
  }
}
