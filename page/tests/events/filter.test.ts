import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { DetectedEvent } from "../../src/api/shapes";
import { admits, EVERYTHING, type EventFilter, filterOf, queryOf, searchOf } from "../../src/events/filter";
import { inserted, replaced } from "../../src/events/queries";

const NOW_US = 1_795_000_000_000_000;

const filter: fc.Arbitrary<EventFilter> = fc
  .record({
    camera: fc.option(fc.constantFrom("gate", "yard")),
    class: fc.option(fc.constantFrom("person", "car")),
    zone: fc.option(fc.constantFrom("z1")),
    when: fc.constantFrom("any", "hour", "day", "week", "around"),
    alertsOnly: fc.boolean(),
    unseenOnly: fc.boolean(),
  })
  .map((each) => ({
    ...each,
    zone: each.camera ? each.zone : null,
    at_us: each.when === "around" ? NOW_US - 5_000_000 : null,
  }));

const event: DetectedEvent = {
  id: "ev-1",
  camera: "gate",
  stream: "main",
  class: "person",
  score: 0.8,
  start_us: NOW_US - 10_000_000,
  end_us: NOW_US - 4_000_000,
  ongoing: false,
  alert: true,
  zones: ["z1"],
  seen: null,
  path: [],
  snapshot_us: NOW_US - 8_000_000,
};

describe("the filter of events", () => {
  it("survives the address bar", () => {
    fc.assert(
      fc.property(filter, (each) => {
        expect(filterOf(searchOf(each))).toEqual(each);
      }),
    );
  });

  it("is nothing but the plain address when nothing is filtered", () => {
    expect(searchOf(EVERYTHING).toString()).toBe("");
    expect(Object.values(queryOf(EVERYTHING, NOW_US)).filter((value) => value !== null && value !== undefined)).toEqual(
      [],
    );
  });

  it("lets in what it asks for and nothing else", () => {
    const seen = { by: "a", at_us: 1 };
    expect(admits(EVERYTHING, event, NOW_US)).toBe(true);
    expect(admits({ ...EVERYTHING, camera: "gate", class: "person", alertsOnly: true }, event, NOW_US)).toBe(true);
    expect(admits({ ...EVERYTHING, camera: "yard" }, event, NOW_US)).toBe(false);
    expect(admits({ ...EVERYTHING, class: "car" }, event, NOW_US)).toBe(false);
    expect(admits({ ...EVERYTHING, zone: "z2" }, event, NOW_US)).toBe(false);
    expect(admits({ ...EVERYTHING, when: "hour" }, event, NOW_US + 7_200e6)).toBe(false);
    expect(admits({ ...EVERYTHING, unseenOnly: true }, { ...event, seen }, NOW_US)).toBe(false);
  });

  it("ignores an address that makes no sense", () => {
    expect(filterOf(new URLSearchParams("when=sometime&around=x&alerts=perhaps"))).toEqual(EVERYTHING);
  });
});

describe("the list", () => {
  const older = { ...event, id: "ev-0", start_us: NOW_US - 60_000_000 };
  const pages = { pages: [{ events: [older], next_cursor: "c" }], pageParams: [null] };

  it("takes in a new event at its place", () => {
    expect(inserted(pages, event).pages[0]?.events.map(({ id }) => id)).toEqual(["ev-1", "ev-0"]);
  });

  it("shows an event's newer version where the event was", () => {
    const seen = { ...older, seen: { by: "a", at_us: 1 } };
    expect(replaced(pages, seen)?.pages[0]?.events).toEqual([seen]);
    expect(replaced(pages, event)).toBeNull();
  });
});
