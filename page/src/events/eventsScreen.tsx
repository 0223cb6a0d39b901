import { useCallback, useMemo } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { useCameras } from "../api/queries";
import { Broken, Empty, Loading } from "../controls/states";
import { Screen } from "../frame/screen";
import { useKeys } from "../keys/keys";
import { useWords } from "../words/language";
import { EventFilters } from "./eventFilters";
import { EventList } from "./eventList";
import { EventPlayer } from "./eventPlayer";
import styles from "./events.module.css";
import { type EventFilter, filterOf, searchOf } from "./filter";
import { useEvent, useEventList, useSetSeen } from "./queries";

/** One thing to look at after the other: the list, the footage of the chosen one, seen, next. */
export function EventsScreen() {
  const t = useWords();
  const navigate = useNavigate();
  const { event: chosenId } = useParams();
  const [search, setSearch] = useSearchParams();
  const filter = useMemo(() => filterOf(search), [search]);
  const cameras = useCameras();
  const list = useEventList(filter);
  const events = useMemo(() => list.data?.pages.flatMap((page) => page.events) ?? [], [list.data]);
  const listed = events.find((event) => event.id === chosenId);
  const alone = useEvent(chosenId, listed);
  const chosen = listed ?? (chosenId ? alone.data : undefined);
  const camera = cameras.data?.find((one) => one.id === chosen?.camera);
  const setSeen = useSetSeen();

  const choose = useCallback(
    (id: string) =>
      void navigate({ pathname: `/events/${encodeURIComponent(id)}`, search: searchOf(filter).toString() }),
    [filter, navigate],
  );
  const move = (by: 1 | -1) => {
    const at = events.findIndex((event) => event.id === chosenId);
    const next = events[at < 0 ? 0 : at + by];
    if (next) choose(next.id);
    if (at + by >= events.length - 3 && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
  };
  useKeys({
    title: t("events.title"),
    bindings: [
      {
        combination: "m",
        label: t("events.markAll"),
        run: () => {
          if (!chosen) return;
          if (!chosen.seen) setSeen.mutate({ event: chosen.id, seen: true });
          move(1);
        },
      },
      { combination: "ArrowDown", label: t("events.nextInList"), run: () => move(1) },
      { combination: "ArrowUp", label: t("events.previousInList"), run: () => move(-1) },
    ],
  });

  return (
    <Screen
      title={t("events.title")}
      bare
      panelLabel={t("events.list")}
      panel={
        <div className={styles.panel}>
          <EventFilters
            filter={filter}
            cameras={cameras.data ?? []}
            onChange={(next: EventFilter) => setSearch(searchOf(next), { replace: true })}
          />
          <EventList
            list={list}
            events={events}
            cameras={cameras.data ?? []}
            chosen={chosenId}
            onChoose={choose}
            onFilter={(next) => setSearch(searchOf(next), { replace: true })}
          />
        </div>
      }
    >
      {chosen && camera ? (
        <EventPlayer event={chosen} camera={camera} />
      ) : chosenId && alone.isError ? (
        <Broken error={alone.error} onRetry={() => void alone.refetch()} />
      ) : chosenId && (alone.isFetching || cameras.isPending) ? (
        <Loading />
      ) : (
        <Empty title={t(chosenId ? "events.gone" : "events.choose")}>
          <p>{t("events.chooseAdvice")}</p>
        </Empty>
      )}
    </Screen>
  );
}
