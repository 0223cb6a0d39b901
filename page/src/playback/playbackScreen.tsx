import { useCallback, useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { useCameras } from "../api/queries";
import type { Camera, StreamName } from "../api/shapes";
import { Broken, Empty, Loading } from "../controls/states";
import { Screen } from "../frame/screen";
import { LivePicture } from "../player/livePicture";
import { useClockState, useDesk, useDeskState } from "../timeline/desk";
import { useNarrow } from "../timeline/useNarrow";
import { useWords } from "../words/language";
import { CameraPicker } from "./cameraPicker";
import { CameraTile } from "./cameraTile";
import { GoToDialog } from "./goToDialog";
import styles from "./playback.module.css";
import { TrackSet } from "./trackSet";
import { Transport } from "./transport";
import { useNearbyEvent } from "./useNearbyEvent";
import { usePlaybackKeys } from "./usePlaybackKeys";

export const MOST_PICTURES = 16;
const FIRST_PICTURES = 4;
/** From here on the small stream is enough for each picture, and the only one that can keep up. */
const SMALL_FROM_PICTURES = 5;
const SMALL_FROM_RATE = 8;

function streamFor(camera: Camera, pictures: number, rate: number): StreamName {
  const wantsSmall = pictures >= SMALL_FROM_PICTURES || Math.abs(rate) >= SMALL_FROM_RATE;
  return wantsSmall && camera.streams.some(({ name }) => name === "sub") ? "sub" : "main";
}

/** Which cameras are played: those in the address, else those on the lanes, else the first few. */
function useChosenCameras(cameras: readonly Camera[] | undefined) {
  const desk = useDesk();
  const narrow = useNarrow();
  const [search, setSearch] = useSearchParams();
  const asked = search.get("cameras");
  const chosen = useMemo(() => {
    const all = cameras ?? [];
    const wanted = asked?.split(",").filter((id) => all.some((camera) => camera.id === id));
    const focused = desk.state.focused;
    const fallback = all.slice(0, FIRST_PICTURES).map((camera) => camera.id);
    if (wanted) return wanted.slice(0, MOST_PICTURES);
    return narrow || (focused !== null && !fallback.includes(focused)) ? [focused ?? fallback[0] ?? ""] : fallback;
  }, [asked, cameras, desk, narrow]);
  const choose = useCallback(
    (ids: readonly string[]) =>
      setSearch(
        (before) => {
          before.set("cameras", ids.join(","));
          return before;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return { chosen, choose };
}

/** An address may carry the instant to show: ?at=<microseconds UTC>. */
function useAskedInstant(): void {
  const desk = useDesk();
  const [search, setSearch] = useSearchParams();
  const at = search.get("at");
  useEffect(() => {
    if (at === null) return;
    if (Number.isFinite(Number(at))) desk.clock.seek(Number(at));
    setSearch(
      (before) => {
        before.delete("at");
        return before;
      },
      { replace: true },
    );
  }, [at, desk, setSearch]);
}

export function PlaybackScreen() {
  const t = useWords();
  const cameras = useCameras();
  const { chosen, choose } = useChosenCameras(cameras.data);
  useAskedInstant();
  const all = cameras.data ?? [];
  const shown = chosen.flatMap((id) => all.filter((camera) => camera.id === id));
  return (
    <Screen
      title={t("playback.title")}
      bare
      panel={
        all.length > 0 ? <CameraPicker cameras={all} chosen={chosen} most={MOST_PICTURES} onChange={choose} /> : null
      }
      panelLabel={t("playback.cameras")}
    >
      {cameras.isPending && <Loading />}
      {cameras.isError && !cameras.data && <Broken error={cameras.error} onRetry={() => void cameras.refetch()} />}
      {cameras.data?.length === 0 && (
        <Empty title={t("playback.noCamerasYet")}>
          <p>{t("playback.noCamerasYetAdvice")}</p>
          <Link to="/cameras" className="button primary">
            {t("rail.cameras")}
          </Link>
        </Empty>
      )}
      {all.length > 0 && shown.length === 0 && (
        <Empty title={t("playback.noCameras")}>
          <p>{t("playback.noCamerasAdvice")}</p>
        </Empty>
      )}
      {shown.length > 0 && <Pictures cameras={shown} />}
    </Screen>
  );
}

function Pictures({ cameras }: { cameras: readonly Camera[] }) {
  const desk = useDesk();
  const { focused } = useDeskState();
  const { live, rate } = useClockState();
  const [enlarged, setEnlarged] = useState<string | null>(null);
  const [goingTo, setGoingTo] = useState(false);
  const [tracks] = useState(() => new TrackSet(desk.clock));
  const nearbyEvent = useNearbyEvent();
  const ids = cameras.map((camera) => camera.id);
  const key = ids.join();
  const inFocus = focused && ids.includes(focused) ? focused : (ids[0] ?? null);

  useEffect(() => desk.show(key.split(","), inFocus), [desk, key, inFocus]);
  usePlaybackKeys({ cameras, tracks, onGoTo: () => setGoingTo(true), onEvent: nearbyEvent });

  const pictures = enlarged && ids.includes(enlarged) ? cameras.filter(({ id }) => id === enlarged) : cameras;
  return (
    <div className={styles.screen}>
      <div className={styles.grid} data-count={pictures.length} style={{ "--columns": columnsFor(pictures.length) }}>
        {pictures.map((camera) => {
          const stream = streamFor(camera, pictures.length, rate);
          return (
            <CameraTile
              key={camera.id}
              camera={camera}
              stream={stream}
              number={ids.indexOf(camera.id) + 1}
              tracks={tracks}
              isFocused={camera.id === inFocus && pictures.length > 1}
              isEnlarged={enlarged !== null}
              onFocus={() => desk.set({ focused: camera.id })}
              onEnlarge={
                cameras.length > 1
                  ? () => setEnlarged((before) => (before === camera.id ? null : camera.id))
                  : undefined
              }
              live={
                live ? <LivePicture camera={camera} wanted={stream} number={ids.indexOf(camera.id) + 1} /> : undefined
              }
            />
          );
        })}
      </div>
      <Transport tracks={tracks} onGoTo={() => setGoingTo(true)} onEvent={nearbyEvent} />
      {goingTo && <GoToDialog onClose={() => setGoingTo(false)} />}
    </div>
  );
}

function columnsFor(pictures: number): number {
  return Math.ceil(Math.sqrt(pictures));
}
