/** Draws the lanes and the ruler. Only what is visible is touched; each colour is filled once per lane. */

import type { TimelineCamera } from "../api/shapes";
import { type ClassGroup, groupOf, type Lane, RULER_PX, type TimelineEvent } from "./lanes";
import type { Palette } from "./palette";
import type { Tick } from "./ticks";
import { endOf, type View, xOf } from "./view";

export interface LanePiece {
  lane: TimelineCamera;
  start_us: number;
  end_us: number;
}

export interface Scene {
  view: View;
  lanes: readonly Lane[];
  pieces: (camera: string) => readonly LanePiece[];
  ticks: readonly Tick[];
  labelOf: (tick: Tick) => string;
  /** Names the day at the early end of the ruler. */
  dayLabel: string;
  focused: string | null;
  edge_us: number;
  height_px: number;
  font: string;
  textDirection: CanvasDirection;
  palette: Palette;
}

type Pen = CanvasRenderingContext2D;

/** A gap shorter than this is widened: no gap is ever too short to be seen. */
const GAP_MINIMUM_PX = 2;
const EVENT_MINIMUM_PX = 3;
/** Person above, vehicle in the middle, the rest below: position and shape tell classes apart without colour. */
const GROUP_PLACE: Record<ClassGroup, number> = { person: 0.24, vehicle: 0.5, other: 0.76 };

/** Left edge and width on whole pixels, so that neighbouring pieces leave no seam. */
function extent(view: View, start_us: number, end_us: number, minimum_px = 0): [number, number] {
  const a = xOf(view, Math.max(start_us, view.start_us - view.us_per_px * 8));
  const b = xOf(view, Math.min(end_us, endOf(view) + view.us_per_px * 8));
  const left = Math.floor(Math.min(a, b));
  return [left, Math.max(Math.ceil(Math.max(a, b)) - left, minimum_px)];
}

function bars(
  pen: Pen,
  view: View,
  spans: readonly { start_us: number; end_us: number }[],
  top: number,
  height: number,
  minimum_px: number,
): void {
  pen.beginPath();
  for (const span of spans) {
    if (span.end_us < view.start_us || span.start_us > endOf(view)) continue;
    const [left, width] = extent(view, span.start_us, span.end_us, minimum_px);
    pen.rect(left, top, width, height);
  }
  pen.fill();
}

function within(piece: LanePiece, spans: readonly { start_us: number; end_us: number }[]) {
  return spans
    .map((span) => ({
      start_us: Math.max(span.start_us, piece.start_us),
      end_us: Math.min(span.end_us, piece.end_us),
    }))
    .filter((span) => span.end_us > span.start_us);
}

function mark(pen: Pen, group: ClassGroup, x: number, y: number, size: number): void {
  pen.beginPath();
  if (group === "person") pen.arc(x, y, size / 2, 0, Math.PI * 2);
  else if (group === "vehicle") pen.rect(x - size / 2, y - size / 2, size, size);
  else {
    pen.moveTo(x, y - size * 0.65);
    pen.lineTo(x + size * 0.65, y);
    pen.lineTo(x, y + size * 0.65);
    pen.lineTo(x - size * 0.65, y);
    pen.closePath();
  }
  pen.fill();
}

function drawEvents(pen: Pen, scene: Scene, lane: Lane, events: readonly TimelineEvent[]): void {
  const { view, palette } = scene;
  const thickness = Math.max(2, Math.round(lane.height * 0.14));
  for (const event of events) {
    const group = groupOf(event.class);
    const y = lane.top + lane.height * GROUP_PLACE[group];
    const [left, width] = extent(view, event.start_us, event.end_us, EVENT_MINIMUM_PX);
    pen.fillStyle = event.alert ? palette.amber : palette.event;
    pen.fillRect(left, Math.round(y - thickness / 2), width, thickness);
    if (width >= 10 && lane.height >= 12)
      mark(pen, group, xOf(view, event.start_us), y, Math.min(lane.height * 0.3, 8));
    if (event.alert) flag(pen, xOf(view, event.start_us), lane);
  }
}

/** An alert stands over the whole lane and carries a triangle. */
function flag(pen: Pen, x: number, lane: Lane): void {
  pen.fillRect(Math.round(x) - 1, lane.top + 1, 2, lane.height - 2);
  pen.beginPath();
  pen.moveTo(x - 5, lane.top + 1);
  pen.lineTo(x + 5, lane.top + 1);
  pen.lineTo(x, lane.top + 8);
  pen.closePath();
  pen.fill();
}

function drawCounts(pen: Pen, scene: Scene, lane: Lane, piece: LanePiece): void {
  const { view, palette } = scene;
  const cells = new Map<number, { x: number; count: number; group: ClassGroup }>();
  for (const { start_us, class: name, count } of piece.lane.event_counts) {
    if (start_us < piece.start_us || start_us >= piece.end_us) continue;
    const group = groupOf(name);
    const x = Math.floor(xOf(view, start_us));
    const key = x * 4 + (group === "person" ? 0 : group === "vehicle" ? 1 : 2);
    const cell = cells.get(key);
    if (cell) cell.count += count;
    else cells.set(key, { x, count, group });
  }
  pen.fillStyle = palette.event;
  pen.beginPath();
  for (const { x, count, group } of cells.values()) {
    const tall = Math.min(lane.height * 0.3, 2 + Math.log2(1 + count) * 1.5);
    pen.rect(x, Math.round(lane.top + lane.height * GROUP_PLACE[group] - tall / 2), 2, Math.ceil(tall));
  }
  pen.fill();
}

/** A hold is a bracket around its footage, open to neither side. */
function drawHolds(pen: Pen, scene: Scene, lane: Lane, holds: readonly { start_us: number; end_us: number }[]): void {
  if (holds.length === 0) return;
  pen.fillStyle = scene.palette.hold;
  const bottom = lane.top + lane.height - 1;
  for (const hold of holds) {
    if (hold.end_us < scene.view.start_us || hold.start_us > endOf(scene.view)) continue;
    const [left, width] = extent(scene.view, hold.start_us, hold.end_us, 4);
    pen.fillRect(left, bottom - 2, width, 2);
    pen.fillRect(left, lane.top + 1, 2, lane.height - 2);
    pen.fillRect(left + width - 2, lane.top + 1, 2, lane.height - 2);
  }
}

function drawLane(pen: Pen, scene: Scene, lane: Lane): void {
  const { view, palette } = scene;
  const pieces = scene.pieces(lane.camera);
  const inset = lane.height >= 18 ? 3 : 1;
  const top = lane.top + inset;
  const height = lane.height - inset * 2;
  if (lane.camera === scene.focused) {
    pen.fillStyle = palette.surface;
    pen.fillRect(0, lane.top, view.width_px, lane.height);
  }
  pen.fillStyle = palette.recorded;
  for (const piece of pieces) {
    // Whatever an answer says, nothing is recorded of the future.
    const past = { ...piece, end_us: Math.min(piece.end_us, scene.edge_us) };
    bars(pen, view, within(past, piece.lane.spans), top, height, 1);
  }
  for (const piece of pieces) {
    const gaps = within(piece, piece.lane.gaps);
    pen.fillStyle = palette.ground;
    bars(pen, view, gaps, top, height, GAP_MINIMUM_PX);
    pen.fillStyle = palette.gap;
    bars(pen, view, gaps, top, height, GAP_MINIMUM_PX);
  }
  const events = new Map(pieces.flatMap((piece) => piece.lane.events.map((event) => [event.id, event] as const)));
  const holds = new Map(pieces.flatMap((piece) => piece.lane.holds.map((hold) => [hold.id, hold] as const)));
  for (const piece of pieces) drawCounts(pen, scene, lane, piece);
  drawEvents(
    pen,
    scene,
    lane,
    [...events.values()].sort((a, b) => Number(a.alert) - Number(b.alert)),
  );
  drawHolds(pen, scene, lane, [...holds.values()]);
  pen.fillStyle = palette.line;
  pen.fillRect(0, lane.top + lane.height - 1, view.width_px, 1);
}

function drawRuler(pen: Pen, scene: Scene): void {
  const { view, palette, ticks } = scene;
  pen.fillStyle = palette.line;
  pen.fillRect(0, RULER_PX - 1, view.width_px, 1);
  for (const tick of ticks) {
    const x = Math.round(xOf(view, tick.us));
    pen.fillStyle = tick.labelled ? palette.lineStrong : palette.line;
    const tall = tick.kind === "day" ? RULER_PX : tick.labelled ? 7 : 4;
    pen.fillRect(x, RULER_PX - tall, 1, tall);
    if (tick.labelled) {
      pen.fillStyle = palette.line;
      pen.fillRect(x, RULER_PX, 1, scene.height_px - RULER_PX);
    }
  }
  drawLabels(pen, scene);
}

function drawLabels(pen: Pen, scene: Scene): void {
  const { view, palette, ticks } = scene;
  pen.font = scene.font;
  pen.textBaseline = "middle";
  pen.direction = scene.textDirection;
  pen.textAlign = "left";
  const early = view.direction === "ltr";
  const dayWidth = pen.measureText(scene.dayLabel).width;
  const taken: [number, number][] = [early ? [0, dayWidth + 14] : [view.width_px - dayWidth - 14, view.width_px]];
  pen.fillStyle = palette.text;
  pen.fillText(scene.dayLabel, early ? 6 : view.width_px - dayWidth - 6, RULER_PX / 2 - 2);
  for (const kind of ["day", "hour", "second"] as const) {
    pen.fillStyle = kind === "day" ? palette.text : palette.muted;
    for (const tick of ticks) {
      if (!tick.labelled || tick.kind !== kind) continue;
      const label = scene.labelOf(tick);
      const width = pen.measureText(label).width;
      const left = xOf(view, tick.us) - width / 2;
      if (left < 2 || left + width > view.width_px - 2) continue;
      if (taken.some(([from, to]) => left < to + 6 && left + width > from - 6)) continue;
      taken.push([left, left + width]);
      pen.fillText(label, left, RULER_PX / 2 - 2);
    }
  }
}

/** Time that has not come yet. */
function drawFuture(pen: Pen, scene: Scene): void {
  const { view, palette } = scene;
  if (endOf(view) <= scene.edge_us) return;
  const [left, width] = extent(view, scene.edge_us, endOf(view));
  pen.fillStyle = palette.future;
  pen.fillRect(left, RULER_PX, width, scene.height_px - RULER_PX);
  const x = Math.round(xOf(view, scene.edge_us));
  pen.fillStyle = palette.muted;
  for (let y = RULER_PX; y < scene.height_px; y += 6) pen.fillRect(x, y, 1, 3);
}

export function drawScene(pen: Pen, scene: Scene): void {
  pen.fillStyle = scene.palette.ground;
  pen.fillRect(0, 0, scene.view.width_px, scene.height_px);
  drawRuler(pen, scene);
  for (const lane of scene.lanes) drawLane(pen, scene, lane);
  drawFuture(pen, scene);
}

export interface Overlay {
  view: View;
  height_px: number;
  playhead_us: number;
  live: boolean;
  hover_x: number | null;
  selection: { start_us: number; end_us: number } | null;
  palette: Palette;
}

export function drawOverlay(pen: Pen, overlay: Overlay): void {
  const { view, palette, height_px } = overlay;
  pen.clearRect(0, 0, view.width_px, height_px);
  if (overlay.selection) drawSelection(pen, overlay, overlay.selection);
  if (overlay.hover_x !== null) {
    pen.fillStyle = palette.muted;
    pen.fillRect(Math.round(overlay.hover_x), 0, 1, height_px);
  }
  const x = Math.round(xOf(view, overlay.playhead_us));
  if (x < -10 || x > view.width_px + 10) return;
  pen.fillStyle = palette.accent;
  pen.fillRect(x - 1, 0, 2, height_px);
  pen.beginPath();
  pen.moveTo(x - 7, 0);
  pen.lineTo(x + 7, 0);
  pen.lineTo(x + 7, 5);
  pen.lineTo(x, 13);
  pen.lineTo(x - 7, 5);
  pen.closePath();
  pen.fill();
  if (!overlay.live) return;
  pen.fillStyle = palette.ground;
  pen.beginPath();
  pen.arc(x, 5, 2.5, 0, Math.PI * 2);
  pen.fill();
}

function drawSelection(pen: Pen, overlay: Overlay, selection: { start_us: number; end_us: number }): void {
  const { view, palette, height_px } = overlay;
  const [left, width] = extent(view, selection.start_us, selection.end_us, 2);
  pen.globalAlpha = 0.2;
  pen.fillStyle = palette.accent;
  pen.fillRect(left, 0, width, height_px);
  pen.globalAlpha = 1;
  for (const x of [left, left + width - 2]) pen.fillRect(x, 0, 2, height_px);
  for (const x of [left, left + width]) {
    pen.beginPath();
    pen.roundRect(x - 4, height_px / 2 - 9, 8, 18, 3);
    pen.fill();
  }
}
