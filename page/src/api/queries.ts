import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "./client";
import { ApiError, setCsrfToken } from "./request";
import type { Camera } from "./shapes";

/** One place for cache keys, so that the feed and the screens speak of the same entries. */
export const keys = {
  session: ["session"],
  site: ["site"],
  cameras: ["cameras"],
  zones: (camera: string) => ["cameras", camera, "zones"],
  health: ["health"],
  alarms: ["alarms"],
  events: ["events"],
  /** Kept current message by message, so not asked again for each event. */
  eventList: ["event-list"],
  exports: ["exports"],
  holds: ["holds"],
  custody: ["custody"],
  webhooks: ["webhooks"],
  timeline: ["timeline"],
} as const;

/** `data` is null when nobody is logged in. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      try {
        const session = await answer(api.GET("/api/session", { signal }));
        setCsrfToken(session.csrf_token);
        return session;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
  });
}

export function useLogIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { username: string; password: string }) => answer(api.POST("/api/session", { body })),
    onSuccess: (session) => {
      setCsrfToken(session.csrf_token);
      cache.setQueryData(keys.session, session);
    },
  });
}

export function useLogOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/api/session")),
    onSettled: () => {
      cache.clear();
      cache.setQueryData(keys.session, null);
    },
  });
}

export function useSite() {
  return useQuery({
    queryKey: keys.site,
    staleTime: Infinity,
    queryFn: ({ signal }) => answer(api.GET("/api/site", { signal })),
  });
}

/** Every camera, in the order of the wall; the feed keeps their state current. */
export function useCameras() {
  return useQuery({
    queryKey: keys.cameras,
    queryFn: async ({ signal }) => {
      const { cameras } = await answer(api.GET("/api/cameras", { signal }));
      return (cameras as Camera[]).toSorted((a, b) => a.position - b.position);
    },
  });
}

export function useHealth() {
  return useQuery({
    queryKey: keys.health,
    refetchInterval: 5_000,
    queryFn: ({ signal }) => answer(api.GET("/api/health", { signal })),
  });
}

export function useAlarms() {
  return useQuery({
    queryKey: keys.alarms,
    refetchInterval: 60_000,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/alarms", { signal }))).alarms,
  });
}
