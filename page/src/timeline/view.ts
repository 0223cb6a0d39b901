/**
 * What part of time is drawn, and how. `x` is always pixels from the physical left edge; only this file knows that time
 * may run to the left.
 */

import { DAY_US } from "./zoneTime";

export type Direction = "ltr" | "rtl";

export interface View {
  /** Earliest instant drawn: at the left edge in ltr, at the right edge in rtl. */
  readonly start_us: number;
  readonly us_per_px: number;
  readonly width_px: number;
  readonly direction: Direction;
}

export interface Bounds {
  readonly min_us: number;
  readonly max_us: number;
}

/** A thousand pixels hold five seconds: single frames are told apart. */
export const MIN_US_PER_PX = 5_000;
export const MAX_SPAN_US = 45 * DAY_US;

export function spanOf(view: View): number {
  return view.us_per_px * view.width_px;
}

export function endOf(view: View): number {
  return view.start_us + spanOf(view);
}

export function xOf(view: View, us: number): number {
  const along = (us - view.start_us) / view.us_per_px;
  return view.direction === "ltr" ? along : view.width_px - along;
}

export function timeAt(view: View, x: number): number {
  const along = view.direction === "ltr" ? x : view.width_px - x;
  return view.start_us + along * view.us_per_px;
}

/** +1 when a key or a movement to the right means later, -1 when it means earlier. */
export function rightwards(direction: Direction): 1 | -1 {
  return direction === "ltr" ? 1 : -1;
}

function limitScale(us_per_px: number, width_px: number): number {
  return Math.min(Math.max(us_per_px, MIN_US_PER_PX), MAX_SPAN_US / Math.max(width_px, 1));
}

/** `factor` below 1 shows less time. The instant under `x` stays under `x`. */
export function zoomAround(view: View, x: number, factor: number): View {
  const us_per_px = limitScale(view.us_per_px * factor, view.width_px);
  const anchor = timeAt(view, x);
  const along = view.direction === "ltr" ? x : view.width_px - x;
  return { ...view, us_per_px, start_us: anchor - along * us_per_px };
}

/** The drawing follows the hand: what was at x is at x + dx_px. */
export function dragBy(view: View, dx_px: number): View {
  return { ...view, start_us: view.start_us - dx_px * view.us_per_px * rightwards(view.direction) };
}

export function centredOn(view: View, us: number): View {
  return { ...view, start_us: us - spanOf(view) / 2 };
}

export function spanning(view: View, start_us: number, end_us: number): View {
  const us_per_px = limitScale((end_us - start_us) / Math.max(view.width_px, 1), view.width_px);
  return centredOn({ ...view, us_per_px }, (start_us + end_us) / 2);
}

/** A wider window shows more time around the same middle. */
export function resized(view: View, width_px: number): View {
  if (width_px === view.width_px) return view;
  const middle = view.start_us + spanOf(view) / 2;
  return centredOn({ ...view, width_px, us_per_px: limitScale(view.us_per_px, width_px) }, middle);
}

/** At least one instant of the bounds stays in the middle half, so nobody gets lost in empty time. */
export function withinBounds(view: View, bounds: Bounds): View {
  const margin = spanOf(view) / 4;
  const earliest = bounds.min_us - margin * 2;
  const latest = bounds.max_us - margin * 2;
  const start_us = Math.max(Math.min(view.start_us, latest), Math.min(earliest, latest));
  return start_us === view.start_us ? view : { ...view, start_us };
}

/** Keeps the playhead drawn while it moves by itself: pages on when it leaves the middle nine tenths. */
export function following(view: View, us: number): View {
  const along = (us - view.start_us) / spanOf(view);
  if (along >= 0.05 && along <= 0.95) return view;
  return along > 0.95 && along < 1.5 ? { ...view, start_us: us - spanOf(view) * 0.1 } : centredOn(view, us);
}
