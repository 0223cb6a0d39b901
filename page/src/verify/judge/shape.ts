import type { Json } from "./canonical";
import { Malformed } from "./strict";

/** Says what is wrong with a value, or null when it is as it must be. */
export type Check = (value: Json | undefined) => string | null;

function when(holds: (value: Json | undefined) => boolean, complaint: string): Check {
  return (value) => (holds(value) ? null : complaint);
}

export const integer = when((value) => Number.isSafeInteger(value), "not an integer");
export const count = when((value) => Number.isSafeInteger(value) && (value as number) >= 0, "not a count");
export const positive = when((value) => Number.isSafeInteger(value) && (value as number) >= 1, "not a count from 1");
export const flag = when((value) => typeof value === "boolean", "not true or false");
export const hash = matching(/^[0-9a-f]{64}$/, "not a hash");
export const pseudonym = matching(/^p-[0-9a-f]{20}$/, "not a pseudonym");
export const identifier = matching(/^[a-z0-9][a-z0-9-]{0,62}$/, "not an identifier");
export const word = matching(/^[\x21-\x7e]{0,200}$/, "not a word");
export const streamName = oneOf("main", "sub");

export function matching(pattern: RegExp, complaint: string): Check {
  return when((value) => typeof value === "string" && pattern.test(value), complaint);
}

export function text(longest: number, shortest = 0): Check {
  return when((value) => {
    if (typeof value !== "string") return false;
    const length = [...value].length;
    return length >= shortest && length <= longest;
  }, "not a text of its length");
}

export function oneOf(...values: Json[]): Check {
  return when((value) => value !== undefined && values.includes(value), `not one of ${JSON.stringify(values)}`);
}

export function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

export function listOf(check: Check): Check {
  return (value) => (Array.isArray(value) ? firstOf(value.map(check)) : "not a list");
}

export function mapOf(check: Check): Check {
  return (value) => (isObject(value) ? firstOf(Object.values(value).map(check)) : "not a map");
}

/** Exactly these fields. */
export function record(fields: Record<string, Check>): Check {
  return (value) => {
    if (!isObject(value)) return "not a record";
    const complaint = firstOf(
      Object.entries(fields).map(([name, check]) => {
        const wrong = check(Object.hasOwn(value, name) ? value[name] : undefined);
        return wrong && `${name}: ${wrong}`;
      }),
    );
    const stray = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    return complaint ?? (stray === undefined ? null : `${stray}: no such field`);
  };
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstOf(complaints: (string | null)[]): string | null {
  return complaints.find((complaint) => complaint !== null) ?? null;
}

export function demand(check: Check, value: Json): void {
  const complaint = check(value);
  if (complaint !== null) throw new Malformed(complaint);
}
