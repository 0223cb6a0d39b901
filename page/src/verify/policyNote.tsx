import { Note } from "../controls/states";
import { Code } from "../format/values";
import { useWords } from "../words/language";
import type { ReadPolicy } from "./readPolicy";
import styles from "./verify.module.css";

/** What the chosen policy says, and its fingerprint, so that it can be compared with one told by another way. */
export function PolicyNote({ read }: { read: ReadPolicy }) {
  const t = useWords();
  if (read.problem !== null) {
    return (
      <Note severity="error">
        {read.problem === "bundle" ? t("verify.policyIsBundle") : t("verify.policyBad", { reason: read.problem })}
      </Note>
    );
  }
  const { threshold, needsNoWitness, logs } = read.policy;
  return (
    <div className={styles.policyNote}>
      <p>
        {t("verify.policyLogs")}{" "}
        {[...new Set(logs.map((key) => key.name))].map((name) => (
          <span key={name}>
            <Code>{name}</Code>{" "}
          </span>
        ))}
      </p>
      {needsNoWitness ? (
        <Note severity="warning">{t("verify.policyNone")}</Note>
      ) : (
        <p>{threshold ? t("verify.policyQuorum", { ...threshold }) : t("verify.policyGroups")}</p>
      )}
      <p className="small muted">{t("verify.fingerprint")}</p>
      <Code>{read.fingerprint}</Code>
    </div>
  );
}
