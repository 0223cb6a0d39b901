import {
  ChevronFirst,
  ChevronLast,
  CornerDownRight,
  Pause,
  Play,
  SkipBack,
  SkipForward,
  StepBack,
  StepForward,
} from "lucide-react";

import { Button } from "../controls/button";
import { Select } from "../controls/fields";
import { isolateLeftToRight, useFormat } from "../format/format";
import { timelineDirection, usePreferences } from "../preferences/preferences";
import { useClockState, useDesk } from "../timeline/desk";
import { SECOND_US } from "../timeline/zoneTime";
import { useWords } from "../words/language";
import { SPEEDS } from "./masterClock";
import styles from "./playback.module.css";
import type { TrackSet } from "./trackSet";

/** The buttons under the pictures. They point the way time runs on the timeline below them. */
export function Transport({
  tracks,
  onGoTo,
  onEvent,
}: {
  tracks: TrackSet;
  onGoTo: () => void;
  onEvent: (direction: 1 | -1) => void;
}) {
  const t = useWords();
  const desk = useDesk();
  const { clock } = desk;
  const { playing, rate } = useClockState();
  const format = useFormat();
  const direction = timelineDirection(usePreferences());
  const speeds = SPEEDS.map((speed) => ({
    value: String(speed),
    label: isolateLeftToRight(`${format.number(speed, 2)}×`),
  }));
  const speed = String(Math.abs(rate));
  return (
    <div className={styles.transport} role="toolbar" aria-label={t("playback.transport")}>
      {/* Laid out by the timeline's direction, so that a button lies on the side to which it moves. */}
      <div className={styles.motion} dir={direction}>
        <Button look="quiet" icon aria-label={t("playback.previousEvent")} onPress={() => onEvent(-1)}>
          <ChevronFirst size={18} aria-hidden />
        </Button>
        <Button look="quiet" icon aria-label={t("playback.secondBack")} onPress={() => clock.nudge(-SECOND_US)}>
          <SkipBack size={18} aria-hidden />
        </Button>
        <Button
          look="quiet"
          icon
          aria-label={t("playback.frameBack")}
          onPress={() => void tracks.step(desk.state.focused, -1)}
        >
          <StepBack size={18} aria-hidden />
        </Button>
        <Button
          look="primary"
          icon
          aria-label={t(playing ? "playback.pause" : "playback.play")}
          onPress={() => clock.toggle()}
        >
          {playing ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
        </Button>
        <Button
          look="quiet"
          icon
          aria-label={t("playback.frameForward")}
          onPress={() => void tracks.step(desk.state.focused, 1)}
        >
          <StepForward size={18} aria-hidden />
        </Button>
        <Button look="quiet" icon aria-label={t("playback.secondForward")} onPress={() => clock.nudge(SECOND_US)}>
          <SkipForward size={18} aria-hidden />
        </Button>
        <Button look="quiet" icon aria-label={t("playback.nextEvent")} onPress={() => onEvent(1)}>
          <ChevronLast size={18} aria-hidden />
        </Button>
      </div>
      <div className={styles.speed}>
        <Select
          label={t("playback.speed")}
          hideLabel
          choices={
            speeds.some(({ value }) => value === speed) ? speeds : [...speeds, { value: speed, label: `${speed}×` }]
          }
          value={speed}
          onChange={(value) => clock.setRate(Number(value))}
        />
      </div>
      <Button onPress={onGoTo}>
        <CornerDownRight size={16} aria-hidden className="flip" />
        {t("playback.goTo")}
      </Button>
    </div>
  );
}
