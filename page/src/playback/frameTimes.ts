/**
 * When each frame of a fragment is shown, read from its `moof` boxes. It makes a step exactly one frame, also where the
 * camera's frame rate varies.
 */

const VIDEO_TRACK = 1;
/** docs/recording-format.md: track 1 is video, timescale 90000. */
const VIDEO_TIMESCALE = 90_000;

interface Box {
  type: string;
  start: number;
  end: number;
}

function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    const size32 = view.getUint32(at);
    const type = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at + 4, 4));
    const wide = size32 === 1;
    const size = wide ? Number(view.getBigUint64(at + 8)) : size32 === 0 ? end - at : size32;
    const header = wide ? 16 : 8;
    if (size < header || at + size > end) return;
    yield { type, start: at + header, end: at + size };
    at += size;
  }
}

interface TrackDefaults {
  track: number;
  duration: number;
}

function readTfhd(view: DataView, box: Box): TrackDefaults {
  const flags = view.getUint32(box.start) & 0xffffff;
  let at = box.start + 8;
  if (flags & 0x1) at += 8;
  if (flags & 0x2) at += 4;
  const duration = flags & 0x8 ? view.getUint32(at) : 0;
  return { track: view.getUint32(box.start + 4), duration };
}

function readTfdt(view: DataView, box: Box): number {
  return view.getUint8(box.start) === 1 ? Number(view.getBigUint64(box.start + 4)) : view.getUint32(box.start + 4);
}

/** Appends presentation times in ticks; returns the decode time after the last sample. */
function readTrun(view: DataView, box: Box, defaults: TrackDefaults, firstDecode: number, into: number[]): number {
  const flags = view.getUint32(box.start) & 0xffffff;
  const count = view.getUint32(box.start + 4);
  let at = box.start + 8;
  if (flags & 0x1) at += 4;
  if (flags & 0x4) at += 4;
  let decode = firstDecode;
  for (let sample = 0; sample < count; sample++) {
    let duration = defaults.duration;
    let composition = 0;
    if (flags & 0x100) {
      duration = view.getUint32(at);
      at += 4;
    }
    if (flags & 0x200) at += 4;
    if (flags & 0x400) at += 4;
    if (flags & 0x800) {
      composition = view.getInt32(at);
      at += 4;
    }
    into.push(decode + composition);
    decode += duration;
  }
  return decode;
}

/** Seconds of each video frame after the first one shown, in order. Empty when `bytes` holds no video fragment. */
export function frameOffsets(bytes: ArrayBuffer): number[] {
  const view = new DataView(bytes);
  const ticks: number[] = [];
  for (const moof of boxes(view, 0, bytes.byteLength)) {
    if (moof.type !== "moof") continue;
    for (const traf of boxes(view, moof.start, moof.end)) {
      if (traf.type === "traf") readTraf(view, traf, ticks);
    }
  }
  ticks.sort((a, b) => a - b);
  const first = ticks[0] ?? 0;
  return ticks.map((tick) => (tick - first) / VIDEO_TIMESCALE);
}

function readTraf(view: DataView, traf: Box, into: number[]): void {
  const inside = [...boxes(view, traf.start, traf.end)];
  const tfhd = inside.find((box) => box.type === "tfhd");
  const tfdt = inside.find((box) => box.type === "tfdt");
  if (!tfhd || !tfdt) return;
  const defaults = readTfhd(view, tfhd);
  if (defaults.track !== VIDEO_TRACK) return;
  let decode = readTfdt(view, tfdt);
  for (const box of inside) if (box.type === "trun") decode = readTrun(view, box, defaults, decode, into);
}
