import type { Camera } from "../api/shapes";
import { useKeys } from "../keys/keys";
import { useFormat } from "../format/format";
import { timelineDirection, usePreferences } from "../preferences/preferences";
import { useDesk } from "../timeline/desk";
import { rightwards } from "../timeline/view";
import { SECOND_US } from "../timeline/zoneTime";
import { useWords } from "../words/language";
import type { TrackSet } from "./trackSet";

/** Space, J K L, arrows, E and G. Arrows mean what the timeline draws to that side. */
export function usePlaybackKeys({
  cameras,
  tracks,
  onGoTo,
  onEvent,
}: {
  cameras: readonly Camera[];
  tracks: TrackSet;
  onGoTo: () => void;
  onEvent: (direction: 1 | -1) => void;
}): void {
  const t = useWords();
  const format = useFormat();
  const desk = useDesk();
  const { clock } = desk;
  const right = rightwards(timelineDirection(usePreferences()));
  const left = right === 1 ? -1 : 1;
  const step = (direction: 1 | -1) => void tracks.step(desk.state.focused, direction);
  useKeys({
    title: t("playback.title"),
    bindings: [
      { combination: " ", label: `${t("playback.play")} / ${t("playback.pause")}`, run: () => clock.toggle() },
      { combination: "j", label: t("playback.shuttleBack"), run: () => clock.shuttle(-1) },
      { combination: "k", label: t("playback.shuttleStop"), run: () => clock.pause() },
      { combination: "l", label: t("playback.shuttleForward"), run: () => clock.shuttle(1) },
      { combination: "ArrowLeft", label: t("playback.earlierSecond"), run: () => clock.nudge(left * SECOND_US) },
      { combination: "ArrowRight", label: t("playback.laterSecond"), run: () => clock.nudge(right * SECOND_US) },
      { combination: "Shift+ArrowLeft", label: t("playback.earlierFrame"), run: () => step(left) },
      { combination: "Shift+ArrowRight", label: t("playback.laterFrame"), run: () => step(right) },
      { combination: ",", label: t("playback.frameBack"), run: () => step(-1) },
      { combination: ".", label: t("playback.frameForward"), run: () => step(1) },
      { combination: "[", label: t("playback.slower"), run: () => clock.changeSpeed(-1) },
      { combination: "]", label: t("playback.faster"), run: () => clock.changeSpeed(1) },
      { combination: "e", label: t("playback.nextEvent"), run: () => onEvent(1) },
      { combination: "Shift+e", label: t("playback.previousEvent"), run: () => onEvent(-1) },
      { combination: "g", label: t("playback.goTo"), run: onGoTo },
      { combination: "End", label: t("timeline.goLive"), run: () => clock.goLive() },
      ...cameras.slice(0, 9).map((camera, at) => ({
        combination: String(at + 1),
        label: t("playback.camera", { number: format.number(at + 1) }),
        run: () => desk.set({ focused: camera.id }),
      })),
    ],
  });
}
