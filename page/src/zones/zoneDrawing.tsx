import { type KeyboardEvent, type PointerEvent, useRef } from "react";

import type { Zone } from "../api/shapes";
import { useFormat } from "../format/format";
import { useWords } from "../words/language";
import { addPointAfter, middleAfter, moveAll, movePoint, type Point, removePoint } from "./polygon";
import styles from "./zones.module.css";

const STEP = 0.01;
const FINE_STEP = 0.002;
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Width of the drawing in its own units; the height follows the picture. */
const WIDTH = 1600;

interface Props {
  zones: Zone[];
  chosen: number | null;
  aspect: number;
  onChoose: (index: number) => void;
  onChange: (polygon: Point[]) => void;
}

/** The zones over the picture. The chosen one has handles: drag them, or focus them and use arrows, Insert and Delete. */
export function ZoneDrawing({ zones, chosen, aspect, onChoose, onChange }: Props) {
  const t = useWords();
  const height = WIDTH / aspect;
  const zone = chosen === null ? undefined : zones[chosen];
  return (
    <svg className={styles.drawing} viewBox={`0 0 ${WIDTH} ${height}`} role="group" aria-label={t("zones.drawing")}>
      <defs>
        <pattern id="ignored" width="16" height="16" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="16" className={styles.ignoredStripe} />
        </pattern>
      </defs>
      {zones.map((one, index) => (
        <polygon
          key={one.id || index}
          className={styles.zone}
          data-kind={one.kind}
          data-chosen={index === chosen ? "yes" : "no"}
          data-enabled={one.enabled ? "yes" : "no"}
          points={one.polygon.map(([x, y]) => `${x * WIDTH},${y * height}`).join(" ")}
          onPointerDown={() => onChoose(index)}
        />
      ))}
      {zone && <Handles polygon={zone.polygon} height={height} onChange={onChange} />}
    </svg>
  );
}

/** Follows the pointer from press to release, in fractions of the picture. */
function useDrag(onMove: (to: Point, from: Point) => void) {
  const last = useRef<Point | null>(null);
  const at = (event: PointerEvent<SVGElement>): Point => {
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
    return box ? [(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height] : [0, 0];
  };
  return {
    onPointerDown: (event: PointerEvent<SVGElement>) => {
      event.stopPropagation();
      event.currentTarget.setPointerCapture(event.pointerId);
      last.current = at(event);
    },
    onPointerMove: (event: PointerEvent<SVGElement>) => {
      if (!last.current) return;
      const to = at(event);
      onMove(to, last.current);
      last.current = to;
    },
    onPointerUp: () => {
      last.current = null;
    },
  };
}

function Handles({ polygon, height, onChange }: { polygon: Point[]; height: number; onChange: (p: Point[]) => void }) {
  const t = useWords();
  const dragAll = useDrag((to, from) => onChange(moveAll(polygon, to[0] - from[0], to[1] - from[1])));
  const moveByKeys = (event: KeyboardEvent) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? FINE_STEP : STEP;
    onChange(moveAll(polygon, way[0] * step, way[1] * step));
  };
  return (
    <>
      <polygon
        className={styles.body}
        tabIndex={0}
        role="button"
        aria-label={t("zones.whole")}
        points={polygon.map(([x, y]) => `${x * WIDTH},${y * height}`).join(" ")}
        onKeyDown={moveByKeys}
        {...dragAll}
      />
      {polygon.map((_, index) => (
        <Middle key={`m${index}`} polygon={polygon} index={index} height={height} onChange={onChange} />
      ))}
      {polygon.map((_, index) => (
        <Corner key={`c${index}`} polygon={polygon} index={index} height={height} onChange={onChange} />
      ))}
    </>
  );
}

interface HandleProps {
  polygon: Point[];
  index: number;
  height: number;
  onChange: (polygon: Point[]) => void;
}

function Corner({ polygon, index, height, onChange }: HandleProps) {
  const t = useWords();
  const format = useFormat();
  const [x, y] = polygon[index] ?? [0, 0];
  const drag = useDrag((to) => onChange(movePoint(polygon, index, to)));
  const onKeyDown = (event: KeyboardEvent) => {
    const way = ARROWS[event.key];
    const step = event.shiftKey ? FINE_STEP : STEP;
    if (way) onChange(movePoint(polygon, index, [x + way[0] * step, y + way[1] * step]));
    else if (event.key === "Delete" || event.key === "Backspace") onChange(removePoint(polygon, index));
    else if (event.key === "Insert" || event.key === "+") onChange(addPointAfter(polygon, index));
    else return;
    event.preventDefault();
  };
  return (
    <g
      className={styles.corner}
      tabIndex={0}
      role="button"
      aria-label={t("zones.corner", {
        number: index + 1,
        x: format.percent(x),
        y: format.percent(y),
      })}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onChange(removePoint(polygon, index))}
      {...drag}
    >
      <circle className={styles.reach} cx={x * WIDTH} cy={y * height} r={28} />
      <circle className={styles.knob} cx={x * WIDTH} cy={y * height} r={12} />
    </g>
  );
}

/** Between two corners: pressing it makes a new corner there. */
function Middle({ polygon, index, height, onChange }: HandleProps) {
  const [x, y] = middleAfter(polygon, index);
  return (
    <circle
      className={styles.middle}
      aria-hidden
      cx={x * WIDTH}
      cy={y * height}
      r={8}
      onPointerDown={(event) => {
        event.stopPropagation();
        onChange(addPointAfter(polygon, index));
      }}
    />
  );
}
