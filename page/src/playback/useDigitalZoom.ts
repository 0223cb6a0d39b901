import { type CSSProperties, type RefObject, useEffect, useState } from "react";

interface Zoom {
  factor: number;
  /** Shift of the picture's centre, in pixels of the screen. */
  x: number;
  y: number;
}

const WHOLE: Zoom = { factor: 1, x: 0, y: 0 };
const LARGEST = 8;
const WHEEL = 0.002;

function kept(zoom: Zoom, width: number, height: number): Zoom {
  const factor = Math.min(Math.max(zoom.factor, 1), LARGEST);
  const reach = { x: ((factor - 1) * width) / 2, y: ((factor - 1) * height) / 2 };
  return {
    factor,
    x: Math.min(Math.max(zoom.x, -reach.x), reach.x),
    y: Math.min(Math.max(zoom.y, -reach.y), reach.y),
  };
}

/** Wheel enlarges the picture around the pointer, dragging moves it; a picture is never moved off its frame. */
export function useDigitalZoom(element: RefObject<HTMLElement | null>): {
  factor: number;
  style: CSSProperties | undefined;
  reset: () => void;
} {
  const [zoom, setZoom] = useState(WHOLE);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let drag: { x: number; y: number } | null = null;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = target.getBoundingClientRect();
      const from = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
      setZoom((before) => {
        const factor = Math.min(Math.max(before.factor * Math.exp(-event.deltaY * WHEEL), 1), LARGEST);
        const grown = factor / before.factor;
        const x = from.x - (from.x - before.x) * grown;
        const y = from.y - (from.y - before.y) * grown;
        return kept({ factor, x, y }, box.width, box.height);
      });
    };
    const onDown = (event: PointerEvent) => {
      if (event.button === 0) drag = { x: event.clientX, y: event.clientY };
    };
    const onMove = (event: PointerEvent) => {
      if (!drag || event.buttons === 0) {
        drag = null;
        return;
      }
      const moved = { x: event.clientX - drag.x, y: event.clientY - drag.y };
      drag = { x: event.clientX, y: event.clientY };
      const box = target.getBoundingClientRect();
      setZoom((before) =>
        before.factor === 1
          ? before
          : kept({ ...before, x: before.x + moved.x, y: before.y + moved.y }, box.width, box.height),
      );
    };
    target.addEventListener("wheel", onWheel, { passive: false });
    target.addEventListener("pointerdown", onDown);
    target.addEventListener("pointermove", onMove);
    return () => {
      target.removeEventListener("wheel", onWheel);
      target.removeEventListener("pointerdown", onDown);
      target.removeEventListener("pointermove", onMove);
    };
  }, [element]);
  return {
    factor: zoom.factor,
    style: zoom.factor === 1 ? undefined : { transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.factor})` },
    reset: () => setZoom(WHOLE),
  };
}
