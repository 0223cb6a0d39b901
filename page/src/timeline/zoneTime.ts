/** Civil time of a named zone. Every instant is microseconds UTC; daylight saving is handled in both directions. */

export interface CivilTime {
  year: number;
  /** 1..12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  us: number;
}

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

const QUARTER_US = 15 * MINUTE_US;
const OFFSET_CACHE_LIMIT = 20_000;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US-u-nu-latn-ca-gregory", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Local minus UTC at an instant. Zones change only at quarters of an hour, so a quarter is looked up once. */
export function offsetOf(us: number, zone: string): number {
  const quarter = Math.floor(us / QUARTER_US);
  let known = offsets.get(zone);
  if (!known || known.size > OFFSET_CACHE_LIMIT) {
    known = new Map();
    offsets.set(zone, known);
  }
  const cached = known.get(quarter);
  if (cached !== undefined) return cached;

  const field: Record<string, number> = {};
  const atMs = (quarter * QUARTER_US) / 1000;
  for (const part of formatterOf(zone).formatToParts(atMs)) field[part.type] = Number(part.value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
  const offset = (Date.UTC(year, month - 1, day, hour, minute, second) - atMs) * 1000;
  known.set(quarter, offset);
  return offset;
}

export function toCivil(us: number, zone: string): CivilTime {
  const local = us + offsetOf(us, zone);
  const wholeMs = Math.floor(local / 1000);
  const date = new Date(wholeMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    us: (((wholeMs % 1000) + 1000) % 1000) * 1000 + Math.floor(local - wholeMs * 1000),
  };
}

/**
 * The instant at which the zone's clocks show `civil`. An hour that happens twice gives its first time; an hour that is
 * skipped gives the instant as far after the change as the reading is. Fields may overflow (day 0 is the day before).
 */
export function fromCivil(civil: CivilTime, zone: string): number {
  const naive =
    Date.UTC(civil.year, civil.month - 1, civil.day, civil.hour, civil.minute, civil.second) * 1000 + civil.us;
  const before = offsetOf(naive - DAY_US, zone);
  const after = offsetOf(naive + DAY_US, zone);
  const candidates = [naive - before, naive - after].filter((us) => us + offsetOf(us, zone) === naive);
  return candidates.length > 0 ? Math.min(...candidates) : naive - before;
}

export function civilDayStart(us: number, zone: string, addDays = 0): number {
  const { year, month, day } = toCivil(us, zone);
  return fromCivil({ year, month, day: day + addDays, hour: 0, minute: 0, second: 0, us: 0 }, zone);
}

/** 0 is Sunday. */
export function weekdayOf(us: number, zone: string): number {
  return new Date((us + offsetOf(us, zone)) / 1000).getUTCDay();
}
