import type { Camera, CameraHealth, Health } from "../api/shapes";
import { StateWord } from "../cameras/streamWords";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useNow_us } from "../frame/clock";
import { useCauseName, useStreamName } from "../words/className";
import { useWords } from "../words/language";
import { DayStrip } from "./dayStrip";
import styles from "./health.module.css";
import { Part } from "./part";

const LATE_ANALYSIS_S = 60;

export function CameraTable({ health, cameras }: { health: Health; cameras: Camera[] }) {
  const t = useWords();
  return (
    <Part title={t("health.cameras")}>
      {health.cameras.length === 0 ? (
        <p className="muted">{t("wall.empty")}</p>
      ) : (
        <div className={styles.wide}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t("health.camera")}</th>
                <th scope="col">{t("health.state")}</th>
                <th scope="col">{t("health.recorded24h")}</th>
                <th scope="col" className={styles.dayColumn}>
                  {t("health.last24h")}
                </th>
                <th scope="col">{t("health.bytes24h")}</th>
                <th scope="col">{t("health.analysisLag")}</th>
              </tr>
            </thead>
            <tbody>
              {health.cameras.map((one) => (
                <CameraRow
                  key={one.camera}
                  health={one}
                  name={cameras.find((camera) => camera.id === one.camera)?.name ?? one.camera}
                  lag_s={health.analysis.lag_s[one.camera] ?? null}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Part>
  );
}

function CameraRow({ health, name, lag_s }: { health: CameraHealth; name: string; lag_s: number | null }) {
  const t = useWords();
  const format = useFormat();
  const streamName = useStreamName();
  const ratio = health.recorded_24h_ratio;
  return (
    <tr>
      <th scope="row">
        <bdi>{name}</bdi>
      </th>
      <td>
        {Object.entries(health.streams).map(([stream, state]) => (
          <div key={stream}>
            <span className="small muted">{streamName(stream)}</span> <StateWord state={state} />
          </div>
        ))}
      </td>
      <td data-label={t("health.recorded24h")}>
        {ratio === null ? "—" : format.percent(ratio, ratio > 0.99 && ratio < 1 ? 2 : 1)}
      </td>
      <td className={styles.dayColumn}>
        <DayStrip gaps={health.gaps_24h.filter((gap) => gap.stream === "main")} />
        <Gaps health={health} />
      </td>
      <td data-label={t("health.bytes24h")}>{format.bytes(health.bytes_24h)}</td>
      <td data-label={t("health.analysisLag")}>
        {lag_s === null ? (
          "—"
        ) : (
          <span className={lag_s > LATE_ANALYSIS_S ? styles.late : undefined}>{format.duration(lag_s)}</span>
        )}
      </td>
    </tr>
  );
}

function Gaps({ health }: { health: CameraHealth }) {
  const t = useWords();
  const format = useFormat();
  const causeName = useCauseName();
  const streamName = useStreamName();
  const now_us = useNow_us();
  if (health.gaps_24h.length === 0) return <span className="small muted">{t("health.noGaps")}</span>;
  return (
    <details>
      <summary>{t("health.gapCount", { count: health.gaps_24h.length })}</summary>
      <ul className={styles.gaps}>
        {health.gaps_24h.map((gap) => (
          <li key={`${gap.stream}${gap.start_us}`}>
            <Moment time_us={gap.start_us} show="dateTime" /> ·{" "}
            {gap.end_us
              ? format.duration((gap.end_us - gap.start_us) / 1e6)
              : t("health.lasts", { duration: format.duration((now_us - gap.start_us) / 1e6) })}{" "}
            · {streamName(gap.stream)} · {causeName(gap.cause)}
          </li>
        ))}
      </ul>
    </details>
  );
}
