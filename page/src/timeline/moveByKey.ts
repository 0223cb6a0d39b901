/** The keys of the focused timeline. Left and right mean what is drawn to the left and right, in either direction. */

import type { Desk } from "./desk";
import { centredOn, dragBy, rightwards, xOf, zoomAround } from "./view";
import { SECOND_US } from "./zoneTime";

interface Press {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const ZOOM_STEP = 1.6;
const SHIFT_PX = 40;

/** True when the key was the timeline's. */
export function moveByKey(press: Press, desk: Desk): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey) return false;
  const { clock, view } = desk;
  const later = rightwards(view.direction);
  switch (press.key) {
    case "ArrowLeft":
      clock.nudge(-later * (press.shiftKey ? SHIFT_PX * view.us_per_px : SECOND_US));
      return true;
    case "ArrowRight":
      clock.nudge(later * (press.shiftKey ? SHIFT_PX * view.us_per_px : SECOND_US));
      return true;
    case "ArrowUp":
    case "+":
    case "=":
      zoomAtPlayhead(desk, 1 / ZOOM_STEP);
      return true;
    case "ArrowDown":
    case "-":
      zoomAtPlayhead(desk, ZOOM_STEP);
      return true;
    case "PageUp":
      desk.setView(dragBy(view, view.width_px * 0.8 * later));
      return true;
    case "PageDown":
      desk.setView(dragBy(view, -view.width_px * 0.8 * later));
      return true;
    case "Home":
      clock.seek(desk.bounds().min_us);
      return true;
    case "End":
      clock.goLive();
      return true;
    default:
      return false;
  }
}

export function zoomAtPlayhead(desk: Desk, factor: number): void {
  const us = desk.clock.position_us();
  const x = xOf(desk.view, us);
  const seen = x >= 0 && x <= desk.view.width_px;
  const view = seen ? desk.view : centredOn(desk.view, us);
  desk.setView(zoomAround(view, seen ? x : view.width_px / 2, factor));
}
