/** Polygons in fractions of the picture: x to the right, y down, never mirrored. */
export type Point = [number, number];

export const FEWEST_POINTS = 3;
export const MOST_POINTS = 64;

/** A new zone: the middle of the picture, to be pulled into shape. */
export const FIRST_POLYGON: Point[] = [
  [0.3, 0.35],
  [0.7, 0.35],
  [0.7, 0.8],
  [0.3, 0.8],
];

const within = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

export function movePoint(polygon: Point[], index: number, [x, y]: Point): Point[] {
  return polygon.map((point, at) => (at === index ? [within(x), within(y)] : point));
}

/** Moves all points by the same way, as far as the picture's edges allow. */
export function moveAll(polygon: Point[], dx: number, dy: number): Point[] {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const x = Math.min(1 - Math.max(...xs), Math.max(-Math.min(...xs), dx));
  const y = Math.min(1 - Math.max(...ys), Math.max(-Math.min(...ys), dy));
  return polygon.map(([px, py]) => [within(px + x), within(py + y)]);
}

/** The point between `index` and the next one. */
export function middleAfter(polygon: Point[], index: number): Point {
  const [ax, ay] = polygon[index] ?? [0, 0];
  const [bx, by] = polygon[(index + 1) % polygon.length] ?? [0, 0];
  return [(ax + bx) / 2, (ay + by) / 2];
}

export function addPointAfter(polygon: Point[], index: number): Point[] {
  if (polygon.length >= MOST_POINTS) return polygon;
  return polygon.toSpliced(index + 1, 0, middleAfter(polygon, index));
}

export function removePoint(polygon: Point[], index: number): Point[] {
  return polygon.length <= FEWEST_POINTS ? polygon : polygon.toSpliced(index, 1);
}

function turn([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}

/** Whether two of its sides cross: such a polygon has no clear inside. */
export function crossesItself(polygon: Point[]): boolean {
  const sides = polygon.map((point, index): [Point, Point] => [point, polygon[(index + 1) % polygon.length] ?? point]);
  return sides.some(([a, b], i) =>
    sides.some(([c, d], j) => {
      const apart = Math.abs(i - j);
      if (j <= i || apart === 1 || apart === sides.length - 1) return false;
      return turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
    }),
  );
}
