/**
 * What a hand does on the timeline, told as changes of view, playhead and selection. Knows nothing of React or canvas,
 * so that it can be driven by tests in both directions.
 */

import { RULER_PX } from "./lanes";
import { dragBy, timeAt, type View, xOf, zoomAround } from "./view";

export interface Selection {
  start_us: number;
  end_us: number;
}

export interface Surface {
  view: () => View;
  setView: (view: View) => void;
  playhead_us: () => number;
  selection: () => Selection | null;
  setSelection: (selection: Selection | null, y: number) => void;
  /** A place under the hand while scrubbing; `final` when it let go. */
  scrub: (us: number, final: boolean) => void;
  tap: (us: number, y: number) => void;
  selecting: () => boolean;
}

interface Hand {
  id: number;
  x: number;
  y: number;
}

type Action =
  | { kind: "undecided"; from: Hand }
  | { kind: "pan" }
  | { kind: "scrub" }
  | { kind: "select"; anchor_us: number }
  | { kind: "pinch"; distance: number };

const CLICK_PX = 4;
const GRAB_PX = 9;
const WHEEL_ZOOM = 0.0016;

export class Gestures {
  private hands = new Map<number, Hand>();
  private action: Action | null = null;

  constructor(private readonly surface: Surface) {}

  get busy(): boolean {
    return this.action !== null && this.action.kind !== "undecided";
  }

  get scrubbing(): boolean {
    return this.action?.kind === "scrub";
  }

  down(hand: Hand, shift: boolean): void {
    this.hands.set(hand.id, hand);
    if (this.hands.size === 2) {
      this.action = { kind: "pinch", distance: this.handDistance() };
      return;
    }
    this.action = this.actionAt(hand, shift);
    if (this.action.kind === "scrub") this.surface.scrub(this.timeUnder(hand.x), false);
  }

  move(hand: Hand): void {
    const before = this.hands.get(hand.id);
    if (!before) return;
    this.hands.set(hand.id, hand);
    const view = this.surface.view();
    if (this.action?.kind === "undecided" && Math.abs(hand.x - this.action.from.x) > CLICK_PX) {
      this.surface.setView(dragBy(view, hand.x - this.action.from.x));
      this.action = { kind: "pan" };
      return;
    }
    switch (this.action?.kind) {
      case "pan":
        this.surface.setView(dragBy(view, hand.x - before.x));
        break;
      case "scrub":
        this.surface.scrub(this.timeUnder(hand.x), false);
        break;
      case "select":
        this.surface.setSelection(ordered(this.action.anchor_us, this.timeUnder(hand.x)), hand.y);
        break;
      case "pinch":
        this.pinch(this.action.distance, hand.x - before.x);
        break;
    }
  }

  up(hand: Hand): void {
    this.hands.delete(hand.id);
    const action = this.action;
    this.action = this.hands.size > 0 ? { kind: "pan" } : null;
    if (action?.kind === "undecided") this.surface.tap(this.timeUnder(hand.x), hand.y);
    if (action?.kind === "scrub") this.surface.scrub(this.timeUnder(hand.x), true);
    const selection = this.surface.selection();
    if (action?.kind === "select" && selection && this.pixels(selection) < CLICK_PX) {
      this.surface.setSelection(null, hand.y);
    }
  }

  cancel(): void {
    this.hands.clear();
    this.action = null;
  }

  wheel(x: number, deltaX: number, deltaY: number, shift: boolean): void {
    const view = this.surface.view();
    const sideways = shift ? deltaY || deltaX : Math.abs(deltaX) > Math.abs(deltaY) ? deltaX : 0;
    if (sideways !== 0) this.surface.setView(dragBy(view, -sideways));
    else this.surface.setView(zoomAround(view, x, Math.exp(deltaY * WHEEL_ZOOM)));
  }

  private actionAt(hand: Hand, shift: boolean): Action {
    const view = this.surface.view();
    const selection = this.surface.selection();
    if (selection && hand.y > RULER_PX) {
      const { start_us, end_us } = selection;
      if (Math.abs(xOf(view, start_us) - hand.x) < GRAB_PX) return { kind: "select", anchor_us: end_us };
      if (Math.abs(xOf(view, end_us) - hand.x) < GRAB_PX) return { kind: "select", anchor_us: start_us };
    }
    if (shift || this.surface.selecting()) return { kind: "select", anchor_us: this.timeUnder(hand.x) };
    const nearPlayhead = Math.abs(xOf(view, this.surface.playhead_us()) - hand.x) < GRAB_PX;
    if (nearPlayhead || hand.y < RULER_PX) return { kind: "scrub" };
    return { kind: "undecided", from: hand };
  }

  private pinch(distance: number, moved: number): void {
    const now = Math.max(this.handDistance(), 1);
    const middle = [...this.hands.values()].reduce((sum, hand) => sum + hand.x, 0) / this.hands.size;
    const dragged = dragBy(this.surface.view(), moved / 2);
    this.surface.setView(zoomAround(dragged, middle, Math.max(distance, 1) / now));
    this.action = { kind: "pinch", distance: now };
  }

  private handDistance(): number {
    const [a, b] = [...this.hands.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 1;
  }

  private timeUnder(x: number): number {
    return timeAt(this.surface.view(), x);
  }

  private pixels(selection: Selection): number {
    return (selection.end_us - selection.start_us) / this.surface.view().us_per_px;
  }
}

function ordered(a: number, b: number): Selection {
  return { start_us: Math.min(a, b), end_us: Math.max(a, b) };
}
