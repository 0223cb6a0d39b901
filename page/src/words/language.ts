import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

import type { Localised } from "../api/shapes";
import { isolate, localeOf } from "../format/format";
import {
  type Preferences,
  preferences,
  subscribePreferences,
  textDirection,
  usePreferences,
} from "../preferences/preferences";
import { ar } from "./ar";
import { en } from "./en";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "page";
    resources: { page: typeof en };
  }
}

/** Starts i18next and keeps it, and the document's language, direction and theme, in step with the preferences. */
export function startLanguage(): void {
  void i18next.use(initReactI18next).init({
    lng: preferences().language,
    fallbackLng: false,
    defaultNS: "page",
    resources: { ar: { page: ar }, en: { page: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  // {{count, number}}: in the chosen digits, isolated so that it cannot reorder the sentence around it.
  i18next.services.formatter?.add("number", (value: number) =>
    isolate(new Intl.NumberFormat(localeOf(preferences()), { maximumFractionDigits: 1 }).format(value)),
  );
  // {{name, isolate}}: a name or address inside a sentence of the other script.
  i18next.services.formatter?.add("isolate", (value: unknown) => isolate(String(value)));
  const apply = () => {
    const { language, theme } = preferences();
    document.documentElement.lang = language;
    document.documentElement.dir = textDirection(language);
    document.documentElement.dataset["theme"] = theme;
    if (i18next.language !== language) void i18next.changeLanguage(language);
  };
  subscribePreferences(apply);
  apply();
}

export function useWords() {
  return useTranslation("page").t;
}

export type Words = ReturnType<typeof useWords>;

// Numbers that stand by themselves; those in addresses, versions and names such as H.265 stay as they are.
// What the server isolates (a file's name, a library's words) is Latin text and stays whole.
const FOREIGN = /(\u2068[^\u2069]*\u2069)/;
const LONE_NUMBER = /(?<![\w.:/-])\d+(?:\.\d+)?(?![\w:/-]|\.\w)/g;

/** Picks the chosen language from a message that the server sends in both, with its numbers in the chosen digits. */
export function localise(message: Localised, chosen: Pick<Preferences, "language" | "digits">): string {
  const text = message[chosen.language];
  if (chosen.language !== "ar" || chosen.digits !== "arab") return text;
  const format = new Intl.NumberFormat(localeOf(chosen), { useGrouping: false, maximumFractionDigits: 6 });
  const inOwnDigits = (part: string): string => part.replaceAll(LONE_NUMBER, (number) => format.format(Number(number)));
  return text
    .split(FOREIGN)
    .map((part) => (FOREIGN.test(part) ? part : inOwnDigits(part)))
    .join("");
}

export function useLocalised(): (message: Localised) => string {
  const chosen = usePreferences();
  return (message) => localise(message, chosen);
}
