import { describe, expect, it } from "vitest";

import {
  addPointAfter,
  crossesItself,
  FIRST_POLYGON,
  moveAll,
  movePoint,
  type Point,
  removePoint,
} from "../../src/zones/polygon";

describe("a zone's polygon", () => {
  it("never leaves the picture", () => {
    expect(movePoint(FIRST_POLYGON, 0, [-3, 7])[0]).toEqual([0, 1]);
    const moved = moveAll(FIRST_POLYGON, 5, -5);
    expect(Math.max(...moved.map(([x]) => x))).toBe(1);
    expect(Math.min(...moved.map(([, y]) => y))).toBe(0);
  });

  it("keeps its shape when moved against an edge", () => {
    const moved = moveAll(FIRST_POLYGON, 5, 0);
    const width = (points: Point[]) => Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x));
    expect(width(moved)).toBeCloseTo(width(FIRST_POLYGON), 6);
  });

  it("gains a corner in the middle of a side, the last side included", () => {
    expect(addPointAfter(FIRST_POLYGON, 3)).toHaveLength(5);
    expect(addPointAfter(FIRST_POLYGON, 3)[4]).toEqual([0.3, (0.8 + 0.35) / 2]);
  });

  it("never has fewer than three corners", () => {
    const three = removePoint(FIRST_POLYGON, 0);
    expect(three).toHaveLength(3);
    expect(removePoint(three, 0)).toHaveLength(3);
  });

  it("is told when its sides cross", () => {
    expect(crossesItself(FIRST_POLYGON)).toBe(false);
    const bow: Point[] = [
      [0.1, 0.1],
      [0.9, 0.9],
      [0.9, 0.1],
      [0.1, 0.9],
    ];
    expect(crossesItself(bow)).toBe(true);
  });
});
