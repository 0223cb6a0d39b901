/** The timeline's colours and hatch, read from the theme's custom properties when the theme changes. */

export interface Palette {
  ground: string;
  surface: string;
  line: string;
  lineStrong: string;
  text: string;
  muted: string;
  accent: string;
  amber: string;
  recorded: string;
  event: string;
  eventQuiet: string;
  hold: string;
  future: string;
  gap: CanvasPattern | string;
}

const HATCH_PX = 8;

/** Diagonal lines that tile without a seam. */
function hatch(context: CanvasRenderingContext2D, colour: string, scale: number): CanvasPattern | string {
  const tile = document.createElement("canvas");
  const size = HATCH_PX * scale;
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext("2d");
  if (!pen) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5 * scale;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - scale, size + scale);
    pen.lineTo(shift + size + scale, -scale);
    pen.stroke();
  }
  const pattern = context.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern ?? colour;
}

export function readPalette(element: Element, context: CanvasRenderingContext2D, scale: number): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ground: colour("--ground"),
    surface: colour("--surface"),
    line: colour("--line"),
    lineStrong: colour("--line-strong"),
    text: colour("--text"),
    muted: colour("--muted"),
    accent: colour("--accent"),
    amber: colour("--amber"),
    recorded: colour("--timeline-recorded"),
    event: colour("--timeline-event"),
    eventQuiet: colour("--timeline-event-quiet"),
    hold: colour("--timeline-hold"),
    future: colour("--timeline-future"),
    gap: hatch(context, colour("--timeline-gap"), scale),
  };
}
