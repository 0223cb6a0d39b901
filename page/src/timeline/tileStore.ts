/**
 * What is known of the recorded time of each camera, by tile. Asks the server only for what the view misses or for
 * what may have changed since; keeps drawing the old answer until the new one is there.
 */

import type { Gap, TimelineCamera } from "../api/shapes";
import { runsOf, startOf, type TileAddress, tileLengthOf, tilesOf, LEVELS, resolutionOf, tilesBetween } from "./levels";
import type { View } from "./view";

export type FetchTimeline = (
  cameras: readonly string[],
  start_us: number,
  end_us: number,
  resolution_us: number,
  signal: AbortSignal,
) => Promise<readonly TimelineCamera[]>;

interface Tile {
  readonly address: TileAddress;
  readonly lane: TimelineCamera;
  readonly fetched_ms: number;
  /** The recorder may still add to it. */
  readonly open: boolean;
  stale: boolean;
  used: number;
}

const TILE_LIMIT = 1_500;
const OPEN_TILE_LIFE_MS = 4_000;
const RETRY_MS = 5_000;
/** How long before now the recorder may still change what it said (a fragment, an event that goes on). */
const SETTLED_US = 120_000_000;

export class TileStore {
  private readonly tiles = new Map<string, Tile>();
  private readonly pending = new Map<string, AbortController>();
  private readonly listeners = new Set<() => void>();
  private uses = 0;
  private failedAt_ms = -Infinity;
  /** The last question's error, until one is answered again. */
  error: unknown = null;

  constructor(
    private readonly fetchTimeline: FetchTimeline,
    private readonly monotonic_ms: () => number,
    private readonly now_us: () => number,
  ) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asks for whatever the view lacks. Call it as often as the view changes and at least every few seconds. */
  want(view: View, cameras: readonly string[]): void {
    if (cameras.length === 0 || this.monotonic_ms() - this.failedAt_ms < RETRY_MS) return;
    const { needed, nearby } = tilesOf(view);
    this.request(needed, cameras);
    if (this.pending.size === 0) this.request(nearby, cameras);
  }

  /** Everything known of one camera that touches the view, finest fitting answers first, without overlap in time. */
  pieces(view: View, camera: string): { lane: TimelineCamera; start_us: number; end_us: number }[] {
    return tilesOf(view).needed.flatMap((address) => {
      const tile = this.recall(address, camera) ?? this.coarser(address, camera);
      const start_us = startOf(address);
      return tile ? [{ lane: tile.lane, start_us, end_us: start_us + tileLengthOf(address.level) }] : [];
    });
  }

  /** The recorded gap that holds an instant, as far as it was asked for. */
  gapAt(camera: string, us: number): Gap | undefined {
    let found: Gap | undefined;
    for (const { lane } of this.tiles.values()) {
      if (lane.camera !== camera) continue;
      const gap = lane.gaps.find((each) => each.start_us <= us && us < each.end_us);
      if (gap && (!found || gap.end_us - gap.start_us > found.end_us - found.start_us)) found = gap;
    }
    return found;
  }

  isComplete(view: View, cameras: readonly string[]): boolean {
    return tilesOf(view).needed.every((address) => cameras.every((camera) => this.tiles.has(keyOf(address, camera))));
  }

  /** After a change on the server (a hold, an event): asks again for what covers that time. */
  invalidate(start_us = -Infinity, end_us = Infinity): void {
    for (const tile of this.tiles.values()) {
      const from = startOf(tile.address);
      if (from < end_us && from + tileLengthOf(tile.address.level) > start_us) tile.stale = true;
    }
    this.notify();
  }

  retry(): void {
    this.failedAt_ms = -Infinity;
    this.error = null;
    this.notify();
  }

  dispose(): void {
    for (const controller of this.pending.values()) controller.abort();
    this.pending.clear();
  }

  private recall(address: TileAddress, camera: string): Tile | undefined {
    const tile = this.tiles.get(keyOf(address, camera));
    if (tile) tile.used = ++this.uses;
    return tile;
  }

  private coarser(address: TileAddress, camera: string): Tile | undefined {
    const middle_us = startOf(address) + tileLengthOf(address.level) / 2;
    for (let level = address.level + 1; level < LEVELS; level++) {
      const index = Math.floor(middle_us / tileLengthOf(level));
      const tile = this.recall({ level, index }, camera);
      if (tile) return tile;
    }
    return undefined;
  }

  private request(addresses: readonly TileAddress[], cameras: readonly string[]): void {
    const inPast = addresses.filter((address) => startOf(address) < this.now_us());
    const missing = new Map<string, { cameras: string[]; addresses: TileAddress[] }>();
    for (const address of inPast) {
      const lacking = cameras.filter((camera) => this.lacks(address, camera));
      if (lacking.length === 0) continue;
      const group = missing.get(lacking.join()) ?? { cameras: lacking, addresses: [] };
      group.addresses.push(address);
      missing.set(lacking.join(), group);
    }
    for (const group of missing.values())
      for (const run of runsOf(group.addresses)) void this.load(group.cameras, run.level, run.first, run.last);
  }

  private lacks(address: TileAddress, camera: string): boolean {
    const key = keyOf(address, camera);
    if (this.pending.has(key)) return false;
    const tile = this.tiles.get(key);
    if (!tile || tile.stale) return true;
    const life_ms = Math.max(OPEN_TILE_LIFE_MS, resolutionOf(address.level) / 2_000);
    return tile.open && this.monotonic_ms() - tile.fetched_ms > life_ms;
  }

  private async load(cameras: readonly string[], level: number, first: number, last: number): Promise<void> {
    const start_us = startOf({ level, index: first });
    const end_us = startOf({ level, index: last + 1 });
    const addresses = tilesBetween(level, start_us, end_us);
    const keys = addresses.flatMap((address) => cameras.map((camera) => keyOf(address, camera)));
    const controller = new AbortController();
    keys.forEach((key) => this.pending.set(key, controller));
    try {
      const lanes = await this.fetchTimeline(cameras, start_us, end_us, resolutionOf(level), controller.signal);
      for (const address of addresses) for (const lane of lanes) this.keep(address, lane);
      this.error = null;
      this.forgetLeastUsed();
    } catch (reason) {
      if (controller.signal.aborted) return;
      this.failedAt_ms = this.monotonic_ms();
      this.error = reason;
    } finally {
      keys.forEach((key) => this.pending.delete(key));
    }
    this.notify();
  }

  private keep(address: TileAddress, lane: TimelineCamera): void {
    const start_us = startOf(address);
    const end_us = start_us + tileLengthOf(address.level);
    this.tiles.set(keyOf(address, lane.camera), {
      address,
      lane: clipped(lane, start_us, end_us),
      fetched_ms: this.monotonic_ms(),
      open: end_us > this.now_us() - SETTLED_US,
      stale: false,
      used: ++this.uses,
    });
  }

  private forgetLeastUsed(): void {
    if (this.tiles.size <= TILE_LIMIT) return;
    const byUse = [...this.tiles.entries()].sort((a, b) => a[1].used - b[1].used);
    for (const [key] of byUse.slice(0, this.tiles.size - TILE_LIMIT * 0.8)) this.tiles.delete(key);
  }

  private notify(): void {
    this.listeners.forEach((listener) => listener());
  }
}

function keyOf(address: TileAddress, camera: string): string {
  return `${address.level}/${address.index}/${camera}`;
}

/** The part of an answer that touches one tile. Spans keep their true ends: drawing clips them. */
export function clipped(lane: TimelineCamera, start_us: number, end_us: number): TimelineCamera {
  const touches = (span: { start_us: number; end_us: number }): boolean =>
    span.start_us < end_us && span.end_us > start_us;
  return {
    camera: lane.camera,
    spans: lane.spans.filter(touches),
    gaps: lane.gaps.filter(touches),
    events: lane.events.filter((event) => touches(event) || (event.start_us >= start_us && event.start_us < end_us)),
    event_counts: lane.event_counts.filter((count) => count.start_us >= start_us && count.start_us < end_us),
    holds: lane.holds.filter(touches),
  };
}
