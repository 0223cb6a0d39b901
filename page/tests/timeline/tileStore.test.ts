import { describe, expect, it, vi } from "vitest";

import type { TimelineCamera } from "../../src/api/shapes";
import { levelFor, resolutionOf, tileLengthOf, tilesOf } from "../../src/timeline/levels";
import { clipped, type FetchTimeline, TileStore } from "../../src/timeline/tileStore";
import type { View } from "../../src/timeline/view";

const NOW_US = 1_795_000_000_000_000;

function viewOf(us_per_px: number, start_us = NOW_US - 600_000_000): View {
  return { start_us, us_per_px, width_px: 1000, direction: "ltr" };
}

function laneOf(camera: string, start_us: number, end_us: number): TimelineCamera {
  const gap = { start_us: NOW_US - 500e6, end_us: NOW_US - 400e6, cause: "link" as const, detail: "", ongoing: false };
  return { camera, spans: [{ start_us, end_us }], gaps: [gap], events: [], event_counts: [], holds: [] };
}

function setUp(answer: (cameras: readonly string[], start_us: number, end_us: number) => TimelineCamera[]) {
  const time = { ms: 0 };
  const fetchTimeline = vi.fn<FetchTimeline>((cameras, start_us, end_us) =>
    Promise.resolve(answer(cameras, start_us, end_us)),
  );
  const store = new TileStore(
    fetchTimeline,
    () => time.ms,
    () => NOW_US,
  );
  return { store, fetchTimeline, time };
}

const recorded = (cameras: readonly string[], start_us: number, end_us: number) =>
  cameras.map((camera) => laneOf(camera, start_us, end_us));

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

describe("what the timeline asks for", () => {
  it("is one question for the whole view and all cameras, at a resolution no coarser than a pixel", async () => {
    const { store, fetchTimeline } = setUp(recorded);
    const view = viewOf(1_500_000);
    store.want(view, ["a", "b"]);
    expect(fetchTimeline).toHaveBeenCalledTimes(1);
    const [cameras, start_us, end_us, resolution_us] = fetchTimeline.mock.calls[0]!;
    expect(cameras).toEqual(["a", "b"]);
    expect(start_us).toBeLessThanOrEqual(view.start_us);
    expect(end_us).toBeGreaterThanOrEqual(NOW_US);
    expect(resolution_us).toBeLessThanOrEqual(view.us_per_px);
    await settled();
    expect(store.isComplete(view, ["a", "b"])).toBe(false);
    expect(store.pieces(view, "a").length).toBeGreaterThan(0);
  });

  it("is not asked twice for what is settled, and again for what is still growing", async () => {
    const { store, fetchTimeline, time } = setUp(recorded);
    const past = viewOf(100_000, NOW_US - 86_400e6);
    store.want(past, ["a"]);
    await settled();
    fetchTimeline.mockClear();
    time.ms += 60_000;
    store.want(past, ["a"]);
    await settled();
    const needed = new Set(tilesOf(past).needed.map((tile) => tile.index * tileLengthOf(tile.level)));
    for (const [, start_us] of fetchTimeline.mock.calls) expect(needed.has(start_us)).toBe(false);

    const now = viewOf(100_000, NOW_US - 50e6);
    store.want(now, ["a"]);
    await settled();
    fetchTimeline.mockClear();
    time.ms += 60_000;
    store.want(now, ["a"]);
    expect(fetchTimeline).toHaveBeenCalled();
  });

  it("adds only the new camera when one is added", async () => {
    const { store, fetchTimeline } = setUp(recorded);
    const view = viewOf(1_000_000, NOW_US - 7_200e6);
    store.want(view, ["a"]);
    await settled();
    fetchTimeline.mockClear();
    store.want(view, ["a", "b"]);
    expect(fetchTimeline.mock.calls.map(([cameras]) => cameras)).toEqual([["b"]]);
  });

  it("never asks for the future", () => {
    const { store, fetchTimeline } = setUp(recorded);
    store.want(viewOf(1_000_000, NOW_US + 86_400e6), ["a"]);
    expect(fetchTimeline).not.toHaveBeenCalled();
  });

  it("rests after a failure, says so, and tries again when told to", async () => {
    let broken = true;
    const { store, fetchTimeline } = setUp((cameras, start_us, end_us) => {
      if (broken) throw new Error("no answer");
      return recorded(cameras, start_us, end_us);
    });
    const view = viewOf(1_000_000);
    fetchTimeline.mockImplementationOnce(() => Promise.reject(new Error("no answer")));
    store.want(view, ["a"]);
    await settled();
    expect(store.error).toBeInstanceOf(Error);
    store.want(view, ["a"]);
    expect(fetchTimeline).toHaveBeenCalledTimes(1);
    broken = false;
    store.retry();
    store.want(view, ["a"]);
    await settled();
    expect(store.error).toBeNull();
  });

  it("shows a coarser answer while the finer one is on its way", async () => {
    const { store } = setUp(recorded);
    const wide = viewOf(60_000_000, NOW_US - 50_000e6);
    store.want(wide, ["a"]);
    await settled();
    const near = viewOf(500_000, NOW_US - 1_000e6);
    expect(store.pieces(near, "a").length).toBeGreaterThan(0);
  });

  it("knows the gap at an instant, and forgets an answer that a change has made old", async () => {
    const { store, fetchTimeline } = setUp(recorded);
    const view = viewOf(8_000_000, NOW_US - 7_200e6);
    store.want(view, ["a"]);
    await settled();
    expect(store.gapAt("a", NOW_US - 450e6)?.cause).toBe("link");
    expect(store.gapAt("a", NOW_US - 350e6)).toBeUndefined();
    fetchTimeline.mockClear();
    store.invalidate(NOW_US - 7_000e6, NOW_US - 6_900e6);
    store.want(view, ["a"]);
    expect(fetchTimeline).toHaveBeenCalled();
  });
});

describe("levels of detail", () => {
  it("are never coarser than a pixel unless the pixel is finer than anything, nor more than four times finer", () => {
    for (let us_per_px = 300_000; us_per_px < 4e9; us_per_px *= 1.37) {
      const resolution_us = resolutionOf(levelFor(us_per_px));
      expect(resolution_us).toBeLessThanOrEqual(us_per_px);
      expect(us_per_px / resolution_us).toBeLessThanOrEqual(4.0001);
    }
  });

  it("cover thirty days of sixteen cameras in a handful of tiles", () => {
    const view = { ...viewOf((30 * 86_400e6) / 1400), width_px: 1400 };
    expect(tilesOf(view).needed.length).toBeLessThanOrEqual(8);
  });
});

describe("a tile's share of an answer", () => {
  it("is what touches it, with true ends", () => {
    const lane = laneOf("a", 0, 1e15);
    expect(clipped(lane, 10, 20).spans).toEqual([{ start_us: 0, end_us: 1e15 }]);
    expect(clipped(lane, 2e15, 3e15).spans).toEqual([]);
  });
});
