/**
 * What the timeline and the pictures share, whatever screen is shown: one clock, one view of time, the cameras on the
 * lanes, the selected span. It outlives screens, so that going from playback to events and back loses nothing.
 */

import { createContext, useCallback, useContext, useSyncExternalStore } from "react";

import { request, withQuery } from "../api/request";
import { serverClock } from "../api/serverClock";
import type { TimelineCamera } from "../api/shapes";
import { MasterClock } from "../playback/masterClock";
import { PreviewCache } from "./previews";
import { TileStore } from "./tileStore";
import { type Bounds, type View, withinBounds } from "./view";
import { DAY_US, HOUR_US } from "./zoneTime";

export interface DeskState {
  /** Lanes, from above. */
  readonly cameras: readonly string[];
  readonly focused: string | null;
  readonly selection: { start_us: number; end_us: number } | null;
  /** A drag selects a span instead of moving time. */
  readonly selecting: boolean;
  readonly dialog: "export" | "evidence" | "hold" | null;
}

/** The newest fragment is about this old when it can be read back. */
const EDGE_BEHIND_US = 1_500_000;
const PREVIEW_WIDTH_PX = 320;

async function fetchTimeline(
  camera: readonly string[],
  start_us: number,
  end_us: number,
  resolution_us: number,
  signal: AbortSignal,
): Promise<readonly TimelineCamera[]> {
  const path = withQuery("/api/timeline", { camera, start_us, end_us, resolution_us });
  return (await request<{ cameras: TimelineCamera[] }>("GET", path, undefined, signal)).cameras;
}

export function previewUrl(camera: string, at_us: number, width = PREVIEW_WIDTH_PX): string {
  return withQuery(`/api/cameras/${encodeURIComponent(camera)}/previews`, { at_us: Math.round(at_us), width });
}

async function fetchPreview(camera: string, at_us: number, signal: AbortSignal) {
  const response = await fetch(previewUrl(camera, at_us), { credentials: "same-origin", signal });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`preview ${response.status}`);
  const time_us = Number(response.headers.get("X-Basira-Time-Us") ?? at_us);
  return { picture: await response.blob(), time_us };
}

export class Desk {
  readonly clock: MasterClock;
  readonly tiles: TileStore;
  readonly previews: PreviewCache;
  /** Recorded time begins no earlier; set from the site's retention. */
  oldest_us: number;
  /** Not React state: it changes with every movement of the hand. */
  private shown: View;
  private readonly viewListeners = new Set<(byHand: boolean) => void>();
  private current: DeskState = { cameras: [], focused: null, selection: null, selecting: false, dialog: null };
  private readonly listeners = new Set<() => void>();

  constructor() {
    const monotonic_ms = () => performance.now();
    const now_us = () => serverClock.now_us();
    this.clock = new MasterClock(monotonic_ms, () => now_us() - EDGE_BEHIND_US);
    this.tiles = new TileStore(fetchTimeline, monotonic_ms, now_us);
    this.previews = new PreviewCache(fetchPreview);
    const width_px = 1000;
    this.oldest_us = now_us() - 30 * DAY_US;
    this.shown = {
      start_us: now_us() - 2 * HOUR_US * 0.9,
      us_per_px: (2 * HOUR_US) / width_px,
      width_px,
      direction: "rtl",
    };
  }

  get view(): View {
    return this.shown;
  }

  get edge_us(): number {
    return serverClock.now_us();
  }

  bounds(): Bounds {
    return { min_us: Math.min(this.oldest_us, this.edge_us), max_us: this.edge_us };
  }

  /** `byHand`: a person moved it, so it is not moved under their hand to follow the playhead. */
  setView(view: View, byHand = true): void {
    this.shown = byHand ? withinBounds(view, this.bounds()) : view;
    this.viewListeners.forEach((listener) => listener(byHand));
  }

  onView(listener: (byHand: boolean) => void): () => void {
    this.viewListeners.add(listener);
    return () => this.viewListeners.delete(listener);
  }

  /** Recorded time begins here at the earliest. */
  setOldest(oldest_us: number): void {
    this.oldest_us = oldest_us;
  }

  get state(): DeskState {
    return this.current;
  }

  set(change: Partial<DeskState>): void {
    this.current = { ...this.current, ...change };
    this.listeners.forEach((listener) => listener());
  }

  show(cameras: readonly string[], focused: string | null): void {
    const { cameras: before, focused: was } = this.current;
    if (was === focused && before.length === cameras.length && before.every((id, at) => id === cameras[at])) return;
    this.set({ cameras, focused });
  }

  /** One end of the selection at an instant; the other stays, or lies at the playhead. */
  markEnd(end: "start" | "end", us: number): void {
    const { selection } = this.current;
    const start_us = end === "start" ? us : (selection?.start_us ?? us);
    const end_us = end === "end" ? us : (selection?.end_us ?? us);
    this.set({ selection: { start_us: Math.min(start_us, end_us), end_us: Math.max(start_us, end_us) } });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export const desk = new Desk();

const DeskContext = createContext(desk);

export function useDesk(): Desk {
  return useContext(DeskContext);
}

export function useDeskState(): DeskState {
  const { subscribe, read } = useStore(useDesk());
  return useSyncExternalStore(subscribe, read);
}

function useStore(from: Desk) {
  const subscribe = useCallback((listener: () => void) => from.subscribe(listener), [from]);
  const read = useCallback(() => from.state, [from]);
  return { subscribe, read };
}

export function useClockState() {
  const { clock } = useDesk();
  const subscribe = useCallback((listener: () => void) => clock.subscribe(listener), [clock]);
  return useSyncExternalStore(subscribe, () => clock.state);
}
