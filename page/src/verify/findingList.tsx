import { CircleX, Info } from "lucide-react";
import { useState } from "react";

import { Button } from "../controls/button";
import { Code } from "../format/values";
import { useWords } from "../words/language";
import { type Finding, NOTICES, type NoticeCode, type WrongCode } from "./judge/findings";
import { Place, Span } from "./verdictWords";
import styles from "./verify.module.css";

const AT_FIRST = 12;

function isNotice(code: string): code is NoticeCode {
  return (NOTICES as readonly string[]).includes(code);
}

/** Findings in the verifier's order; a bundle that is wrong all over has thousands, of which the first tell most. */
export function FindingList({ findings }: { findings: Finding[] }) {
  const t = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? findings : findings.slice(0, AT_FIRST);
  const more = findings.length - shown.length;
  return (
    <>
      <ul className={styles.findings}>
        {shown.map((finding, at) => (
          <li key={at}>
            {isNotice(finding.code) ? <Info size={16} aria-hidden /> : <CircleX size={16} aria-hidden />}
            <span className={styles.findingText}>
              <strong>
                {isNotice(finding.code)
                  ? t(`verify.notice.${finding.code}`)
                  : t(`verify.wrong.${finding.code satisfies WrongCode}`)}
              </strong>
              {finding.where && <Place where={finding.where} />}
              {finding.span && <Span {...finding.span} />}
              {finding.detail && (
                <span className="small muted">
                  <Code>{finding.detail}</Code>
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <div>
          <Button onPress={() => setAll(true)}>{t("verify.showMore", { count: more })}</Button>
        </div>
      )}
    </>
  );
}
