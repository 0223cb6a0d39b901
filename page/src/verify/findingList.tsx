import { CircleX, Info } from "lucide-react";

import { Code } from "../format/values";
import { useWords } from "../words/language";
import { CappedList } from "./cappedList";
import { type Finding, NOTICES, type NoticeCode } from "./judge/findings";
import { Place, Span } from "./verdictWords";
import styles from "./verify.module.css";

// A bundle that is wrong all over has thousands of findings, of which the first tell most.
const AT_FIRST = 12;

function isNotice(code: string): code is NoticeCode {
  return (NOTICES as readonly string[]).includes(code);
}

/** Findings in the verifier's order. */
export function FindingList({ findings }: { findings: Finding[] }) {
  const t = useWords();
  return (
    <CappedList
      items={findings}
      atFirst={AT_FIRST}
      className={styles.findings}
      row={({ code, where, span, detail }) => (
        <li>
          {isNotice(code) ? <Info size={16} aria-hidden /> : <CircleX size={16} aria-hidden />}
          <span className={styles.findingText}>
            <strong>{isNotice(code) ? t(`verify.notice.${code}`) : t(`verify.wrong.${code}`)}</strong>
            {where && <Place where={where} />}
            {span && <Span {...span} />}
            {detail && (
              <span className="small muted">
                <Code>{detail}</Code>
              </span>
            )}
          </span>
        </li>
      )}
    />
  );
}
