import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseProgramDateTime, type Piece, TimeMap } from "../../src/playback/timeMap";

const START_US = 1_795_000_000_000_000;

/** Pieces as a playlist gives them: joined in media time, with gaps in UTC. */
const recording: fc.Arbitrary<Piece[]> = fc
  .array(
    fc.record({
      duration_ms: fc.integer({ min: 200, max: 8_000 }),
      gap_ms: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 600, max: 90_000 })),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((lengths) => {
    let media_s = 0;
    let start_us = START_US;
    return lengths.map(({ duration_ms, gap_ms }) => {
      const piece = { media_s, duration_s: duration_ms / 1000, start_us };
      media_s += piece.duration_s;
      start_us += duration_ms * 1000 + gap_ms * 1000;
      return piece;
    });
  });

describe("the map between media time and UTC", () => {
  it("goes there and back to the same instant wherever there is footage", () => {
    fc.assert(
      fc.property(recording, fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (pieces, pick, share) => {
        const map = new TimeMap(pieces);
        const piece = pieces[pick % pieces.length]!;
        const us = piece.start_us + piece.duration_s * 1e6 * share;
        const place = map.place(us);
        expect(place.kind).toBe("footage");
        if (place.kind === "footage") expect(Math.abs((map.utcAt(place.media_s) ?? 0) - us)).toBeLessThan(100);
      }),
    );
  });

  it("knows every gap longer than jitter, and where recording resumes", () => {
    fc.assert(
      fc.property(recording, (pieces) => {
        const map = new TimeMap(pieces);
        pieces.slice(1).forEach((next, at) => {
          const before = pieces[at]!;
          const end_us = before.start_us + before.duration_s * 1e6;
          const place = map.place((end_us + next.start_us) / 2);
          if (next.start_us - end_us > 500_000) expect(place).toMatchObject({ kind: "gap", next });
          else if (next.start_us > end_us) expect(place.kind).toBe("footage");
        });
      }),
    );
  });

  it("says that nothing is there before the first piece and after the last", () => {
    const map = new TimeMap([{ media_s: 0, duration_s: 2, start_us: START_US }]);
    expect(map.place(START_US - 1)).toMatchObject({ kind: "gap", next: { start_us: START_US } });
    expect(map.place(START_US + 2_000_001)).toMatchObject({ kind: "gap", next: undefined });
    expect(new TimeMap([]).isEmpty).toBe(true);
  });

  it("finds its way although the recorder's clock was set back", () => {
    const map = new TimeMap([
      { media_s: 0, duration_s: 10, start_us: START_US + 100e6 },
      { media_s: 10, duration_s: 10, start_us: START_US },
    ]);
    expect(map.place(START_US + 5e6)).toEqual({ kind: "footage", media_s: 15 });
    expect(map.place(START_US + 105e6)).toEqual({ kind: "footage", media_s: 5 });
  });
});

describe("PROGRAM-DATE-TIME", () => {
  it.each([
    ["2026-11-21T14:20:00.123Z", 123_000],
    ["2026-11-21T14:20:00.123456Z", 123_456],
    ["2026-11-21T17:20:00+03:00", 0],
    ["2026-11-21T14:20:00Z", 0],
  ])("%s is read to the microsecond", (text, us) => {
    expect(parseProgramDateTime(text)).toBe(Date.UTC(2026, 10, 21, 14, 20) * 1000 + us);
  });

  it.each(["yesterday", "2026-11-21", "2026-13-41T00:00:00Z"])("%s is not guessed at", (text) => {
    expect(parseProgramDateTime(text)).toBeUndefined();
  });
});
