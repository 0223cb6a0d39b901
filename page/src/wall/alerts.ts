import { useQuery, useQueryClient } from "@tanstack/react-query";

import { useFeedMessages } from "../api/feed";
import { answer, api } from "../api/client";
import { keys } from "../api/queries";
import type { DetectedEvent } from "../api/shapes";

const SHOWN = 40;
const alertsKey = [...keys.events, "wall"] as const;

/** Newest first; an alert pushed by the recorder is in the list at once. */
export function useAlerts() {
  const cache = useQueryClient();
  const alerts = useQuery({
    queryKey: alertsKey,
    queryFn: async ({ signal }) => {
      const query = { alert: true, limit: SHOWN };
      return (await answer(api.GET("/api/events", { params: { query }, signal }))).events as DetectedEvent[];
    },
  });
  useFeedMessages((message) => {
    if (message.type !== "alert") return;
    cache.setQueryData<DetectedEvent[]>(alertsKey, (before = []) =>
      [message.event, ...before.filter((event) => event.id !== message.event.id)].slice(0, SHOWN),
    );
  });
  return alerts;
}

const FRESH_US = 15_000_000;

/** The alert that a camera's tile should still show: going on, or over for less than a few seconds. */
export function freshAlert(alerts: DetectedEvent[], camera: string, now_us: number): DetectedEvent | undefined {
  return alerts.find((event) => event.camera === camera && !event.seen && now_us - event.end_us < FRESH_US);
}
