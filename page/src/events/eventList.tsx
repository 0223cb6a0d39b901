import { Fragment, useEffect, useRef } from "react";

import type { Camera, DetectedEvent } from "../api/shapes";
import { Button } from "../controls/button";
import { Broken, Empty, Loading } from "../controls/states";
import { useFormat } from "../format/format";
import { useWords } from "../words/language";
import { EventRow } from "./eventRow";
import styles from "./events.module.css";
import { EVERYTHING, type EventFilter } from "./filter";
import type { useEventList } from "./queries";

/** The list beside the player: days as headings, older ones come as the end is reached. */
export function EventList({
  list,
  events,
  cameras,
  chosen,
  onChoose,
  onFilter,
}: {
  list: ReturnType<typeof useEventList>;
  events: readonly DetectedEvent[];
  cameras: readonly Camera[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
  onFilter: (filter: EventFilter) => void;
}) {
  const t = useWords();
  const format = useFormat();
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void fetchNextPage();
      },
      { rootMargin: "600px" },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage, events.length]);

  if (list.isPending) return <Loading />;
  if (list.isError && events.length === 0) return <Broken error={list.error} onRetry={() => void list.refetch()} />;
  if (events.length === 0) {
    return (
      <Empty title={t("events.none")}>
        <p>{t("events.noneAdvice")}</p>
        <Button onPress={() => onFilter(EVERYTHING)}>{t("events.clearFilters")}</Button>
      </Empty>
    );
  }
  const nameOf = (id: string) => cameras.find((camera) => camera.id === id)?.name ?? id;
  return (
    <div className={styles.list}>
      <ol aria-label={t("events.list")}>
        {events.map((event, at) => {
          const day = format.date(event.start_us);
          const before = events[at - 1];
          return (
            <Fragment key={event.id}>
              {(!before || format.date(before.start_us) !== day) && <li className={styles.day}>{day}</li>}
              <EventRow
                event={event}
                cameraName={nameOf(event.camera)}
                isChosen={event.id === chosen}
                onChoose={onChoose}
              />
            </Fragment>
          );
        })}
      </ol>
      <div ref={end} className={styles.end}>
        {list.isFetchNextPageError ? (
          <Button onPress={() => void fetchNextPage()}>{t("common.retry")}</Button>
        ) : hasNextPage ? (
          <div className="loading-bar" />
        ) : (
          <span className="small muted">{t("events.end")}</span>
        )}
      </div>
    </div>
  );
}
