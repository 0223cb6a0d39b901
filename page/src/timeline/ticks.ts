/** Where the ruler is marked: round readings of the site's clock, whatever the zone does. */

import { civilDayStart, DAY_US, fromCivil, HOUR_US, MINUTE_US, SECOND_US, toCivil } from "./zoneTime";
import { endOf, type View } from "./view";

export type TickKind = "day" | "hour" | "second";

export interface Tick {
  readonly us: number;
  readonly kind: TickKind;
  readonly labelled: boolean;
}

const STEPS_US: readonly number[] = [
  SECOND_US,
  2 * SECOND_US,
  5 * SECOND_US,
  10 * SECOND_US,
  15 * SECOND_US,
  30 * SECOND_US,
  MINUTE_US,
  2 * MINUTE_US,
  5 * MINUTE_US,
  10 * MINUTE_US,
  15 * MINUTE_US,
  30 * MINUTE_US,
  HOUR_US,
  2 * HOUR_US,
  3 * HOUR_US,
  6 * HOUR_US,
  12 * HOUR_US,
  DAY_US,
  2 * DAY_US,
  7 * DAY_US,
];

export function stepFor(us_per_px: number, minimum_px: number): number {
  return STEPS_US.find((step) => step / us_per_px >= minimum_px) ?? 14 * DAY_US;
}

function dayTicks(from_us: number, to_us: number, step_us: number, zone: string): number[] {
  const every = Math.round(step_us / DAY_US);
  const found: number[] = [];
  for (let day = civilDayStart(from_us, zone); day <= to_us; day = civilDayStart(day, zone, 1)) {
    const civil = toCivil(day, zone);
    const number = Math.floor(Date.UTC(civil.year, civil.month - 1, civil.day) / 86_400_000);
    if (number % every === 0) found.push(day);
  }
  return found;
}

function hourTicks(from_us: number, to_us: number, step_us: number, zone: string): number[] {
  const every = Math.round(step_us / HOUR_US);
  const found: number[] = [];
  for (let day = civilDayStart(from_us, zone); day <= to_us; day = civilDayStart(day, zone, 1)) {
    const { year, month, day: date } = toCivil(day, zone);
    for (let hour = 0; hour < 24; hour += every) {
      const us = fromCivil({ year, month, day: date, hour, minute: 0, second: 0, us: 0 }, zone);
      if (us > (found.at(-1) ?? -Infinity)) found.push(us);
    }
  }
  return found;
}

function shortTicks(from_us: number, to_us: number, step_us: number, zone: string): number[] {
  const found: number[] = [];
  for (let day = civilDayStart(from_us, zone); day <= to_us;) {
    const next = civilDayStart(day, zone, 1);
    const first = day + Math.max(0, Math.floor((from_us - day) / step_us)) * step_us;
    for (let us = first; us < next && us <= to_us; us += step_us) found.push(us);
    day = next;
  }
  return found;
}

export function marksBetween(from_us: number, to_us: number, step_us: number, zone: string): number[] {
  const marks =
    step_us >= DAY_US
      ? dayTicks(from_us, to_us, step_us, zone)
      : step_us >= HOUR_US
        ? hourTicks(from_us, to_us, step_us, zone)
        : shortTicks(from_us, to_us, step_us, zone);
  return marks.filter((us) => us >= from_us && us <= to_us);
}

function kindOf(us: number, step_us: number, zone: string): TickKind {
  if (us === civilDayStart(us, zone)) return "day";
  return step_us >= MINUTE_US ? "hour" : "second";
}

/** Labelled ticks at least `label_px` apart and unlabelled ones at least `minor_px` apart, in order. */
export function ticksOf(view: View, zone: string, label_px = 84, minor_px = 9): Tick[] {
  const labelStep = stepFor(view.us_per_px, label_px);
  const minorStep = stepFor(view.us_per_px, minor_px);
  const from = view.start_us - labelStep;
  const to = endOf(view) + labelStep;
  const labelled = new Set(marksBetween(from, to, labelStep, zone));
  const all = new Set([...labelled, ...marksBetween(from, to, minorStep, zone)]);
  return [...all]
    .sort((a, b) => a - b)
    .map((us) => ({ us, kind: kindOf(us, labelStep, zone), labelled: labelled.has(us) }));
}
