import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Frames } from "../../src/playback/frames";
import { frameOffsets } from "../../src/playback/frameTimes";

function box(type: string, ...payloads: Uint8Array[]): Uint8Array {
  const size = 8 + payloads.reduce((sum, payload) => sum + payload.length, 0);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(new TextEncoder().encode(type), 4);
  let at = 8;
  for (const payload of payloads) {
    bytes.set(payload, at);
    at += payload.length;
  }
  return bytes;
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, at) => new DataView(bytes.buffer).setInt32(at * 4, value));
  return bytes;
}

interface Sample {
  duration: number;
  composition: number;
}

function fragment(track: number, decode: number, samples: Sample[]): Uint8Array {
  const tfhd = box("tfhd", words(0x020000, track));
  const tfdt = box("tfdt", words(0x01000000, 0, decode));
  const trun = box(
    "trun",
    words(
      0x01000b01,
      samples.length,
      0,
      ...samples.flatMap(({ duration, composition }) => [duration, 100, composition]),
    ),
  );
  return box("moof", box("mfhd", words(0, 1)), box("traf", tfhd, tfdt, trun));
}

function bufferOf(...parts: Uint8Array[]): ArrayBuffer {
  const whole = box("free", ...parts).slice(8);
  return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.byteLength);
}

describe("the frames of a fragment", () => {
  it("are shown at the times that their boxes say, in order, whatever the rate", () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.record({ duration: fc.integer({ min: 900, max: 18_000 }), composition: fc.constant(0) }), {
          minLength: 1,
          maxLength: 50,
        }),
        (decode, samples) => {
          const offsets = frameOffsets(bufferOf(fragment(1, decode, samples), box("mdat", new Uint8Array(40))));
          let expected = 0;
          samples.forEach(({ duration }, at) => {
            expect(offsets[at]).toBeCloseTo(expected / 90_000, 9);
            expected += duration;
          });
        },
      ),
    );
  });

  it("are put in the order of the screen when the camera sends B-frames", () => {
    const samples = [6000, 12_000, -3000, -3000].map((composition) => ({ duration: 3000, composition }));
    const offsets = frameOffsets(bufferOf(fragment(1, 0, samples)));
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(offsets[0]).toBe(0);
  });

  it("do not include the audio track, nor anything of what is not a fragment", () => {
    expect(frameOffsets(bufferOf(fragment(2, 0, [{ duration: 1024, composition: 0 }])))).toEqual([]);
    expect(frameOffsets(new TextEncoder().encode("not an mp4 at all").buffer)).toEqual([]);
  });
});

describe("a step", () => {
  const regular = Array.from({ length: 10 }, () => ({ duration: 3600, composition: 0 }));
  const fragments = [
    { sn: 0, start: 100 },
    { sn: 1, start: 100.4 },
  ];

  it("goes to the neighbouring frame, also across fragments", () => {
    const frames = new Frames();
    frames.learn(0, bufferOf(fragment(1, 0, regular)));
    frames.learn(1, bufferOf(fragment(1, 36_000, regular)));
    expect(frames.distance(fragments, 100.2, 1)).toBeCloseTo(0.04, 6);
    expect(frames.distance(fragments, 100.36, 1)).toBeCloseTo(0.04, 6);
    expect(frames.distance(fragments, 100.4, -1)).toBeCloseTo(-0.04, 6);
  });

  it("follows a camera whose frames are not evenly spaced", () => {
    const frames = new Frames();
    const uneven = [9000, 900, 18_000, 3600].map((duration) => ({ duration, composition: 0 }));
    frames.learn(0, bufferOf(fragment(1, 0, uneven)));
    expect(frames.distance(fragments, 100, 1)).toBeCloseTo(0.1, 6);
    expect(frames.distance(fragments, 100.1, 1)).toBeCloseTo(0.01, 6);
    expect(frames.distance(fragments, 100.11, 1)).toBeCloseTo(0.2, 6);
  });

  it("takes an ordinary frame's length where nothing is known", () => {
    expect(new Frames().distance([], 5, -1)).toBeCloseTo(-0.04, 6);
  });
});
