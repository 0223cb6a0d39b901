import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";

import { applyToCache } from "../../src/api/feed";
import { keys } from "../../src/api/queries";
import { withQuery } from "../../src/api/request";
import { ServerClock } from "../../src/api/serverClock";
import type { Alarm, Camera, CameraState, StreamState } from "../../src/api/shapes";

const stream: StreamState = {
  state: "stalled",
  since_us: 9,
  error: null,
  frame_rate: null,
  bit_rate: null,
  codec: null,
  width: null,
  height: null,
  last_fragment_us: null,
  gap: { start_us: 9, cause: "link" },
};

const camera: Camera = {
  id: "gate",
  name: "Gate",
  kind: "rtsp",
  enabled: true,
  position: 0,
  priority: 0,
  record_audio: true,
  analyse: true,
  retention_days: null,
  retention_bytes: null,
  streams: [],
  username: null,
  has_password: false,
  onvif_address: null,
  state: { streams: {} },
};

const alarm: Alarm = {
  id: "a1",
  code: "gap",
  severity: "error",
  message: { ar: "انقطاع", en: "gap" },
  params: {},
  camera: "gate",
  since_us: 1,
  ended_us: null,
};

describe("the feed", () => {
  it("changes the state of the camera it speaks of, and no other", () => {
    const cache = new QueryClient();
    const state: CameraState = { streams: { main: stream } };
    cache.setQueryData(keys.cameras, [camera, { ...camera, id: "yard" }]);
    applyToCache(cache, { type: "camera", camera: "gate", state });
    const [gate, yard] = cache.getQueryData<Camera[]>(keys.cameras) ?? [];
    expect(gate?.state).toEqual(state);
    expect(yard?.state).toEqual({ streams: {} });
  });

  it("puts a new alarm first and replaces one that it knows", () => {
    const cache = new QueryClient();
    cache.setQueryData(keys.alarms, [alarm]);
    applyToCache(cache, { type: "alarm", alarm: { ...alarm, id: "a2" } });
    applyToCache(cache, { type: "alarm", alarm: { ...alarm, ended_us: 5 } });
    const alarms = cache.getQueryData<Alarm[]>(keys.alarms) ?? [];
    expect(alarms.map((one) => [one.id, one.ended_us])).toEqual([
      ["a1", 5],
      ["a2", null],
    ]);
  });
});

describe("the recorder's clock", () => {
  it("is best known from the message that was least delayed", () => {
    let browser_us = 1_000_000;
    const clock = new ServerClock(() => browser_us);
    for (const delay_us of [80_000, 5_000, 40_000]) {
      browser_us += 1_000_000;
      clock.observe(browser_us + 7_000_000 - delay_us);
    }
    expect(clock.now_us() - browser_us).toBe(6_995_000);
  });
});

describe("a query", () => {
  it("repeats a name for each value and leaves out what is not set", () => {
    expect(withQuery("/api/x", { camera: ["a", "b"], zone: null, seen: false, cursor: "" })).toBe(
      "/api/x?camera=a&camera=b&seen=false",
    );
  });
});
