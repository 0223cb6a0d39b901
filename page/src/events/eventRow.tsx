import { Check, TriangleAlert } from "lucide-react";
import { memo, useEffect, useRef } from "react";

import type { DetectedEvent } from "../api/shapes";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useClassName } from "../words/className";
import { useWords } from "../words/language";
import { EventPicture } from "./eventPicture";
import styles from "./events.module.css";

/** One thing to look at. */
export const EventRow = memo(function EventRow({
  event,
  cameraName,
  isChosen,
  onChoose,
}: {
  event: DetectedEvent;
  cameraName: string;
  isChosen: boolean;
  onChoose: (id: string) => void;
}) {
  const t = useWords();
  const format = useFormat();
  const className = useClassName();
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isChosen) return;
    row.current?.scrollIntoView({ block: "nearest" });
    // Going through the list by keys takes the focus along, if it was in the list.
    const list = row.current?.closest("ol");
    if (list?.contains(document.activeElement)) row.current?.focus({ preventScroll: true });
  }, [isChosen]);
  return (
    <li className={styles.item}>
      <button
        ref={row}
        type="button"
        className={styles.row}
        data-event={event.id}
        data-seen={event.seen ? "yes" : "no"}
        aria-current={isChosen ? "true" : undefined}
        onClick={() => onChoose(event.id)}
      >
        <EventPicture event={event} />
        <span className={styles.text}>
          <span className={styles.what}>
            {event.alert && <TriangleAlert size={15} className={styles.alertMark} aria-label={t("events.alert")} />}
            <strong>{className(event.class)}</strong>
            <span className="muted small">{t("events.scoreOf", { score: format.percent(event.score) })}</span>
          </span>
          <span className={styles.camera}>
            <bdi>{cameraName}</bdi>
          </span>
          <span className={styles.time}>
            <Moment time_us={event.start_us} />
            {event.ongoing ? (
              <span className={styles.ongoing}>{t("events.ongoing")}</span>
            ) : (
              <span className="muted">{format.duration((event.end_us - event.start_us) / 1e6)}</span>
            )}
          </span>
          {event.seen && (
            <span className={styles.seen}>
              <Check size={13} aria-hidden />
              {t("events.seenBy", { name: event.seen.by })}
            </span>
          )}
        </span>
      </button>
    </li>
  );
});
