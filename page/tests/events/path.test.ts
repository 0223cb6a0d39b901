import { describe, expect, it } from "vitest";

import { boxAt, footPoints, snapshotBox } from "../../src/events/path";

type Sides = [number, number, number, number];

const START = 1_795_000_000_000_000;
const first = { t_us: START, box: [0, 0, 0.2, 0.4] as Sides, score: 0.5 };
const last = { t_us: START + 1_000_000, box: [0.4, 0.2, 0.6, 0.6] as Sides, score: 0.9 };
const path = [first, last];

describe("the path of an event", () => {
  it("moves in a straight line between two sightings", () => {
    const box = boxAt(path, START + 500_000) ?? [];
    expect(box.map((edge) => Number(edge.toFixed(6)))).toEqual([0.2, 0.1, 0.4, 0.5]);
  });

  it("is exact at a sighting and lingers a moment before and after", () => {
    expect(boxAt(path, START)).toEqual(first.box);
    expect(boxAt(path, START + 1_000_000)).toEqual(last.box);
    expect(boxAt(path, START - 300_000)).toEqual(first.box);
    expect(boxAt(path, START + 1_300_000)).toEqual(last.box);
  });

  it("shows nothing when the thing is not there", () => {
    expect(boxAt(path, START - 500_000)).toBeUndefined();
    expect(boxAt(path, START + 1_500_000)).toBeUndefined();
    expect(boxAt([], START)).toBeUndefined();
  });

  it("puts the snapshot's box on the snapshot", () => {
    expect(snapshotBox({ path, snapshot_us: START + 900_000 })).toEqual(last.box);
    expect(snapshotBox({ path: [], snapshot_us: START })).toBeUndefined();
  });

  it("is drawn where the feet were", () => {
    expect(footPoints(path, 100, 50)).toBe("10.0,20.0 50.0,30.0");
  });
});
