import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type FetchPreview, PreviewCache } from "../../src/timeline/previews";

/** Pictures worth having lie a power of two apart; this is the beginning of such a stretch. */
const AT_US = 2 ** 21 * 855_922_698;

describe("previews under the pointer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:one", revokeObjectURL: vi.fn() }));
  });
  afterEach(() => vi.useRealTimers());

  function setUp(answer: Awaited<ReturnType<FetchPreview>> = { picture: new Blob(), time_us: AT_US }) {
    const fetchPreview = vi.fn<FetchPreview>(() => Promise.resolve(answer));
    return { cache: new PreviewCache(fetchPreview), fetchPreview };
  }

  it("asks once for places that share a picture", async () => {
    const { cache, fetchPreview } = setUp();
    for (const us of [0, 100_000, 400_000]) {
      cache.want("a", AT_US + us, 2_000_000);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(fetchPreview).toHaveBeenCalledTimes(1);
    expect(cache.nearest("a", AT_US, 5_000_000)?.time_us).toBe(AT_US);
  });

  it("asks only for the last place while the hand is moving", async () => {
    const slow = vi.fn<FetchPreview>(() => new Promise(() => undefined));
    const cache = new PreviewCache(slow);
    cache.want("a", AT_US, 2_000_000);
    await vi.advanceTimersByTimeAsync(1);
    for (let step = 1; step <= 50; step++) {
      cache.want("a", AT_US + step * 60_000_000, 2_000_000);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(200);
    expect(slow).toHaveBeenCalledTimes(2);
    expect(slow.mock.lastCall?.[1]).toBeGreaterThan(AT_US + 49 * 60_000_000);
  });

  it("remembers that nothing is recorded there", async () => {
    const { cache } = setUp(null);
    cache.want("a", AT_US, 2_000_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(cache.nearest("a", AT_US, 5_000_000)).toBeNull();
    expect(cache.nearest("b", AT_US, 5_000_000)).toBeUndefined();
  });

  it("does not offer a picture from far away", async () => {
    const { cache } = setUp();
    cache.want("a", AT_US, 2_000_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(cache.nearest("a", AT_US + 60_000_000, 5_000_000)).toBeUndefined();
  });
});
