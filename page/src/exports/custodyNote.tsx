import { ErrorNote, Note } from "../controls/states";
import { useLocalised, useWords } from "../words/language";
import styles from "./exports.module.css";
import type { useCustody } from "./queries";

/** Whether evidence can be had just now, and if not, why, and which witness does not answer. */
export function CustodyNote({ custody }: { custody: ReturnType<typeof useCustody> }) {
  const t = useWords();
  const localised = useLocalised();
  if (custody.isPending) return null;
  if (custody.isError) return <ErrorNote error={custody.error} />;
  const { problem, quorum, witnesses } = custody.data;
  if (!problem) return <p className="small muted">{localised(quorum)}</p>;
  return (
    <Note severity="warning">
      <p>{localised(problem.message)}</p>
      <ul className={styles.witnesses}>
        {witnesses.map((witness) => (
          <li key={witness.name} data-well={witness.problem ? "no" : "yes"}>
            <bdi>{witness.name}</bdi>
            {": "}
            {t(
              witness.problem === null
                ? "exports.witnessWell"
                : witness.problem === "unreachable"
                  ? "exports.witnessUnreachable"
                  : "exports.witnessRefuses",
            )}
          </li>
        ))}
      </ul>
      <p className="small">{t("exports.recordingGoesOn")}</p>
    </Note>
  );
}
