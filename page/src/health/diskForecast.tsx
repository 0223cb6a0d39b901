import type { Disk } from "../api/shapes";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useWords } from "../words/language";
import styles from "./health.module.css";
import { Part } from "./part";

const SOON_S = 3 * 86_400;

export function DiskForecast({ disk }: { disk: Disk }) {
  const t = useWords();
  const format = useFormat();
  const share = (bytes: number) => `${(100 * Math.max(0, bytes)) / disk.total_bytes}%`;
  const other = disk.total_bytes - disk.free_bytes - disk.footage_bytes;
  const soon = disk.full_in_s !== null && disk.full_in_s < SOON_S;
  return (
    <Part title={t("health.disk")}>
      <div className={styles.disk} aria-hidden>
        <i className={styles.footage} style={{ inlineSize: share(disk.footage_bytes) }} />
        <i className={styles.other} style={{ inlineSize: share(other) }} />
        <i className={styles.free} style={{ inlineSize: share(disk.free_bytes - disk.floor_bytes) }} />
        <i className={styles.floor} style={{ inlineSize: share(disk.floor_bytes) }} />
      </div>
      <p className={soon ? styles.late : undefined}>
        {disk.full_in_s === null
          ? t("health.neverFull")
          : t("health.fullIn", { duration: format.duration(disk.full_in_s) })}
      </p>
      <dl className={styles.figures}>
        <dt>
          <i className={styles.footage} /> {t("health.footage")}
        </dt>
        <dd>{format.bytes(disk.footage_bytes)}</dd>
        <dt>
          <i className={styles.other} /> {t("health.otherFiles")}
        </dt>
        <dd>{format.bytes(Math.max(0, other))}</dd>
        <dt>
          <i className={styles.free} /> {t("health.free")}
        </dt>
        <dd>{format.bytes(disk.free_bytes)}</dd>
        <dt>
          <i className={styles.floor} /> {t("health.floor")}
        </dt>
        <dd>{format.bytes(disk.floor_bytes)}</dd>
        <dt>{t("health.perDay")}</dt>
        <dd>{format.bytes(disk.bytes_per_day)}</dd>
        <dt>{t("health.oldest")}</dt>
        <dd>{disk.oldest_us === null ? "—" : <Moment time_us={disk.oldest_us} show="dateTime" />}</dd>
      </dl>
    </Part>
  );
}
