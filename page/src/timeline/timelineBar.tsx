import { useEffect, useMemo } from "react";
import { useLocation } from "react-router";

import { useFeedMessages } from "../api/feed";
import { useCameras } from "../api/queries";
import { ExportDialog } from "../exports/exportDialog";
import { HoldDialog } from "../exports/holdDialog";
import { useWords } from "../words/language";
import { useDesk, useDeskState } from "./desk";
import { SelectionBar } from "./selectionBar";
import styles from "./timeline.module.css";
import { TimelineCanvas } from "./timelineCanvas";
import { TimelineToolbar } from "./timelineToolbar";
import { useNarrow } from "./useNarrow";

const MOST_LANES = 16;
/** Screens that say themselves which cameras are on the lanes. */
const OWN_LANES = ["/playback", "/events"];

/** The timeline along the bottom of every screen: the same object everywhere. */
export function TimelineBar() {
  const t = useWords();
  const desk = useDesk();
  const state = useDeskState();
  const cameras = useCameras();
  const narrow = useNarrow();
  const { pathname } = useLocation();
  const ownLanes = OWN_LANES.some((path) => pathname.startsWith(path));

  useEffect(() => {
    if (ownLanes || !cameras.data) return;
    const ids = cameras.data.filter((camera) => camera.enabled).map((camera) => camera.id);
    const focused = desk.state.focused && ids.includes(desk.state.focused) ? desk.state.focused : (ids[0] ?? null);
    desk.show(narrow && focused ? [focused] : ids.slice(0, MOST_LANES), focused);
  }, [cameras.data, desk, narrow, ownLanes]);

  useFeedMessages((message) => {
    if (message.type === "event" || message.type === "alert") {
      desk.tiles.invalidate(message.event.start_us, message.event.end_us + 1);
    }
  });

  const names = useMemo(() => new Map((cameras.data ?? []).map((camera) => [camera.id, camera.name])), [cameras.data]);
  if (state.cameras.length === 0) return null;
  return (
    <section className={styles.bar} aria-label={t("timeline.title")}>
      <TimelineToolbar names={names} />
      <TimelineCanvas names={names} narrow={narrow} />
      <SelectionBar />
      {(state.dialog === "export" || state.dialog === "evidence") && state.selection && (
        <ExportDialog
          asEvidence={state.dialog === "evidence"}
          selection={state.selection}
          onClose={() => desk.set({ dialog: null })}
        />
      )}
      {state.dialog === "hold" && state.selection && (
        <HoldDialog selection={state.selection} onClose={() => desk.set({ dialog: null })} />
      )}
    </section>
  );
}
