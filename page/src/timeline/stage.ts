/** Keeps the two canvases of the timeline drawn: lanes when they change, playhead and hand on every frame that moves. */

import type { Desk } from "./desk";
import { drawOverlay, drawScene } from "./draw";
import { heightOf, type Lane, lanesOf } from "./lanes";
import { type Palette, readPalette } from "./palette";
import { type Tick, ticksOf } from "./ticks";
import { type Direction, endOf, following, resized, type View, xOf } from "./view";

export interface Appearance {
  zone: string;
  direction: Direction;
  textDirection: "rtl" | "ltr";
  font: string;
  labelOf: (tick: Tick, view: View) => string;
  dayLabelOf: (us: number) => string;
}

const REQUEST_EVERY_MS = 120;
const REFRESH_EVERY_MS = 1_000;
const HANDS_OFF_MS = 3_000;

export class Stage {
  lanes: readonly Lane[] = [];
  private hover_x: number | null = null;
  private appearance: Appearance | null = null;
  private palette: Palette | null = null;
  private scale = 1;
  private dirty = true;
  private overlayDirty = true;
  private drawnPlayhead_px = NaN;
  private playheadWasSeen = true;
  private seeks = -1;
  private touched_ms = -Infinity;
  private requested_ms = -Infinity;
  private refreshed_ms = -Infinity;
  private frame = 0;
  private readonly unsubscribe: (() => void)[];

  constructor(
    private readonly base: HTMLCanvasElement,
    private readonly over: HTMLCanvasElement,
    private readonly desk: Desk,
  ) {
    this.unsubscribe = [
      desk.subscribe(() => this.refreshLanes()),
      desk.tiles.subscribe(() => this.invalidate()),
      desk.clock.subscribe(() => (this.overlayDirty = true)),
      desk.onView((byHand) => this.viewChanged(byHand)),
    ];
    this.refreshLanes();
    this.frame = requestAnimationFrame(this.tick);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.unsubscribe.forEach((stop) => stop());
  }

  get height_px(): number {
    return heightOf(this.lanes);
  }

  appear(appearance: Appearance): void {
    this.appearance = appearance;
    this.palette = null;
    if (this.desk.view.direction !== appearance.direction) {
      this.desk.setView({ ...this.desk.view, direction: appearance.direction }, false);
    }
    this.invalidate();
  }

  resize(width_px: number): void {
    this.scale = window.devicePixelRatio || 1;
    this.desk.setView(resized(this.desk.view, Math.max(1, Math.round(width_px))), false);
    for (const canvas of [this.base, this.over]) {
      canvas.width = this.desk.view.width_px * this.scale;
      canvas.height = this.height_px * this.scale;
      canvas.style.inlineSize = `${this.desk.view.width_px}px`;
      canvas.style.blockSize = `${this.height_px}px`;
    }
    this.palette = null;
    this.invalidate();
  }

  /** Where the pointer is, in pixels from the left; null when it has left. */
  hoverAt(x: number | null): void {
    this.hover_x = x;
    this.overlayDirty = true;
  }

  invalidate(): void {
    this.dirty = true;
    this.overlayDirty = true;
  }

  private viewChanged(byHand: boolean): void {
    if (byHand) {
      this.touched_ms = performance.now();
      this.playheadWasSeen = this.sees(this.desk.clock.position_us());
    }
    this.invalidate();
  }

  private playheadX(): number {
    return xOf(this.desk.view, this.desk.clock.position_us());
  }

  private refreshLanes(): void {
    const before = this.height_px;
    this.lanes = lanesOf(this.desk.state.cameras);
    if (this.height_px !== before || this.base.height === 0) this.resize(this.desk.view.width_px);
    this.requested_ms = -Infinity;
    this.invalidate();
  }

  private sees(us: number): boolean {
    return us >= this.desk.view.start_us && us <= endOf(this.desk.view);
  }

  private follow(now_ms: number): void {
    const { clock } = this.desk;
    const us = clock.position_us();
    const sought = clock.state.seeks !== this.seeks;
    this.seeks = clock.state.seeks;
    if (now_ms - this.touched_ms < HANDS_OFF_MS && !(sought && !this.sees(us))) return;
    if (!this.playheadWasSeen && !sought) return;
    const view = following(this.desk.view, us);
    this.playheadWasSeen = true;
    if (view === this.desk.view) return;
    this.desk.setView(view, false);
  }

  private readonly tick = (now_ms: number): void => {
    this.frame = requestAnimationFrame(this.tick);
    const { clock, tiles, state } = this.desk;
    clock.settle();
    this.follow(now_ms);
    if (now_ms - this.refreshed_ms > REFRESH_EVERY_MS) {
      this.refreshed_ms = now_ms;
      this.dirty = true;
    }
    const playhead_px = Math.round(this.playheadX() * this.scale);
    if (playhead_px !== this.drawnPlayhead_px) this.overlayDirty = true;
    if (this.dirty && now_ms - this.requested_ms > REQUEST_EVERY_MS) {
      this.requested_ms = now_ms;
      tiles.want(this.desk.view, state.cameras);
    }
    if (this.dirty) this.drawLanes();
    if (this.overlayDirty) this.drawOver(playhead_px);
  };

  private drawLanes(): void {
    const pen = this.base.getContext("2d", { alpha: false });
    const { appearance } = this;
    if (!pen || !appearance) return;
    this.dirty = false;
    this.palette ??= readPalette(this.base, pen, this.scale);
    const { view, tiles, state } = this.desk;
    pen.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    drawScene(pen, {
      view,
      lanes: this.lanes,
      pieces: (camera) => tiles.pieces(view, camera),
      ticks: ticksOf(view, appearance.zone),
      labelOf: (tick) => appearance.labelOf(tick, view),
      dayLabel: appearance.dayLabelOf(view.start_us),
      focused: state.cameras.length > 1 ? state.focused : null,
      edge_us: this.desk.edge_us,
      height_px: this.height_px,
      font: appearance.font,
      textDirection: appearance.textDirection,
      palette: this.palette,
    });
  }

  private drawOver(playhead_px: number): void {
    const pen = this.over.getContext("2d");
    if (!pen || !this.palette) return;
    this.overlayDirty = false;
    this.drawnPlayhead_px = playhead_px;
    pen.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    drawOverlay(pen, {
      view: this.desk.view,
      height_px: this.height_px,
      playhead_us: this.desk.clock.position_us(),
      live: this.desk.clock.state.live,
      hover_x: this.hover_x,
      selection: this.desk.state.selection,
      palette: this.palette,
    });
  }
}
