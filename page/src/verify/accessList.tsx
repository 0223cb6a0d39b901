import { Code, Moment } from "../format/values";
import { useWords } from "../words/language";
import type { Access } from "./judge/findings";
import { Span } from "./verdictWords";
import styles from "./verify.module.css";

/** Who looked at the footage before it was exported. */
export function AccessList({ accesses }: { accesses: Access[] }) {
  const t = useWords();
  if (accesses.length === 0) return <p>{t("verify.nobodyLooked")}</p>;
  return (
    <>
      <ul className={styles.accesses}>
        {accesses.map((access, at) => (
          <li key={at}>
            <Moment time_us={access.at_us} show="dateTime" />
            <strong>{t(`verify.acts.${access.act}`)}</strong>
            <Code>{access.user}</Code>
            <span className="small">{access.span && <Span {...access.span} />}</span>
          </li>
        ))}
      </ul>
      <p className="small muted">{t("verify.lookedMeaning")}</p>
    </>
  );
}
