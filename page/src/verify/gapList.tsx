import { useGapCause } from "../timeline/gapCause";
import { useWords } from "../words/language";
import type { Verdict } from "./judge/findings";
import { Span, useCameraName } from "./verdictWords";
import styles from "./verify.module.css";

/** Intervals without recording, those that nothing explains first. */
export function GapList({ verdict }: { verdict: Verdict }) {
  const t = useWords();
  const causeText = useGapCause();
  const cameraName = useCameraName();
  const unexplained = verdict.wrong.filter(({ code }) => code === "unexplained_gap");
  const explained = verdict.notices.filter(({ code }) => code === "gap_explained");
  const gaps = [...unexplained, ...explained];
  if (gaps.length === 0) return <p>{t("verify.nothingMissing")}</p>;
  return (
    <ul className={styles.gaps}>
      {gaps.map((gap, at) => {
        const camera = cameraName(gap.where);
        return (
          <li key={at} data-explained={gap.cause === undefined ? "no" : "yes"}>
            {gap.span && <Span {...gap.span} />}
            <span>
              {gap.cause === undefined
                ? t("verify.gapUnexplained", { camera })
                : t("verify.gapOf", { camera, cause: causeText(gap.cause) })}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
