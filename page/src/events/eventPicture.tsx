import { useState } from "react";

import type { DetectedEvent } from "../api/shapes";
import { useWords } from "../words/language";
import styles from "./events.module.css";
import { snapshotBox } from "./path";

/** The best picture of an event with the detector's box on it. */
export function EventPicture({ event }: { event: DetectedEvent }) {
  const t = useWords();
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [missing, setMissing] = useState(false);
  const box = snapshotBox(event);
  if (missing) return <div className={styles.noPicture}>{t("events.noSnapshot")}</div>;
  return (
    <div className={styles.picture}>
      <img
        src={`/api/events/${encodeURIComponent(event.id)}/snapshot.jpg`}
        alt=""
        loading="lazy"
        decoding="async"
        onLoad={({ currentTarget }) =>
          setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
        onError={() => setMissing(true)}
      />
      {size && box && (
        <svg
          className={styles.overlay}
          viewBox={`0 0 ${size.width} ${size.height}`}
          aria-hidden
          data-alert={event.alert ? "yes" : "no"}
        >
          <rect
            className={styles.box}
            x={box[0] * size.width}
            y={box[1] * size.height}
            width={(box[2] - box[0]) * size.width}
            height={(box[3] - box[1]) * size.height}
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      )}
    </div>
  );
}
