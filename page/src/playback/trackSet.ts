/** Every picture on the screen, moved by one loop, so that all of them see the same instant of the clock. */

import type { MasterClock } from "./masterClock";
import type { Track } from "./track";

const DRIFT_EVERY_MS = 250;

interface Member {
  camera: string;
  track: Track;
  element: HTMLElement;
}

export class TrackSet {
  private readonly members = new Set<Member>();
  private frame = 0;
  private measured_ms = -Infinity;
  private stepping = false;

  constructor(private readonly clock: MasterClock) {}

  add(camera: string, track: Track, element: HTMLElement): () => void {
    const member = { camera, track, element };
    this.members.add(member);
    if (this.members.size === 1) this.frame = requestAnimationFrame(this.tick);
    return () => {
      this.members.delete(member);
      if (this.members.size === 0) cancelAnimationFrame(this.frame);
    };
  }

  of(camera: string): Track | undefined {
    return [...this.members].find((member) => member.camera === camera)?.track;
  }

  /** One frame of the camera in focus, or of the first that shows a picture; the others follow. */
  async step(focused: string | null, direction: 1 | -1): Promise<void> {
    if (this.stepping) return;
    const withPicture = [...this.members].filter(({ track }) => track.state.kind === "picture");
    const member = withPicture.find(({ camera }) => camera === focused) ?? withPicture[0];
    this.clock.pause();
    if (!member) {
      this.clock.nudge(direction * 40_000);
      return;
    }
    this.stepping = true;
    try {
      await member.track.step(direction);
    } finally {
      this.stepping = false;
    }
  }

  private readonly tick = (now_ms: number): void => {
    this.frame = requestAnimationFrame(this.tick);
    if (this.stepping) return;
    for (const { track } of this.members) track.tick(now_ms);
    if (now_ms - this.measured_ms >= DRIFT_EVERY_MS) {
      this.measured_ms = now_ms;
      this.measure();
    }
  };

  /** How far each picture is from the clock, in milliseconds, on its element: for tests and for whoever looks. */
  private measure(): void {
    const us = this.clock.position_us();
    for (const { track, element } of this.members) {
      const presented_us = track.presented_us;
      element.dataset["picture"] = track.state.kind;
      element.dataset["presentedUs"] = presented_us === undefined ? "" : String(Math.round(presented_us));
      element.dataset["driftMs"] = presented_us === undefined ? "" : ((presented_us - us) / 1000).toFixed(1);
    }
  }
}
