import { useEffect, useState } from "react";

import { serverClock } from "../api/serverClock";
import { useFormat } from "../format/format";
import { setPreferences, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import styles from "./frame.module.css";

/** The recorder's time now, renewed at each full second. */
export function useNow_us(): number {
  const [now_us, setNow] = useState(() => serverClock.now_us());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const next_us = serverClock.now_us();
      setNow(next_us);
      timer = setTimeout(tick, 1000 - (Math.floor(next_us / 1000) % 1000));
    };
    tick();
    return () => clearTimeout(timer);
  }, []);
  return now_us;
}

export function Clock() {
  const t = useWords();
  const format = useFormat();
  const now_us = useNow_us();
  const { clock } = usePreferences();
  const isUtc = clock === "utc";
  return (
    <button
      type="button"
      className={styles.clock}
      data-utc={isUtc ? "yes" : "no"}
      title={t("frame.switchClock")}
      onClick={() => setPreferences({ clock: isUtc ? "site" : "utc" })}
    >
      <strong>
        <bdi dir="ltr">{format.time(now_us)}</bdi>
      </strong>
      <span>{t(isUtc ? "frame.utcTime" : "frame.siteTime")}</span>
    </button>
  );
}
