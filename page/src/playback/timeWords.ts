/** The words of time people type, in the spelling `normalise` leaves them in. */

import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from "../timeline/zoneTime";

const ARABIC_MARKS = /[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Latin digits, lower case, no vowel marks, one shape for alif, ya and ta marbuta: «أوّل أمسِ ٢١:٣٠» → «اول امس 21:30». */
export function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(ARABIC_MARKS, "")
    .replace(/[أإآٱ]/g, "ا")
    .replace(/ى/g, "ي")
    .replace(/ة/g, "ه")
    .replace(/[−–—]/g, "-")
    .replace(/٫/g, ".")
    .replace(/[,،؛;]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function table<T>(rows: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const words = new Map<string, T>();
  for (const [names, value] of rows) for (const name of names.split("|")) words.set(name, value);
  return words;
}

export const NOW_WORDS = new Set(["now", "live", "الان", "مباشر", "حالا"]);

/** Days before today. */
export const DAY_WORDS = table<number>([
  ["today|اليوم|tonight|الليله", 0],
  ["yesterday|امس|البارحه|مبارح|البارح", 1],
  ["day before yesterday|the day before yesterday|اول امس|قبل امس|اول البارحه", 2],
]);

/** 0 is Sunday. */
export const WEEKDAY_WORDS = table<number>([
  ["sunday|sun|الاحد", 0],
  ["monday|mon|الاثنين|الاتنين", 1],
  ["tuesday|tue|tues|الثلاثاء|الثلاثا", 2],
  ["wednesday|wed|الاربعاء|الاربعا", 3],
  ["thursday|thu|thurs|الخميس", 4],
  ["friday|fri|الجمعه", 5],
  ["saturday|sat|السبت", 6],
]);

/** Levantine and Iraqi names first, the others after them. */
export const MONTH_WORDS = table<number>([
  ["january|jan|كانون الثاني|يناير", 1],
  ["february|feb|شباط|فبراير", 2],
  ["march|mar|اذار|مارس", 3],
  ["april|apr|نيسان|ابريل", 4],
  ["may|ايار|مايو", 5],
  ["june|jun|حزيران|يونيو", 6],
  ["july|jul|تموز|يوليو", 7],
  ["august|aug|اب|اغسطس", 8],
  ["september|sep|sept|ايلول|سبتمبر", 9],
  ["october|oct|تشرين الاول|اكتوبر", 10],
  ["november|nov|تشرين الثاني|نوفمبر", 11],
  ["december|dec|كانون الاول|ديسمبر", 12],
]);

export const UNIT_WORDS = table<number>([
  ["s|sec|secs|second|seconds|ث|ثانيه|ثواني|ثوان", SECOND_US],
  ["m|min|mins|minute|minutes|د|دقيقه|دقائق|دقايق", MINUTE_US],
  ["h|hr|hrs|hour|hours|س|ساعه|ساعات", HOUR_US],
  ["d|day|days|ي|يوم|ايام|يوما", DAY_US],
  ["w|week|weeks|اسبوع|اسابيع|اسبوعا", 7 * DAY_US],
]);

/** Arabic's dual says the number in the noun. */
export const DUAL_WORDS = table<number>([
  ["ثانيتين", 2 * SECOND_US],
  ["دقيقتين", 2 * MINUTE_US],
  ["ساعتين", 2 * HOUR_US],
  ["يومين", 2 * DAY_US],
  ["اسبوعين", 14 * DAY_US],
]);

export type DayHalf = "morning" | "noon" | "evening" | "night";

export const HALF_WORDS = table<DayHalf>([
  ["am|a.m.|ص|صباحا|صباح|فجرا|الفجر|الصباح", "morning"],
  ["ظهرا|الظهر", "noon"],
  ["pm|p.m.|م|مساء|المساء|عصرا|العصر|المغرب", "evening"],
  ["ليلا|الليل|بالليل", "night"],
]);

/** Said around a time and meaning nothing by themselves. */
export const FILLER_WORDS = new Set([
  "at",
  "on",
  "the",
  "of",
  "last",
  "في",
  "يوم",
  "الساعه",
  "عند",
  "الماضي",
  "الماضيه",
]);

/** The longest run of words (at most three) from `at` that the table knows. */
export function longestMatch<T>(
  tokens: readonly string[],
  at: number,
  words: ReadonlyMap<string, T>,
): { value: T; length: number } | undefined {
  for (let length = Math.min(4, tokens.length - at); length > 0; length--) {
    const value = words.get(tokens.slice(at, at + length).join(" "));
    if (value !== undefined) return { value, length };
  }
  return undefined;
}
