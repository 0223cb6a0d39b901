import { Check, CircleAlert, Info, TriangleAlert } from "lucide-react";

import type { Alarm, Camera } from "../api/shapes";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useNow_us } from "../frame/clock";
import { useAlarmText } from "../words/alarmText";
import { useWords } from "../words/language";
import styles from "./health.module.css";
import { Part } from "./part";

const SHOWN_OVER = 12;

export function AlarmHistory({ alarms, cameras }: { alarms: Alarm[]; cameras: Camera[] }) {
  const t = useWords();
  const open = alarms.filter((alarm) => !alarm.ended_us);
  const over = alarms.filter((alarm) => alarm.ended_us).slice(0, SHOWN_OVER);
  return (
    <Part title={t("health.alarms")}>
      {open.length === 0 && (
        <p className={styles.calm}>
          <Check size={18} aria-hidden />
          {t("health.noAlarms")}
        </p>
      )}
      <AlarmList alarms={open} cameras={cameras} />
      {over.length > 0 && (
        <details>
          <summary>{t("health.pastAlarms")}</summary>
          <AlarmList alarms={over} cameras={cameras} />
        </details>
      )}
    </Part>
  );
}

function AlarmList({ alarms, cameras }: { alarms: Alarm[]; cameras: Camera[] }) {
  const t = useWords();
  const format = useFormat();
  const alarmText = useAlarmText();
  const now_us = useNow_us();
  return (
    <ul className={styles.alarms}>
      {alarms.map((alarm) => {
        const Icon = { info: Info, warning: TriangleAlert, error: CircleAlert }[alarm.severity];
        const camera = cameras.find((one) => one.id === alarm.camera);
        const length_s = ((alarm.ended_us ?? now_us) - alarm.since_us) / 1e6;
        return (
          <li key={alarm.id} data-severity={alarm.ended_us ? "over" : alarm.severity}>
            <Icon size={18} aria-hidden />
            <div>
              <p>
                {camera && <bdi className={styles.alarmCamera}>{camera.name}</bdi>} {alarmText(alarm)}
              </p>
              <p className="small muted">
                <Moment time_us={alarm.since_us} show="dateTime" /> ·{" "}
                {t(alarm.ended_us ? "health.lasted" : "health.lasts", { duration: format.duration(length_s) })}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
