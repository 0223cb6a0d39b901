// What mp4box, a parser nobody here wrote, makes of an MP4 file: JSON on standard output, exit 1 when it cannot parse it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createFile, MP4BoxBuffer } = createRequire(new URL("../../page/package.json", import.meta.url))("mp4box");

const bytes = readFileSync(process.argv[2]);
const file = createFile();
const samples = {};
let info = null;
file.onError = (module, message) => {
  console.error(`${module}: ${message}`);
  process.exit(1);
};
file.onReady = (ready) => {
  info = ready;
  for (const track of ready.tracks) file.setExtractionOptions(track.id, null, { nbSamples: 1_000_000 });
  file.start();
};
file.onSamples = (id, _user, found) => {
  samples[id] = [
    ...(samples[id] ?? []),
    ...found.map((s) => ({ dts: s.dts, cts: s.cts, duration: s.duration, size: s.size, sync: s.is_sync })),
  ];
};
file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), 0));
file.flush();
if (info === null) {
  console.error("no moov box was understood");
  process.exit(1);
}
const boxes = file.boxes.map((box) => ({ type: box.type, start: box.start, size: box.size }));
const end = boxes.reduce((at, box) => (at === box.start ? at + box.size : NaN), 0);
console.log(
  JSON.stringify({
    tracks: info.tracks.map((t) => ({ id: t.id, codec: t.codec, timescale: t.timescale, width: t.video?.width ?? 0 })),
    samples,
    boxes: boxes.map((box) => box.type),
    covers_file: end === bytes.length,
  }),
);
