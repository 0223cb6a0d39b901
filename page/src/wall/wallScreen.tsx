import { ChevronLeft, ChevronRight, Grid2x2, Maximize } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { useCameras } from "../api/queries";
import type { Camera } from "../api/shapes";
import { Button } from "../controls/button";
import { Segments } from "../controls/fields";
import { Broken, Empty, Loading } from "../controls/states";
import { useFormat } from "../format/format";
import { useNow_us } from "../frame/clock";
import { Screen } from "../frame/screen";
import { useKeys } from "../keys/keys";
import { type Preferences, setPreferences, textDirection, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import { AlertList } from "./alertList";
import { freshAlert, useAlerts } from "./alerts";
import { useMarkSeen } from "./markSeen";
import { Tile } from "./tile";
import styles from "./wall.module.css";

const SIZES = [1, 4, 9, 16] as const;

/** Which cameras are on the wall: one enlarged, or a page of as many as fit. */
function useWallView(cameras: Camera[], size: number) {
  const [search, setSearch] = useSearchParams();
  const [page, setPage] = useState(0);
  const enlarged = cameras.find((camera) => camera.id === search.get("camera"));
  const pages = Math.max(1, Math.ceil(cameras.length / size));
  const current = Math.min(page, pages - 1);
  return {
    enlarged,
    page: current,
    pages,
    setPage,
    shown: enlarged ? [enlarged] : cameras.slice(current * size, (current + 1) * size),
    enlarge: (camera: Camera | null) => setSearch(camera ? { camera: camera.id } : {}, { replace: true }),
  };
}

export function WallScreen() {
  const t = useWords();
  const cameras = useCameras();
  const alerts = useAlerts();
  const all = cameras.data ?? [];
  return (
    <Screen
      title={t("rail.wall")}
      bare
      panel={<AlertList alerts={alerts} cameras={all} />}
      panelLabel={t("wall.alerts")}
    >
      {cameras.isPending && <Loading />}
      {cameras.isError && !cameras.data && <Broken error={cameras.error} onRetry={() => void cameras.refetch()} />}
      {cameras.data?.length === 0 && (
        <Empty title={t("wall.empty")}>
          <p>{t("wall.emptyAdvice")}</p>
          <Link to="/cameras/new" className="button primary">
            {t("wall.addCamera")}
          </Link>
        </Empty>
      )}
      {all.length > 0 && <Pictures cameras={all} alerts={alerts} />}
    </Screen>
  );
}

function Pictures({ cameras, alerts }: { cameras: Camera[]; alerts: ReturnType<typeof useAlerts> }) {
  const t = useWords();
  const now_us = useNow_us();
  const markSeen = useMarkSeen();
  const { wallSize } = usePreferences();
  const view = useWallView(cameras, wallSize);
  const events = alerts.data ?? [];

  useKeys({
    title: t("rail.wall"),
    bindings: [
      ...cameras.slice(0, 9).map((camera, index) => ({
        combination: String(index + 1),
        label: t("wall.enlarge", { camera: camera.name }),
        run: () => view.enlarge(camera),
      })),
      { combination: "0", label: t("wall.keyAll"), run: () => view.enlarge(null) },
      { combination: "Escape", label: t("wall.keyAll"), run: () => view.enlarge(null) },
      {
        combination: "m",
        label: t("wall.keyMark"),
        run: () => {
          const newest = events.find((event) => !event.seen);
          if (newest) markSeen.mutate(newest.id);
        },
      },
    ],
  });

  const columns = view.enlarged ? 1 : Math.sqrt(wallSize);
  return (
    <div className={styles.wall}>
      <WallBar view={view} />
      <ul
        className={styles.pictures}
        aria-label={t("wall.label")}
        style={{ ["--columns" as string]: columns, ["--rows" as string]: Math.ceil(view.shown.length / columns) }}
        data-columns={columns}
      >
        {view.shown.map((camera) => (
          <Tile
            key={camera.id}
            camera={camera}
            wanted={view.enlarged || wallSize === 1 ? "main" : "sub"}
            number={cameras.indexOf(camera) < 9 ? cameras.indexOf(camera) + 1 : undefined}
            alert={freshAlert(events, camera.id, now_us)}
            enlarged={view.enlarged === camera}
            onToggle={() => view.enlarge(view.enlarged ? null : camera)}
          />
        ))}
      </ul>
    </div>
  );
}

function WallBar({ view }: { view: ReturnType<typeof useWallView> }) {
  const t = useWords();
  const format = useFormat();
  const { wallSize, language } = usePreferences();
  const [Previous, Next] =
    textDirection(language) === "rtl" ? [ChevronRight, ChevronLeft] : [ChevronLeft, ChevronRight];
  return (
    <div className={styles.bar}>
      <Segments
        label={t("wall.size")}
        value={String(wallSize)}
        choices={SIZES.map((size) => ({ value: String(size), label: format.number(size) }))}
        onChange={(size) => {
          setPreferences({ wallSize: Number(size) as Preferences["wallSize"] });
          view.enlarge(null);
        }}
      />
      {view.enlarged ? (
        <>
          <Button look="quiet" onPress={() => view.enlarge(null)}>
            <Grid2x2 size={16} aria-hidden />
            {t("wall.shrink")}
          </Button>
          <Link to={`/playback?camera=${encodeURIComponent(view.enlarged.id)}`} className="button quiet">
            {t("wall.playback")}
          </Link>
        </>
      ) : (
        view.pages > 1 && (
          <>
            <Button
              look="quiet"
              icon
              aria-label={t("wall.previous")}
              isDisabled={view.page === 0}
              onPress={() => view.setPage(view.page - 1)}
            >
              <Previous size={18} aria-hidden />
            </Button>
            <span className="small muted">{t("wall.page", { page: view.page + 1, pages: view.pages })}</span>
            <Button
              look="quiet"
              icon
              aria-label={t("wall.next")}
              isDisabled={view.page === view.pages - 1}
              onPress={() => view.setPage(view.page + 1)}
            >
              <Next size={18} aria-hidden />
            </Button>
          </>
        )
      )}
      <Button
        look="quiet"
        icon
        className={styles.barEnd}
        aria-label={t("wall.fullScreen")}
        onPress={() => {
          if (document.fullscreenElement) void document.exitFullscreen();
          else void document.documentElement.requestFullscreen().catch(() => undefined);
        }}
      >
        <Maximize size={16} aria-hidden />
      </Button>
    </div>
  );
}
