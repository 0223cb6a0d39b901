import { useCameras, useHealth } from "../api/queries";
import type { Health } from "../api/shapes";
import { Broken, Loading } from "../controls/states";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useNow_us } from "../frame/clock";
import { Screen } from "../frame/screen";
import { useWords } from "../words/language";
import { AlarmHistory } from "./alarmHistory";
import { CameraTable } from "./cameraTable";
import { DiskForecast } from "./diskForecast";
import styles from "./health.module.css";
import { Part } from "./part";

export function HealthScreen() {
  const t = useWords();
  const health = useHealth();
  const cameras = useCameras();
  return (
    <Screen title={t("rail.health")} scroll>
      {health.isPending && <Loading />}
      {health.isError && <Broken error={health.error} onRetry={() => void health.refetch()} />}
      {health.data && (
        <div className={styles.page}>
          <AlarmHistory alarms={health.data.alarms} cameras={cameras.data ?? []} />
          <CameraTable health={health.data} cameras={cameras.data ?? []} />
          <div className={styles.columns}>
            <DiskForecast disk={health.data.disk} />
            <Processes health={health.data} />
          </div>
        </div>
      )}
    </Screen>
  );
}

function Processes({ health }: { health: Health }) {
  const t = useWords();
  const format = useFormat();
  const now_us = useNow_us();
  const { synchronised, last_step } = health.clock;
  return (
    <Part title={t("health.processes")}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("health.process")}</th>
            <th scope="col">{t("health.state")}</th>
            <th scope="col">{t("health.runningFor")}</th>
            <th scope="col">{t("health.restarts")}</th>
          </tr>
        </thead>
        <tbody>
          {health.processes.map((process) => (
            <tr key={process.name} data-trouble={process.state === "stopped" ? "yes" : "no"}>
              <th scope="row">{t(`health.processNames.${process.name}`)}</th>
              <td>{t(`health.processStates.${process.state}`)}</td>
              <td>{process.since_us ? format.duration((now_us - process.since_us) / 1e6) : "—"}</td>
              <td>{format.number(process.restarts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{t("health.clock")}</h3>
      <p>
        {t(
          synchronised === null
            ? "health.clockUnknown"
            : synchronised
              ? "health.clockSynchronised"
              : "health.clockNotSynchronised",
        )}
      </p>
      {last_step && (
        <p className="small muted">
          {t("health.clockStep", { step: format.duration(Math.abs(last_step.step_us) / 1e6) })}{" "}
          <Moment time_us={last_step.at_us} show="dateTime" />
        </p>
      )}
    </Part>
  );
}
