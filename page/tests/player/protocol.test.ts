import { describe, expect, it } from "vitest";

import { isHevc, MessagePairs, mimeOf } from "../../src/player/protocol";

const init = JSON.stringify({ type: "init", codecs: "avc1.64001f", segment: "1/0", start_us: 1, width: 2, height: 2 });
const bytes = new Uint8Array([1, 2, 3]).buffer;

describe("the live protocol", () => {
  it("joins an announcement with the bytes that follow it", () => {
    const pairs = new MessagePairs();
    expect(pairs.take(init)).toBeNull();
    const message = pairs.take(bytes);
    expect(message?.head.type).toBe("init");
    expect(message && "bytes" in message ? message.bytes : null).toBe(bytes);
  });

  it("passes on a state, which has no bytes, at once", () => {
    const state = JSON.stringify({ type: "state", state: "stalled", since_us: 5 });
    expect(new MessagePairs().take(state)?.head).toMatchObject({ type: "state", state: "stalled" });
  });

  it("drops bytes that nothing announced", () => {
    const pairs = new MessagePairs();
    expect(pairs.take(bytes)).toBeNull();
    pairs.take(init);
    pairs.take(bytes);
    expect(pairs.take(bytes)).toBeNull();
  });

  it("knows H.265 by its sample entries", () => {
    expect(isHevc("hvc1.1.6.L93.B0,mp4a.40.2")).toBe(true);
    expect(isHevc("avc1.64001f")).toBe(false);
    expect(mimeOf("avc1.64001f,mp4a.40.2")).toBe('video/mp4; codecs="avc1.64001f,mp4a.40.2"');
  });
});
