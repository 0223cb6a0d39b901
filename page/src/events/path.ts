/** Where the detector saw the thing, at any instant of the event. */

import type { DetectedEvent } from "../api/shapes";

type Path = DetectedEvent["path"];
export type Box = readonly [number, number, number, number];

/** A box is shown this long before the first and after the last sighting. */
const LINGER_US = 400_000;

/** Between two sightings the box moves in a straight line. Undefined outside the event. */
export function boxAt(path: Path, us: number): Box | undefined {
  const first = path[0];
  const last = path.at(-1);
  if (!first || !last || us < first.t_us - LINGER_US || us > last.t_us + LINGER_US) return undefined;
  let after = path.findIndex((point) => point.t_us >= us);
  if (after < 0) after = path.length - 1;
  const b = path[after] ?? last;
  const a = path[Math.max(after - 1, 0)] ?? b;
  if (a === b || b.t_us <= a.t_us || us <= a.t_us) return us <= a.t_us ? a.box : b.box;
  const share = Math.min((us - a.t_us) / (b.t_us - a.t_us), 1);
  const mixed = a.box.map((edge, at) => edge + ((b.box[at] ?? edge) - edge) * share);
  return [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0, mixed[3] ?? 0];
}

/** The sighting that the snapshot shows. */
export function snapshotBox(event: Pick<DetectedEvent, "path" | "snapshot_us">): Box | undefined {
  let best = event.path[0];
  for (const point of event.path) {
    if (best && Math.abs(point.t_us - event.snapshot_us) < Math.abs(best.t_us - event.snapshot_us)) best = point;
  }
  return best?.box;
}

/** Where it stood: the middle of the lower edge of each box, as points of an SVG of that size. */
export function footPoints(path: Path, width: number, height: number): string {
  return path
    .map(({ box: [x0, , x1, y1] }) => `${(((x0 + x1) / 2) * width).toFixed(1)},${(y1 * height).toFixed(1)}`)
    .join(" ");
}
