import type { HealthGap } from "../api/shapes";
import { useNow_us } from "../frame/clock";
import { timelineDirection, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import styles from "./health.module.css";

const DAY_US = 86_400_000_000;
/** A gap of seconds would be thinner than a line: it is widened to this share of the day, never left out. */
const THINNEST = 0.004;

/** The last 24 hours as a line, gaps hatched; time runs as on the timeline. */
export function DayStrip({ gaps }: { gaps: HealthGap[] }) {
  const t = useWords();
  const direction = timelineDirection(usePreferences());
  const now_us = useNow_us();
  const start_us = now_us - DAY_US;
  return (
    <div className={styles.day} dir={direction} role="img" aria-label={t("health.gapCount", { count: gaps.length })}>
      {gaps.map((gap) => {
        const from = Math.max(0, (gap.start_us - start_us) / DAY_US);
        const to = Math.min(1, ((gap.end_us ?? now_us) - start_us) / DAY_US);
        return (
          <i
            key={gap.start_us}
            className={styles.gap}
            style={{ insetInlineStart: `${from * 100}%`, inlineSize: `${Math.max(THINNEST, to - from) * 100}%` }}
          />
        );
      })}
    </div>
  );
}
