import { useCallback } from "react";

import { request, withQuery } from "../api/request";
import type { DetectedEvent, EventPage, TimelineCamera } from "../api/shapes";
import { useAnnounce } from "../frame/announcer";
import { useDesk } from "../timeline/desk";
import { DAY_US } from "../timeline/zoneTime";
import { useWords } from "../words/language";

/** The picture begins a little before what the event is about. */
const LEAD_US = 1_500_000;
const APART_US = 500_000;

/** E and Shift+E: to the nearest later or earlier event of the cameras on the lanes. */
export function useNearbyEvent(): (direction: 1 | -1) => void {
  const t = useWords();
  const desk = useDesk();
  const announce = useAnnounce();
  return useCallback(
    (direction) => {
      const from_us = desk.clock.position_us() + LEAD_US;
      const search = direction === 1 ? laterEvent : earlierEvent;
      void search(desk.state.cameras, Math.round(from_us), Math.round(desk.edge_us))
        .then((found) => {
          if (found === undefined) announce(t(direction === 1 ? "playback.noNextEvent" : "playback.noPreviousEvent"));
          else desk.clock.seek(found - LEAD_US);
        })
        .catch(() => announce(t("timeline.broken")));
    },
    [announce, desk, t],
  );
}

async function earlierEvent(cameras: readonly string[], from_us: number): Promise<number | undefined> {
  const path = withQuery("/api/events", { camera: cameras, end_us: from_us - APART_US, limit: 20 });
  const { events } = await request<EventPage>("GET", path);
  return events.map((event: DetectedEvent) => event.start_us).find((us) => us < from_us - APART_US);
}

/** The list is newest first, so the next one is found on the timeline, in widening spans. */
async function laterEvent(cameras: readonly string[], from_us: number, edge_us: number): Promise<number | undefined> {
  for (let length_us = DAY_US / 96; ; length_us *= 8) {
    const end_us = Math.min(from_us + length_us, edge_us);
    const path = withQuery("/api/timeline", {
      camera: cameras,
      start_us: from_us,
      end_us,
      resolution_us: Math.max(1, Math.round((end_us - from_us) / 4096)),
    });
    const lanes = (await request<{ cameras: TimelineCamera[] }>("GET", path)).cameras;
    const starts = lanes
      .flatMap((lane) => [...lane.events, ...lane.event_counts].map((each) => each.start_us))
      .filter((us) => us > from_us + APART_US);
    if (starts.length > 0) return Math.min(...starts);
    if (end_us >= edge_us) return undefined;
  }
}
