import { useState } from "react";
import { Outlet, useNavigate } from "react-router";

import { useFeedMessages } from "../api/feed";
import { useCameras } from "../api/queries";
import { useKeys } from "../keys/keys";
import { preferences, setPreferences } from "../preferences/preferences";
import { TimelineBar } from "../timeline/timelineBar";
import { useAlarmText } from "../words/alarmText";
import { useClassName } from "../words/className";
import { useWords } from "../words/language";
import { AlarmStrip } from "./alarmStrip";
import { useAnnounce } from "./announcer";
import styles from "./frame.module.css";
import { KeysOverlay } from "./keysOverlay";
import { Rail, SCREENS } from "./rail";

/** Alarms and alerts are spoken wherever the person is. */
function Herald() {
  const t = useWords();
  const announce = useAnnounce();
  const alarmText = useAlarmText();
  const className = useClassName();
  const cameras = useCameras();
  useFeedMessages((message) => {
    if (message.type === "alarm" && message.alarm.severity !== "info") {
      const word = message.alarm.ended_us ? "frame.alarmOver" : "frame.alarm";
      announce(t(word, { message: alarmText(message.alarm) }), "assertive");
    }
    if (message.type === "alert") {
      const camera = cameras.data?.find((one) => one.id === message.event.camera)?.name ?? message.event.camera;
      announce(t("frame.alert", { class: className(message.event.class), camera }));
    }
  });
  return null;
}

/** Rail, screen, timeline: the same three things on every screen. */
export function Frame() {
  const t = useWords();
  const navigate = useNavigate();
  const [keysShown, setKeysShown] = useState(false);
  useKeys({
    title: t("keys.everywhere"),
    bindings: [
      { combination: "?", label: t("keys.show"), run: () => setKeysShown(true) },
      ...SCREENS.map(({ path, word, key }) => ({
        combination: `Shift+${key}`,
        label: t("keys.goTo", { screen: t(word) }),
        run: () => void navigate(path),
      })),
      {
        combination: "u",
        label: t("keys.toggleClock"),
        run: () => setPreferences({ clock: preferences().clock === "utc" ? "site" : "utc" }),
      },
    ],
  });
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#screen">
        {t("rail.skip")}
      </a>
      <Rail onShowKeys={() => setKeysShown(true)} />
      <div className={styles.area}>
        <AlarmStrip />
        <Outlet />
      </div>
      <div className={styles.timeline}>
        <TimelineBar />
      </div>
      <Herald />
      <KeysOverlay isOpen={keysShown} onClose={() => setKeysShown(false)} />
    </div>
  );
}
