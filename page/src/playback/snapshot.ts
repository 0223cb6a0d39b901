import { withQuery } from "../api/request";
import type { Camera, StreamName } from "../api/shapes";
import type { MasterClock } from "./masterClock";
import type { Track } from "./track";

/** Half a frame into the one that is shown, so that rounding cannot give its neighbour. */
function instantOf(clock: MasterClock, track: Track | undefined): number {
  const shown_us = track?.presented_us;
  return Math.round(shown_us === undefined ? clock.position_us() : shown_us + (track?.frame_s ?? 0.04) * 0.5e6);
}

/** A name that sorts by time and holds no character that a file system refuses: 2026-11-21T14.20.05.120Z. */
export function snapshotName(camera: string, at_us: number): string {
  const time = new Date(at_us / 1000).toISOString().replaceAll(":", ".");
  return `${camera.replace(/[\\/:*?"<>|\s]+/g, "_")}_${time}.jpg`;
}

/** Downloads the exact frame on the screen, decoded by the server from the recording. */
export function saveSnapshot(camera: Camera, stream: StreamName, clock: MasterClock, track: Track | undefined): void {
  const at_us = instantOf(clock, track);
  const path = withQuery(`/api/cameras/${encodeURIComponent(camera.id)}/snapshot.jpg`, {
    at_us: clock.state.live ? undefined : at_us,
    stream,
  });
  const link = document.createElement("a");
  link.href = path;
  link.download = snapshotName(camera.name, at_us);
  document.body.append(link);
  link.click();
  link.remove();
}
