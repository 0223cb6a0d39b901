import { useEffect, useRef } from "react";

import type { DetectedEvent } from "../api/shapes";
import type { MasterClock } from "../playback/masterClock";
import styles from "./events.module.css";
import { boxAt, footPoints } from "./path";

/** The path over the moving picture: the whole way faint, the box where it is at this instant. */
export function PathOverlay({
  event,
  clock,
  width,
  height,
}: {
  event: DetectedEvent;
  clock: MasterClock;
  width: number;
  height: number;
}) {
  const box = useRef<SVGRectElement>(null);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      const rect = box.current;
      const now = boxAt(event.path, clock.position_us());
      if (!rect) return;
      rect.style.visibility = now ? "visible" : "hidden";
      if (!now) return;
      rect.setAttribute("x", String(now[0] * width));
      rect.setAttribute("y", String(now[1] * height));
      rect.setAttribute("width", String((now[2] - now[0]) * width));
      rect.setAttribute("height", String((now[3] - now[1]) * height));
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [clock, event.path, height, width]);
  return (
    <svg
      className={styles.overlay}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden
      data-alert={event.alert ? "yes" : "no"}
    >
      <polyline
        className={styles.way}
        points={footPoints(event.path, width, height)}
        vectorEffect="non-scaling-stroke"
      />
      <rect ref={box} className={styles.box} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
