import { type InfiniteData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { useFeedMessages } from "../api/feed";
import { keys } from "../api/queries";
import { request, withQuery } from "../api/request";
import { serverClock } from "../api/serverClock";
import type { DetectedEvent, EventPage, Zone } from "../api/shapes";
import { admits, type EventFilter, queryOf } from "./filter";

type Pages = InfiniteData<EventPage, string | null>;

const PAGE = 40;

/** Newest first, page by page; what the feed tells is put in at once, so that nothing is asked again. */
export function useEventList(filter: EventFilter) {
  const cache = useQueryClient();
  const queryKey = [...keys.eventList, filter];
  useFeedMessages((message) => {
    if (message.type !== "event" && message.type !== "alert") return;
    const { event } = message;
    cache.setQueryData<Pages>(queryKey, (before) => {
      if (!before) return before;
      const changed = replaced(before, event);
      return changed ?? (admits(filter, event, serverClock.now_us()) ? inserted(before, event) : before);
    });
  });
  return useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { ...queryOf(filter, serverClock.now_us()), limit: PAGE, cursor: pageParam };
      return request<EventPage>("GET", withQuery("/api/events", query), undefined, signal);
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The same list with one event's newer version; null when it is not in it. */
export function replaced(pages: Pages, event: DetectedEvent): Pages | null {
  let found = false;
  const changed = pages.pages.map((page) => {
    if (!page.events.some((each) => each.id === event.id)) return page;
    found = true;
    return { ...page, events: page.events.map((each) => (each.id === event.id ? event : each)) };
  });
  return found ? { ...pages, pages: changed } : null;
}

export function inserted(pages: Pages, event: DetectedEvent): Pages {
  const [first, ...rest] = pages.pages;
  if (!first) return pages;
  const events = [event, ...first.events].sort((a, b) => b.start_us - a.start_us);
  return { ...pages, pages: [{ ...first, events }, ...rest] };
}

/** One event, from the list if it is there, else asked for by itself. */
export function useEvent(id: string | undefined, listed: DetectedEvent | undefined) {
  return useQuery({
    queryKey: [...keys.eventList, "one", id],
    enabled: id !== undefined && listed === undefined,
    queryFn: ({ signal }) =>
      request<DetectedEvent>("GET", `/api/events/${encodeURIComponent(id ?? "")}`, undefined, signal),
  });
}

/** Marks as seen, or takes that back; every list on the page shows it. */
export function useSetSeen() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ event, seen }: { event: string; seen: boolean }) =>
      request<DetectedEvent>(seen ? "POST" : "DELETE", `/api/events/${encodeURIComponent(event)}/seen`),
    onSuccess: (event) => {
      cache.setQueriesData<Pages>({ queryKey: keys.eventList, predicate: isList }, (before) =>
        before ? (replaced(before, event) ?? before) : before,
      );
      cache.setQueryData([...keys.eventList, "one", event.id], event);
      void cache.invalidateQueries({ queryKey: keys.events });
    },
  });
}

function isList(query: { queryKey: readonly unknown[] }): boolean {
  return query.queryKey[1] !== "one";
}

export function useZones(camera: string | null) {
  return useQuery({
    queryKey: keys.zones(camera ?? ""),
    enabled: camera !== null,
    queryFn: async ({ signal }) =>
      (
        await request<{ zones: Zone[] }>(
          "GET",
          `/api/cameras/${encodeURIComponent(camera ?? "")}/zones`,
          undefined,
          signal,
        )
      ).zones,
  });
}
