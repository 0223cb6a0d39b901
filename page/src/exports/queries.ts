import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { useFeedMessages } from "../api/feed";
import { keys } from "../api/queries";
import { request } from "../api/request";
import type { Custody, Export, Hold, StreamName } from "../api/shapes";
import { useDesk } from "../timeline/desk";

export function isUnfinished(one: Export): boolean {
  return one.state === "waiting" || one.state === "running";
}

/** Newest first. The feed carries progress; asking again every few seconds covers a lost message. */
export function useExports() {
  const cache = useQueryClient();
  useFeedMessages((message) => {
    if (message.type !== "export") return;
    cache.setQueryData<Export[]>(keys.exports, (list) =>
      list?.map((one) => (one.id === message.export.id ? message.export : one)),
    );
  });
  return useQuery({
    queryKey: keys.exports,
    queryFn: async ({ signal }) =>
      (await request<{ exports: Export[] }>("GET", "/api/exports", undefined, signal)).exports,
    refetchInterval: (query) => (query.state.data?.some(isUnfinished) ? 1_500 : false),
  });
}

export interface ExportWish {
  cameras: string[];
  stream: StreamName;
  start_us: number;
  end_us: number;
  /** One sealed bundle for a court instead of plain files. */
  evidence: boolean;
}

/** How the recorder's log and its witnesses stand; asked again every few seconds, for witnesses come back. */
export function useCustody(enabled: boolean) {
  return useQuery({
    queryKey: keys.custody,
    queryFn: ({ signal }) => request<Custody>("GET", "/api/custody", undefined, signal),
    refetchInterval: 5_000,
    enabled,
  });
}

export function useStartExport() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (wish: ExportWish) => request<Export>("POST", "/api/exports", wish),
    onSuccess: (created) => {
      cache.setQueryData<Export[]>(keys.exports, (list = []) => [
        created,
        ...list.filter((one) => one.id !== created.id),
      ]);
      void cache.invalidateQueries({ queryKey: keys.exports });
    },
  });
}

/** Cancels one that runs; removes one that is finished, with its files. */
export function useRemoveExport() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<void>("DELETE", `/api/exports/${encodeURIComponent(id)}`),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.exports }),
  });
}

export function exportFileUrl(id: string, name: string): string {
  return `/api/exports/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`;
}

export function useHolds() {
  return useQuery({
    queryKey: keys.holds,
    queryFn: async ({ signal }) => (await request<{ holds: Hold[] }>("GET", "/api/holds", undefined, signal)).holds,
  });
}

export interface HoldWish {
  cameras: string[];
  start_us: number;
  end_us: number;
  reason: string;
}

/** One hold per camera; the first refusal is told, holds set before it stay set. */
export function useSetHolds() {
  const cache = useQueryClient();
  const desk = useDesk();
  return useMutation({
    mutationFn: async ({ cameras, ...span }: HoldWish) => {
      for (const camera of cameras) await request<Hold>("POST", "/api/holds", { camera, ...span });
    },
    onSettled: (_data, _error, wish) => {
      desk.tiles.invalidate(wish.start_us, wish.end_us);
      return cache.invalidateQueries({ queryKey: keys.holds });
    },
  });
}

export function useLiftHold() {
  const cache = useQueryClient();
  const desk = useDesk();
  return useMutation({
    mutationFn: (hold: Hold) => request<void>("DELETE", `/api/holds/${encodeURIComponent(hold.id)}`),
    onSettled: (_data, _error, hold) => {
      desk.tiles.invalidate(hold.start_us, hold.end_us);
      return cache.invalidateQueries({ queryKey: keys.holds });
    },
  });
}
