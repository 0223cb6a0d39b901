import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import { keys } from "../api/queries";

/** Marks an event as seen by this person. */
export function useMarkSeen() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (event: string) => answer(api.POST("/api/events/{event}/seen", { params: { path: { event } } })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: keys.eventList });
      return cache.invalidateQueries({ queryKey: keys.events });
    },
  });
}
