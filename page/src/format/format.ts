import { useMemo } from "react";

import { type Preferences, usePreferences } from "../preferences/preferences";
import { useSiteTimeZone } from "./siteTimeZone";

/** Times are integers of microseconds UTC (`_us`), as in the API; spans are seconds (`_s`). */
export interface Format {
  number: (value: number, digits?: number) => string;
  percent: (ratio: number, digits?: number) => string;
  /** 21:30:05 */
  time: (time_us: number, precision?: "minutes" | "seconds" | "tenths") => string;
  date: (time_us: number) => string;
  dateTime: (time_us: number) => string;
  /** Hours, minutes and seconds as a person says them, the two largest units. */
  duration: (span_s: number) => string;
  bytes: (bytes: number) => string;
  bitRate: (bitsPerSecond: number) => string;
  timeZone: string;
}

const FIRST_STRONG_ISOLATE = "\u2068";
const LEFT_TO_RIGHT_ISOLATE = "\u2066";
const POP_ISOLATE = "\u2069";

/** Keeps a value's own direction inside a sentence of the other script. Use `<bdi>` where there is an element. */
export function isolate(text: string): string {
  return `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}`;
}

export function isolateLeftToRight(text: string): string {
  return `${LEFT_TO_RIGHT_ISOLATE}${text}${POP_ISOLATE}`;
}

export function localeOf(chosen: Pick<Preferences, "language" | "digits">): string {
  return chosen.language === "ar" ? `ar-IQ-u-nu-${chosen.digits}` : "en-GB-u-nu-latn";
}

const UNITS: [Intl.NumberFormatOptions["unit"], number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

export function makeFormat(locale: string, timeZone: string): Format {
  const shared = { timeZone, hourCycle: "h23" } as const;
  const clockMinutes = new Intl.DateTimeFormat(locale, { ...shared, hour: "2-digit", minute: "2-digit" });
  const clockSeconds = new Intl.DateTimeFormat(locale, { ...shared, timeStyle: "medium" });
  const clockTenths = new Intl.DateTimeFormat(locale, {
    ...shared,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 1,
  });
  const clocks = { minutes: clockMinutes, seconds: clockSeconds, tenths: clockTenths };
  const day = new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "long", year: "numeric" });

  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  const withUnit = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);

  const duration = (span_s: number) => {
    let rest = Math.max(0, span_s);
    if (rest < 10) return withUnit(rest, "second", 1);
    const parts: string[] = [];
    for (const [unit, length] of UNITS) {
      const count = unit === "second" ? Math.round(rest) : Math.floor(rest / length);
      if (count > 0 && unit) parts.push(withUnit(count, unit));
      rest -= count * length;
      if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
    }
    return parts.join(" ");
  };

  const scaled = (value: number, base: number, units: string[]) => {
    const step = value > 0 ? Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(base))) : 0;
    const shown = value / base ** step;
    return withUnit(shown, units[step] ?? units[0] ?? "byte", shown < 10 && step > 0 ? 1 : 0);
  };

  return {
    number,
    percent: (ratio, digits = 0) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(ratio),
    time: (time_us, precision = "seconds") => clocks[precision].format(time_us / 1000),
    date: (time_us) => day.format(time_us / 1000),
    dateTime: (time_us) => `${day.format(time_us / 1000)} ${isolateLeftToRight(clockSeconds.format(time_us / 1000))}`,
    duration,
    bytes: (bytes) => scaled(bytes, 1000, ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"]),
    bitRate: (bits) =>
      scaled(bits, 1000, ["bit-per-second", "kilobit-per-second", "megabit-per-second", "gigabit-per-second"]),
    timeZone,
  };
}

export function useFormat(): Format {
  const chosen = usePreferences();
  const siteTimeZone = useSiteTimeZone();
  const locale = localeOf(chosen);
  const timeZone = chosen.clock === "utc" ? "UTC" : siteTimeZone;
  return useMemo(() => makeFormat(locale, timeZone), [locale, timeZone]);
}
