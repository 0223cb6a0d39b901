import { Check, Eye } from "lucide-react";
import { Link } from "react-router";

import type { Camera, DetectedEvent } from "../api/shapes";
import { Button } from "../controls/button";
import { Broken, Empty, Loading } from "../controls/states";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useClassName } from "../words/className";
import { useWords } from "../words/language";
import type { useAlerts } from "./alerts";
import { useMarkSeen } from "./markSeen";
import styles from "./wall.module.css";

export function AlertList({ alerts, cameras }: { alerts: ReturnType<typeof useAlerts>; cameras: Camera[] }) {
  const t = useWords();
  const unseen = (alerts.data ?? []).filter((event) => !event.seen).length;
  return (
    <>
      <header className={styles.alertsHead}>
        <h2>{t("wall.alerts")}</h2>
        {unseen > 0 && <span className="small muted">{t("wall.unseen", { count: unseen })}</span>}
        <Link to="/events">{t("wall.allAlerts")}</Link>
      </header>
      <div className={styles.alertsBody}>
        {alerts.isPending && <Loading />}
        {alerts.isError && <Broken error={alerts.error} onRetry={() => void alerts.refetch()} />}
        {alerts.data?.length === 0 && (
          <Empty title={t("wall.noAlerts")}>
            <p>{t("wall.noAlertsAdvice")}</p>
          </Empty>
        )}
        <ul>
          {alerts.data?.map((event) => (
            <AlertItem key={event.id} event={event} camera={cameras.find((one) => one.id === event.camera)} />
          ))}
        </ul>
      </div>
    </>
  );
}

function AlertItem({ event, camera }: { event: DetectedEvent; camera: Camera | undefined }) {
  const t = useWords();
  const format = useFormat();
  const className = useClassName();
  const markSeen = useMarkSeen();
  const path = `/events/${encodeURIComponent(event.id)}`;
  return (
    <li className={styles.alert} data-seen={event.seen ? "yes" : "no"} data-ongoing={event.ongoing ? "yes" : "no"}>
      <Link to={path} className={styles.alertPicture} aria-label={t("wall.open")}>
        <img
          src={`/api/events/${encodeURIComponent(event.id)}/snapshot.jpg`}
          alt=""
          loading="lazy"
          width={112}
          height={63}
        />
      </Link>
      <div className={styles.alertText}>
        <Link to={path} className={styles.alertTitle}>
          {className(event.class)} <span className="muted">{format.percent(event.score)}</span>
        </Link>
        <span className={styles.alertCamera}>
          <bdi>{camera?.name ?? event.camera}</bdi>
        </span>
        <span className="small muted">
          <Moment time_us={event.start_us} /> {event.ongoing && <b className={styles.now}>{t("wall.ongoing")}</b>}
        </span>
      </div>
      {event.seen ? (
        <span className={styles.seen} title={t("wall.seenBy", { name: event.seen.by })}>
          <Check size={16} aria-hidden />
          <span className="visually-hidden">{t("wall.seenBy", { name: event.seen.by })}</span>
        </span>
      ) : (
        <Button
          look="quiet"
          icon
          aria-label={t("wall.markSeen")}
          isDisabled={markSeen.isPending}
          onPress={() => markSeen.mutate(event.id)}
        >
          <Eye size={18} aria-hidden />
        </Button>
      )}
    </li>
  );
}
