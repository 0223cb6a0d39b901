import { Minus, Plus, Radio, TextSelect } from "lucide-react";
import { useSyncExternalStore } from "react";

import { ApiError } from "../api/request";
import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { useLocalised, useWords } from "../words/language";
import { useClockState, useDesk, useDeskState } from "./desk";
import { zoomAtPlayhead } from "./moveByKey";
import { PlayheadTime } from "./playheadTime";
import styles from "./timeline.module.css";
import { spanOf } from "./view";
import { DAY_US, HOUR_US, MINUTE_US } from "./zoneTime";

const SPANS_US = [7 * DAY_US, DAY_US, 6 * HOUR_US, HOUR_US, 10 * MINUTE_US, MINUTE_US];

export function TimelineToolbar({ names }: { names: ReadonlyMap<string, string> }) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const { live } = useClockState();
  const { selecting, focused } = useDeskState();
  const zoom = (factor: number) => zoomAtPlayhead(desk, factor);
  return (
    <div className={styles.toolbar}>
      <PlayheadTime />
      {focused && <bdi className={styles.focused}>{names.get(focused) ?? focused}</bdi>}
      <TimelineTrouble />
      <div className={styles.tools}>
        <div className={styles.spans} role="group" aria-label={t("timeline.show")}>
          {SPANS_US.map((span_us) => (
            <Button
              key={span_us}
              look="quiet"
              aria-label={t("timeline.showSpan", { duration: format.duration(span_us / 1e6) })}
              onPress={() => zoom(span_us / spanOf(desk.view))}
            >
              {format.duration(span_us / 1e6)}
            </Button>
          ))}
        </div>
        <Button look="quiet" icon aria-label={t("timeline.zoomOut")} onPress={() => zoom(2)}>
          <Minus size={16} aria-hidden />
        </Button>
        <Button look="quiet" icon aria-label={t("timeline.zoomIn")} onPress={() => zoom(0.5)}>
          <Plus size={16} aria-hidden />
        </Button>
        <Button
          look={selecting ? "primary" : "quiet"}
          aria-pressed={selecting}
          aria-label={t("timeline.select")}
          onPress={() => desk.set({ selecting: !selecting })}
        >
          <TextSelect size={16} aria-hidden />
          <span className={styles.wideOnly}>{t("timeline.select")}</span>
        </Button>
        <Button look={live ? "plain" : "primary"} isDisabled={live} onPress={() => desk.clock.goLive()}>
          <Radio size={16} aria-hidden />
          {t("timeline.goLive")}
        </Button>
      </div>
    </div>
  );
}

/** The timeline could not be asked: said in one line, because the lanes below still show what is known. */
function TimelineTrouble() {
  const t = useWords();
  const { tiles } = useDesk();
  const localised = useLocalised();
  const error = useSyncExternalStore(
    (listener) => tiles.subscribe(listener),
    () => tiles.error,
  );
  if (!error) return null;
  return (
    <span className={styles.trouble} role="alert">
      {error instanceof ApiError ? localised(error.text) : t("timeline.broken")}
      <Button look="quiet" onPress={() => tiles.retry()}>
        {t("common.retry")}
      </Button>
    </span>
  );
}
