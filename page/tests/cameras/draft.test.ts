import { describe, expect, it } from "vitest";

import type { CameraTest } from "../../src/api/shapes";
import { addBody, canSave, canTest, draftOf, editBody, testBodies, withTested } from "../../src/cameras/draft";

const onvif = { ...draftOf(null), kind: "onvif" as const, address: " 192.168.1.64 ", username: "admin", password: "x" };

const found: CameraTest = {
  ok: true,
  error: null,
  device: { manufacturer: "Acme", model: "C1", firmware: "1.0" },
  streams: (["main", "sub"] as const).map((name) => ({
    name,
    url: `rtsp://192.168.1.64/${name}`,
    transport: "tcp",
    codec: "h264",
    codec_name: "H.264",
    width: 640,
    height: 480,
    frame_rate: 25,
    keyframe_interval_s: 2,
    bit_rate: 1e6,
    audio: null,
    snapshot_jpeg_base64: null,
  })),
  advice: [],
};

describe("a camera being added", () => {
  it("by ONVIF is tested by its address and can be saved once the test told its streams", () => {
    expect(canTest(onvif)).toBe(true);
    expect(testBodies(onvif)).toMatchObject([{ stream: null, body: { kind: "onvif", address: "192.168.1.64" } }]);
    expect(canSave(onvif)).toBe(false);
    const tested = withTested(onvif, found);
    expect(canSave(tested)).toBe(true);
    expect(tested.name).toBe("Acme C1");
    expect(addBody(tested).streams.map((stream) => stream.url)).toEqual([
      "rtsp://192.168.1.64/main",
      "rtsp://192.168.1.64/sub",
    ]);
  });

  it("by RTSP is tested stream by stream", () => {
    const draft = { ...draftOf(null), mainUrl: "rtsp://a/1", subUrl: "rtsp://a/2" };
    expect(testBodies(draft).map(({ stream, body }) => [stream, body.url])).toEqual([
      ["main", "rtsp://a/1"],
      ["sub", "rtsp://a/2"],
    ]);
  });

  it("keeps the name that was typed", () => {
    expect(withTested({ ...onvif, name: "البوابة" }, found).name).toBe("البوابة");
  });
});

describe("a camera being edited", () => {
  it("sends no password unless one was typed, so that the saved one stays", () => {
    const draft = { ...draftOf(null), name: "Gate", mainUrl: "rtsp://a/1" };
    expect(editBody(draft)).not.toHaveProperty("password");
    expect(editBody({ ...draft, password: "new" })).toHaveProperty("password", "new");
  });
});
