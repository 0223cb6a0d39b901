import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "../api/queries";
import { request } from "../api/request";

/** Marks an event as seen by this person. */
export function useMarkSeen() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (event: string) => request<unknown>("POST", `/api/events/${encodeURIComponent(event)}/seen`),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: keys.eventList });
      return cache.invalidateQueries({ queryKey: keys.events });
    },
  });
}
