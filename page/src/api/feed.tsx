import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

import { keys } from "./queries";
import { serverClock } from "./serverClock";
import type { Alarm, Camera, FeedMessage } from "./shapes";

type Listener = (message: FeedMessage) => void;

interface Feed {
  /** Null while connected; else since when (browser clock, ms) the page no longer hears the recorder. */
  lostSince_ms: number | null;
  subscribe: (listener: Listener) => () => void;
}

const FeedContext = createContext<Feed>({ lostSince_ms: null, subscribe: () => () => undefined });

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

export function socketUrl(path: string): string {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

const EVENTS_REFRESH_MS = 2_000;
let eventsRefresh: ReturnType<typeof setTimeout> | undefined;

/** A busy street tells of many events a second; lists ask again at most every two. */
function refreshEventsSoon(cache: QueryClient): void {
  eventsRefresh ??= setTimeout(() => {
    eventsRefresh = undefined;
    void cache.invalidateQueries({ queryKey: keys.events });
  }, EVENTS_REFRESH_MS);
}

/** What a message changes in the cache, so that every screen shows it without asking. */
export function applyToCache(cache: QueryClient, message: FeedMessage): void {
  switch (message.type) {
    case "time":
      serverClock.observe(message.now_us);
      break;
    case "camera":
      cache.setQueryData<Camera[]>(keys.cameras, (cameras) =>
        cameras?.map((camera) => (camera.id === message.camera ? { ...camera, state: message.state } : camera)),
      );
      break;
    case "alarm":
      cache.setQueryData<Alarm[]>(keys.alarms, (alarms = []) => [
        message.alarm,
        ...alarms.filter((alarm) => alarm.id !== message.alarm.id),
      ]);
      break;
    case "event":
    case "alert":
      refreshEventsSoon(cache);
      break;
    case "export":
      void cache.invalidateQueries({ queryKey: keys.exports });
      break;
  }
}

/** One WebSocket for the whole page; reconnects for ever and, after a loss, asks again for what it may have missed. */
export function FeedProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const listeners = useRef(new Set<Listener>());
  const [lostSince_ms, setLostSince] = useState<number | null>(null);

  useEffect(() => {
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let retry_ms = FIRST_RETRY_MS;
    let hadLoss = false;
    let closed = false;

    const connect = () => {
      socket = new WebSocket(socketUrl("/api/feed"));
      socket.onopen = () => {
        retry_ms = FIRST_RETRY_MS;
        setLostSince(null);
        if (hadLoss) void cache.invalidateQueries();
      };
      socket.onmessage = (event: MessageEvent<string>) => {
        const message = JSON.parse(event.data) as FeedMessage;
        applyToCache(cache, message);
        listeners.current.forEach((listener) => listener(message));
      };
      socket.onclose = () => {
        if (closed) return;
        hadLoss = true;
        // Perhaps it is the session that is over: asking for it shows the log-in.
        void cache.invalidateQueries({ queryKey: keys.session });
        setLostSince((since) => since ?? Date.now());
        timer = setTimeout(connect, retry_ms * (0.75 + Math.random() / 2));
        retry_ms = Math.min(retry_ms * 2, LONGEST_RETRY_MS);
      };
    };
    connect();
    return () => {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    };
  }, [cache]);

  const feed = useMemo<Feed>(
    () => ({
      lostSince_ms,
      subscribe: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [lostSince_ms],
  );
  return <FeedContext.Provider value={feed}>{children}</FeedContext.Provider>;
}

export function useFeedLostSince(): number | null {
  return useContext(FeedContext).lostSince_ms;
}

/** Calls `listener` for each message while the component is mounted; the latest closure is used. */
export function useFeedMessages(listener: Listener): void {
  const { subscribe } = useContext(FeedContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => subscribe((message) => latest.current(message)), [subscribe]);
}
