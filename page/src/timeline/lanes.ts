/** Where each camera's lane lies, and what is found at a point of it. Pixels from the canvas's top. */

import type { Gap, TimelineCamera } from "../api/shapes";

export const RULER_PX = 26;
const TALLEST_LANE_PX = 30;
const SHORTEST_LANE_PX = 11;
const LANES_HEIGHT_PX = 176;

export interface Lane {
  readonly camera: string;
  readonly top: number;
  readonly height: number;
}

export function lanesOf(cameras: readonly string[]): Lane[] {
  const height = Math.floor(
    Math.min(Math.max(LANES_HEIGHT_PX / Math.max(cameras.length, 1), SHORTEST_LANE_PX), TALLEST_LANE_PX),
  );
  return cameras.map((camera, at) => ({ camera, top: RULER_PX + at * height, height }));
}

export function heightOf(lanes: readonly Lane[]): number {
  const last = lanes.at(-1);
  return last ? last.top + last.height : RULER_PX + TALLEST_LANE_PX;
}

export function laneAt(lanes: readonly Lane[], y: number): Lane | undefined {
  return lanes.find((lane) => y >= lane.top && y < lane.top + lane.height);
}

export type ClassGroup = "person" | "vehicle" | "other";

const VEHICLES = new Set(["bicycle", "car", "motorcycle", "bus", "truck", "train", "boat"]);

export function groupOf(name: string): ClassGroup {
  if (name === "person") return "person";
  return VEHICLES.has(name) ? "vehicle" : "other";
}

export type TimelineEvent = TimelineCamera["events"][number];

export type Hit =
  | { kind: "event"; event: TimelineEvent }
  | { kind: "count"; counts: { class: string; count: number }[] }
  | { kind: "hold"; hold: TimelineCamera["holds"][number] }
  | { kind: "gap"; gap: Gap }
  | { kind: "recorded" }
  | { kind: "nothing" };

/** What matters most within `tolerance_us` of an instant: an alert, an event, a gap, a hold, footage. */
export function hitAt(lane: TimelineCamera, us: number, tolerance_us: number, cell_us: number): Hit {
  const near = (span: { start_us: number; end_us: number }): boolean =>
    span.start_us - tolerance_us <= us && us <= span.end_us + tolerance_us;
  const events = lane.events.filter(near);
  const event = events.find((each) => each.alert) ?? events[0];
  if (event) return { kind: "event", event };
  const counts = lane.event_counts.filter((each) => each.start_us <= us && us < each.start_us + cell_us);
  if (counts.length > 0) return { kind: "count", counts };
  const gap = lane.gaps.find(near);
  if (gap) return { kind: "gap", gap };
  const hold = lane.holds.find(near);
  if (hold) return { kind: "hold", hold };
  return lane.spans.some(near) ? { kind: "recorded" } : { kind: "nothing" };
}
