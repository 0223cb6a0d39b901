import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { correctionFor, FASTEST_VIDEO_RATE } from "../../src/playback/drift";
import { SPEEDS } from "../../src/playback/masterClock";

describe("keeping a picture in step", () => {
  it("brings any drift below two frames within half a minute, without overshooting", () => {
    const speed = fc.constantFrom(...SPEEDS.filter((each) => each < FASTEST_VIDEO_RATE));
    fc.assert(
      fc.property(speed, fc.double({ min: -0.7, max: 0.7, noNaN: true }), (rate, ahead_s) => {
        let ahead = ahead_s;
        for (let step = 0; step < 1800; step++) {
          const correction = correctionFor(ahead, rate);
          if (correction.kind === "jump") ahead = 0;
          else ahead += (correction.playbackRate - rate) / 60;
          expect(Math.abs(ahead)).toBeLessThanOrEqual(Math.abs(ahead_s) + 1e-9);
        }
        expect(Math.abs(ahead)).toBeLessThanOrEqual(0.04 * Math.sqrt(Math.max(1, rate)) + 0.01);
      }),
    );
  });

  it("leaves a picture alone that is in step", () => {
    expect(correctionFor(0.02, 1)).toEqual({ kind: "none", playbackRate: 1 });
  });

  it("jumps rather than racing after a large drift", () => {
    expect(correctionFor(-3, 1).kind).toBe("jump");
    expect(correctionFor(3, 1).kind).toBe("jump");
  });

  it("never asks the browser for a speed it refuses", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPEEDS), fc.double({ min: -10, max: 10, noNaN: true }), (rate, ahead_s) => {
        const correction = correctionFor(ahead_s, rate);
        if (correction.kind === "jump") return;
        expect(correction.playbackRate).toBeGreaterThanOrEqual(0.0625);
        expect(correction.playbackRate).toBeLessThanOrEqual(16);
      }),
    );
  });
});
