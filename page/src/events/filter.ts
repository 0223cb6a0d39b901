/** Which events are listed; kept in the address, so that a list can be gone back to and sent to a colleague. */

import type { DetectedEvent } from "../api/shapes";
import { DAY_US, HOUR_US } from "../timeline/zoneTime";

export type When = "any" | "hour" | "day" | "week" | "around";

export interface EventFilter {
  camera: string | null;
  class: string | null;
  zone: string | null;
  when: When;
  /** For `around`: the instant it is around. */
  at_us: number | null;
  alertsOnly: boolean;
  unseenOnly: boolean;
}

export const EVERYTHING: EventFilter = {
  camera: null,
  class: null,
  zone: null,
  when: "any",
  at_us: null,
  alertsOnly: false,
  unseenOnly: false,
};

const WHENS: readonly string[] = ["any", "hour", "day", "week", "around"] satisfies When[];
const LENGTH_US: Partial<Record<When, number>> = { hour: HOUR_US, day: DAY_US, week: 7 * DAY_US };

export function filterOf(search: URLSearchParams): EventFilter {
  const when = search.get("when") ?? "any";
  const at = Number(search.get("around"));
  return {
    camera: search.get("camera"),
    class: search.get("class"),
    zone: search.get("camera") ? search.get("zone") : null,
    when: WHENS.includes(when) ? (when as When) : "any",
    at_us: search.has("around") && Number.isFinite(at) ? at : null,
    alertsOnly: search.get("alerts") === "yes",
    unseenOnly: search.get("unseen") === "yes",
  };
}

export function searchOf(filter: EventFilter): URLSearchParams {
  const search = new URLSearchParams();
  if (filter.camera) search.set("camera", filter.camera);
  if (filter.class) search.set("class", filter.class);
  if (filter.camera && filter.zone) search.set("zone", filter.zone);
  if (filter.when !== "any") search.set("when", filter.when);
  if (filter.when === "around" && filter.at_us !== null) search.set("around", String(Math.round(filter.at_us)));
  if (filter.alertsOnly) search.set("alerts", "yes");
  if (filter.unseenOnly) search.set("unseen", "yes");
  return search;
}

/** The API's question; spans relative to now are counted from the minute, so that the question stays the same. */
export function queryOf(filter: EventFilter, now_us: number): Record<string, unknown> {
  const span = spanOf(filter, now_us);
  return {
    camera: filter.camera,
    class: filter.class,
    zone: filter.zone,
    start_us: span?.start_us,
    end_us: span?.end_us,
    alert: filter.alertsOnly ? true : undefined,
    seen: filter.unseenOnly ? false : undefined,
  };
}

function spanOf(filter: EventFilter, now_us: number): { start_us: number; end_us?: number } | undefined {
  if (filter.when === "around" && filter.at_us !== null) {
    return { start_us: Math.round(filter.at_us - HOUR_US / 2), end_us: Math.round(filter.at_us + HOUR_US / 2) };
  }
  const length_us = LENGTH_US[filter.when];
  return length_us === undefined ? undefined : { start_us: Math.round(now_us - length_us) };
}

/** Whether an event that the feed has just told of belongs in the list. */
export function admits(filter: EventFilter, event: DetectedEvent, now_us: number): boolean {
  const span = spanOf(filter, now_us);
  return (
    (filter.camera === null || filter.camera === event.camera) &&
    (filter.class === null || filter.class === event.class) &&
    (filter.zone === null || event.zones.includes(filter.zone)) &&
    (!filter.alertsOnly || event.alert) &&
    (!filter.unseenOnly || !event.seen) &&
    (!span || (event.end_us >= span.start_us && (span.end_us === undefined || event.start_us < span.end_us)))
  );
}
