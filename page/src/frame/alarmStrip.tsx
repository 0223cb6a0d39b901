import { CircleAlert, TriangleAlert, Unplug } from "lucide-react";
import { Link } from "react-router";

import { useFeedLostSince } from "../api/feed";
import { useAlarms, useCameras } from "../api/queries";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useAlarmText } from "../words/alarmText";
import { useWords } from "../words/language";
import styles from "./frame.module.css";

/** One quiet line above the screen, there only while something is wrong: the newest of the gravest. */
export function AlarmStrip() {
  const t = useWords();
  const format = useFormat();
  const alarmText = useAlarmText();
  const lostSince_ms = useFeedLostSince();
  const alarms = useAlarms();
  const cameras = useCameras();
  if (lostSince_ms !== null) {
    return (
      <section className={styles.strip} data-severity="error" aria-label={t("frame.strip")}>
        <Unplug size={16} aria-hidden />
        <span>{t("frame.lost", { time: format.time(lostSince_ms * 1000) })}</span>
      </section>
    );
  }
  const open = (alarms.data ?? []).filter((alarm) => !alarm.ended_us && alarm.severity !== "info");
  const worst = open.some((alarm) => alarm.severity === "error") ? "error" : "warning";
  const newest = open
    .filter((alarm) => alarm.severity === worst)
    .reduce<(typeof open)[number] | null>((best, one) => (best && best.since_us >= one.since_us ? best : one), null);
  if (!newest) return null;
  const camera = cameras.data?.find((one) => one.id === newest.camera);
  const Icon = worst === "error" ? CircleAlert : TriangleAlert;
  return (
    <section className={styles.strip} data-severity={worst} aria-label={t("frame.strip")}>
      <Icon size={16} aria-hidden />
      <Moment time_us={newest.since_us} />
      <span>
        {camera && (
          <>
            <bdi>{camera.name}</bdi>:{" "}
          </>
        )}
        {alarmText(newest)}
      </span>
      <Link to="/health">{t("rail.alarmCount", { count: open.length })}</Link>
    </section>
  );
}
