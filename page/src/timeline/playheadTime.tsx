import { useEffect, useRef } from "react";

import { useFormat } from "../format/format";
import { useWords } from "../words/language";
import { useClockState, useDesk } from "./desk";
import styles from "./timeline.module.css";

/** The instant that is shown, written straight into the page ten times a second. */
export function PlayheadTime() {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const { live } = useClockState();
  const time = useRef<HTMLElement>(null);
  const date = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const write = () => {
      const us = desk.clock.position_us();
      const { playing, rate } = desk.clock.state;
      const fine = !playing || rate < 1;
      if (time.current) time.current.textContent = format.time(us, fine ? "tenths" : "seconds");
      if (date.current) date.current.textContent = format.date(us);
    };
    write();
    const timer = setInterval(write, 100);
    const stop = desk.clock.subscribe(write);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [desk, format]);
  return (
    <div className={styles.now} data-live={live ? "yes" : "no"}>
      <bdi dir="ltr" ref={time} className={styles.time} />
      <span ref={date} className={styles.date} />
      <span className={styles.mode}>{live ? t("timeline.live") : t("timeline.recorded")}</span>
    </div>
  );
}
