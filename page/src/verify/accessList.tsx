import { Code, Moment } from "../format/values";
import { useWords } from "../words/language";
import { CappedList } from "./cappedList";
import type { Access } from "./judge/findings";
import { Span } from "./verdictWords";
import styles from "./verify.module.css";

const AT_FIRST = 12;

/** Who looked at the footage before it was exported, the last first. */
export function AccessList({ accesses }: { accesses: Access[] }) {
  const t = useWords();
  if (accesses.length === 0) return <p>{t("verify.nobodyLooked")}</p>;
  return (
    <>
      <CappedList
        items={accesses.toReversed()}
        atFirst={AT_FIRST}
        className={styles.accesses}
        row={({ at_us, act, user, span }) => (
          <li>
            <Moment time_us={at_us} show="dateTime" />
            <strong>{t(`verify.acts.${act}`)}</strong>
            <Code>{user}</Code>
            <span className="small">{span && <Span {...span} />}</span>
          </li>
        )}
      />
      <p className="small muted">{t("verify.lookedMeaning")}</p>
    </>
  );
}
