/** What the ruler says, in the chosen language, digits and zone. */

import { localeOf } from "../format/format";
import type { Preferences } from "../preferences/preferences";
import type { Tick } from "./ticks";
import type { View } from "./view";
import { MINUTE_US } from "./zoneTime";

export interface Labels {
  tick: (tick: Tick, view: View) => string;
  day: (us: number) => string;
}

const REMEMBERED = 2_000;

export function makeLabels(chosen: Pick<Preferences, "language" | "digits">, zone: string): Labels {
  const locale = localeOf(chosen);
  const shared = { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit" } as const;
  const minutes = new Intl.DateTimeFormat(locale, shared);
  const seconds = new Intl.DateTimeFormat(locale, { ...shared, second: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { timeZone: zone, day: "numeric", month: "short" });
  const named = new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: "short", day: "numeric", month: "short" });
  const known = new Map<string, string>();

  const remembered = (key: string, make: () => string): string => {
    let text = known.get(key);
    if (text === undefined) {
      if (known.size > REMEMBERED) known.clear();
      text = make();
      known.set(key, text);
    }
    return text;
  };
  return {
    tick: ({ us, kind }, view) => {
      const fine = kind !== "day" && view.us_per_px * 84 < MINUTE_US;
      const formatter = kind === "day" ? day : fine ? seconds : minutes;
      return remembered(`${kind}${fine ? "s" : ""}${us}`, () => formatter.format(us / 1000));
    },
    day: (us) => remembered(`d${Math.floor(us / MINUTE_US)}`, () => named.format(us / 1000)),
  };
}
