import { useSyncExternalStore } from "react";

/** What a person chose for this browser; nothing here leaves it. */
export interface Preferences {
  language: "ar" | "en";
  /** Digits of Arabic text: Arabic-Indic (٠١٢) or Latin (012). English always uses Latin ones. */
  digits: "arab" | "latn";
  theme: "dark" | "light";
  /** Where time grows on the timeline. `language`: rightwards in English, leftwards in Arabic. */
  timelineDirection: "language" | "rtl" | "ltr";
  clock: "site" | "utc";
  wallSize: 1 | 4 | 9 | 16;
}

const STORAGE_KEY = "basira.preferences";

const DEFAULTS: Preferences = {
  language: "ar",
  digits: "arab",
  theme: "dark",
  timelineDirection: "language",
  clock: "site",
  wallSize: 4,
};

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    // Storage is forbidden or its content is not ours: the defaults serve.
    return DEFAULTS;
  }
}

let current = read();
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // The choice then lasts until the page is closed.
  }
  listeners.forEach((listener) => listener());
}

export function subscribePreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribePreferences, preferences);
}

export function textDirection(language: Preferences["language"]): "rtl" | "ltr" {
  return language === "ar" ? "rtl" : "ltr";
}

/** The direction in which time grows on every timeline; keys, wheel and drag must use this same value. */
export function timelineDirection(chosen: Preferences): "rtl" | "ltr" {
  return chosen.timelineDirection === "language" ? textDirection(chosen.language) : chosen.timelineDirection;
}
