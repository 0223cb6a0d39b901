/**
 * What a person types after G, in Arabic or English, as an instant of the past: "yesterday 21:30", «أمس ٢١:٣٠»,
 * "21:30:15", "2026-11-20 08:00", "Thursday 9pm", "-5m", «قبل ساعتين». A reading without a date means the day the
 * playhead is on; a reading that would lie in the future means the last time it was.
 */

import { fromCivil, toCivil, weekdayOf } from "../timeline/zoneTime";
import {
  DAY_WORDS,
  type DayHalf,
  DUAL_WORDS,
  FILLER_WORDS,
  HALF_WORDS,
  longestMatch,
  MONTH_WORDS,
  normalise,
  NOW_WORDS,
  UNIT_WORDS,
  WEEKDAY_WORDS,
} from "./timeWords";

export interface TimeContext {
  now_us: number;
  playhead_us: number;
  zone: string;
}

export type ParsedTime =
  { ok: true; us: number; live: boolean } | { ok: false; reason: "empty" | "not_understood" | "in_future" };

interface Day {
  year: number;
  month: number;
  day: number;
}

interface Reading {
  hour: number;
  minute: number;
  second: number;
  us: number;
}

interface Draft {
  day?: Day;
  yearGiven: boolean;
  reading?: Reading;
  /** A bare number that a half of the day must complete. */
  pendingHour?: number;
  half?: DayHalf;
  zone?: string;
}

const NOT_UNDERSTOOD: ParsedTime = { ok: false, reason: "not_understood" };
const MIDNIGHT: Reading = { hour: 0, minute: 0, second: 0, us: 0 };

export function parseTime(text: string, context: TimeContext): ParsedTime {
  const clean = normalise(text);
  if (clean === "") return { ok: false, reason: "empty" };
  if (NOW_WORDS.has(clean)) return { ok: true, us: context.now_us, live: true };
  const us = parseOffset(clean, context) ?? parseAgo(clean, context) ?? parseMoment(clean, context);
  if (us === undefined) return NOT_UNDERSTOOD;
  return us > context.now_us ? { ok: false, reason: "in_future" } : { ok: true, us, live: false };
}

/** "-5m", "+1h30m", "-90s": from the playhead. */
function parseOffset(text: string, context: TimeContext): number | undefined {
  const sign = /^([+-])\s*(.+)$/.exec(text);
  if (!sign?.[2]) return undefined;
  const length = parseLength(sign[2]);
  if (length === undefined) return undefined;
  return context.playhead_us + (sign[1] === "-" ? -length : length);
}

/** "5 minutes ago", "half an hour ago", «قبل ٥ دقائق», «منذ ساعتين»: from now. */
function parseAgo(text: string, context: TimeContext): number | undefined {
  const phrase = /^(.+) ago$/.exec(text)?.[1] ?? /^(?:قبل|منذ) (.+)$/.exec(text)?.[1];
  const length = phrase === undefined ? undefined : parseLength(phrase);
  return length === undefined ? undefined : context.now_us - length;
}

function parseLength(phrase: string): number | undefined {
  const spaced = phrase
    .replace(/^(half an?|نصف) /, "0.5 ")
    .replace(/^(a quarter of an|quarter of an|ربع) /, "0.25 ")
    .replace(/^(an?) /, "1 ")
    .replace(/(\d)([^\d.\s])/g, "$1 $2")
    .replace(/([^\d.\s])(\d)/g, "$1 $2");
  const tokens = spaced.split(" ").filter((token) => token !== "and" && token !== "و");
  let total = 0;
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at] ?? "";
    const dual = DUAL_WORDS.get(token);
    const bare = UNIT_WORDS.get(token);
    const unit = UNIT_WORDS.get(tokens[at + 1] ?? "");
    if (dual !== undefined) {
      total += dual;
      at += 1;
    } else if (/^\d+(\.\d+)?$/.test(token) && unit !== undefined) {
      total += Number(token) * unit;
      at += 2;
    } else if (bare !== undefined && token.length > 1) {
      total += bare;
      at += 1;
    } else {
      return undefined;
    }
  }
  return tokens.length > 0 ? Math.round(total) : undefined;
}

function parseMoment(text: string, context: TimeContext): number | undefined {
  const tokens = text
    .replace(/(\d)t(\d)/, "$1 $2")
    .replace(/(\d)z$/, "$1 utc")
    .replace(/(\d)(am|pm|ص|م)(?=\s|$)/g, "$1 $2")
    .split(" ");
  const draft: Draft = { yearGiven: false };
  for (let at = 0; at < tokens.length;) {
    const used = takeToken(tokens, at, draft, context);
    if (used === 0) return undefined;
    at += used;
  }
  return resolve(draft, context);
}

/** How many words were understood and put into the draft; 0 when none was. */
function takeToken(tokens: readonly string[], at: number, draft: Draft, context: TimeContext): number {
  const token = tokens[at] ?? "";
  const days = longestMatch(tokens, at, DAY_WORDS);
  if (days && !draft.day) {
    const today = toCivil(context.now_us, context.zone);
    draft.day = { year: today.year, month: today.month, day: today.day - days.value };
    draft.yearGiven = true;
    return days.length;
  }
  if (token === "noon" || token === "midnight") return takeReading(draft, token === "noon" ? 12 : 0);
  if (token === "منتصف" && tokens[at + 1] === "الليل") return takeReading(draft, 0) * 2;
  const weekday = longestMatch(tokens, at, WEEKDAY_WORDS);
  if (weekday && !draft.day) {
    draft.day = lastWeekday(weekday.value, context);
    draft.yearGiven = true;
    return weekday.length;
  }
  const half = longestMatch(tokens, at, HALF_WORDS);
  if (half && !draft.half) {
    draft.half = half.value;
    return half.length;
  }
  if (token === "utc") {
    draft.zone = "UTC";
    return 1;
  }
  return takeDate(tokens, at, draft, context) || takeClock(token, draft) || (FILLER_WORDS.has(token) ? 1 : 0);
}

function takeReading(draft: Draft, hour: number): number {
  if (draft.reading) return 0;
  draft.reading = { ...MIDNIGHT, hour };
  return 1;
}

function lastWeekday(weekday: number, context: TimeContext): Day {
  const today = toCivil(context.now_us, context.zone);
  const back = (weekdayOf(context.now_us, context.zone) - weekday + 7) % 7;
  return { year: today.year, month: today.month, day: today.day - back };
}

function takeDate(tokens: readonly string[], at: number, draft: Draft, context: TimeContext): number {
  if (draft.day) return 0;
  const token = tokens[at] ?? "";
  const numeric = numericDate(token, context);
  if (numeric) {
    draft.day = numeric.day;
    draft.yearGiven = numeric.yearGiven;
    return validDay(numeric.day) ? 1 : 0;
  }
  const dayFirst = /^\d{1,2}$/.test(token) ? longestMatch(tokens, at + 1, MONTH_WORDS) : undefined;
  const monthFirst = longestMatch(tokens, at, MONTH_WORDS);
  const month = dayFirst ?? monthFirst;
  if (!month) return 0;
  const dayToken = dayFirst ? token : (tokens[at + month.length] ?? "");
  if (!/^\d{1,2}$/.test(dayToken)) return 0;
  const after = at + month.length + 1;
  const yearToken = tokens[after] ?? "";
  const yearGiven = /^\d{4}$/.test(yearToken);
  const year = yearGiven ? Number(yearToken) : toCivil(context.now_us, context.zone).year;
  draft.day = { year, month: month.value, day: Number(dayToken) };
  draft.yearGiven = yearGiven;
  return validDay(draft.day) ? month.length + 1 + (yearGiven ? 1 : 0) : 0;
}

/** Year first, or day first as Iraq writes it. */
function numericDate(token: string, context: TimeContext): { day: Day; yearGiven: boolean } | undefined {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(token);
  if (iso) return { day: { year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]) }, yearGiven: true };
  const dayFirst = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(token);
  if (dayFirst) {
    const [, day, month, year] = dayFirst;
    return { day: { year: Number(year), month: Number(month), day: Number(day) }, yearGiven: true };
  }
  const short = /^(\d{1,2})[-/](\d{1,2})$/.exec(token);
  if (!short) return undefined;
  const { year } = toCivil(context.now_us, context.zone);
  return { day: { year, month: Number(short[2]), day: Number(short[1]) }, yearGiven: false };
}

function validDay({ year, month, day }: Day): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function takeClock(token: string, draft: Draft): number {
  if (draft.reading || draft.pendingHour !== undefined) return 0;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/.exec(token);
  if (clock) {
    const reading = {
      hour: Number(clock[1]),
      minute: Number(clock[2]),
      second: Number(clock[3] ?? 0),
      us: Number((clock[4] ?? "").padEnd(6, "0")),
    };
    if (reading.hour > 23 || reading.minute > 59 || reading.second > 59) return 0;
    draft.reading = reading;
    return 1;
  }
  if (!/^\d{1,2}$/.test(token) || Number(token) > 23) return 0;
  draft.pendingHour = Number(token);
  return 1;
}

function hourInHalf(hour: number, half: DayHalf): number | undefined {
  if (hour > 12) return half === "morning" ? undefined : hour;
  switch (half) {
    case "morning":
      return hour % 12;
    case "noon":
      return hour >= 10 ? hour : hour + 12;
    case "evening":
      return (hour % 12) + 12;
    case "night":
      return hour === 12 ? 0 : hour < 6 ? hour : hour + 12;
  }
}

function resolve(draft: Draft, context: TimeContext): number | undefined {
  const zone = draft.zone ?? context.zone;
  let reading = draft.reading;
  if (!reading && draft.pendingHour !== undefined) {
    if (draft.half === undefined && !draft.day) return undefined;
    reading = { ...MIDNIGHT, hour: draft.pendingHour };
  }
  if (draft.half !== undefined) {
    const hour = reading && hourInHalf(reading.hour, draft.half);
    if (reading === undefined || hour === undefined) return undefined;
    reading = { ...reading, hour };
  }
  if (draft.day) {
    const at = (year: number): number => fromCivil({ ...draft.day!, ...(reading ?? MIDNIGHT), year }, zone);
    const us = at(draft.day.year);
    return us > context.now_us && !draft.yearGiven ? at(draft.day.year - 1) : us;
  }
  if (!reading) return undefined;
  const { year, month, day } = toCivil(Math.min(context.playhead_us, context.now_us), zone);
  const us = fromCivil({ year, month, day, ...reading }, zone);
  return us > context.now_us ? fromCivil({ year, month, day: day - 1, ...reading }, zone) : us;
}
