import { CircleAlert, TriangleAlert, Unplug } from "lucide-react";
import { Link } from "react-router";

import { useFeedLostSince } from "../api/feed";
import { useAlarms } from "../api/queries";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useLocalised, useWords } from "../words/language";
import styles from "./frame.module.css";

/** One quiet line above the screen, there only while something is wrong: the newest of the gravest. */
export function AlarmStrip() {
  const t = useWords();
  const format = useFormat();
  const localised = useLocalised();
  const lostSince_ms = useFeedLostSince();
  const alarms = useAlarms();
  if (lostSince_ms !== null) {
    return (
      <div className={styles.strip} data-severity="error" role="status">
        <Unplug size={16} aria-hidden />
        <span>{t("frame.lost", { time: format.time(lostSince_ms * 1000) })}</span>
      </div>
    );
  }
  const open = (alarms.data ?? []).filter((alarm) => !alarm.ended_us && alarm.severity !== "info");
  const worst = open.some((alarm) => alarm.severity === "error") ? "error" : "warning";
  const newest = open
    .filter((alarm) => alarm.severity === worst)
    .reduce<(typeof open)[number] | null>((best, one) => (best && best.since_us >= one.since_us ? best : one), null);
  if (!newest) return null;
  const Icon = worst === "error" ? CircleAlert : TriangleAlert;
  return (
    <div className={styles.strip} data-severity={worst}>
      <Icon size={16} aria-hidden />
      <Moment time_us={newest.since_us} />
      <span>{localised(newest.message)}</span>
      <Link to="/health">{t("rail.alarmCount", { count: open.length })}</Link>
    </div>
  );
}
