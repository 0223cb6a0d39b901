import { CircleCheck, OctagonX, Printer } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";

import { Button } from "../controls/button";
import { Code } from "../format/values";
import { useWords } from "../words/language";
import { AccessList } from "./accessList";
import { CappedList } from "./cappedList";
import { FindingList } from "./findingList";
import { GapList } from "./gapList";
import type { Finding, Verdict, WrongCode } from "./judge/findings";
import { cameraNames, CameraNames, Place, Proven, Span } from "./verdictWords";
import { VideoList } from "./videoList";
import styles from "./verify.module.css";

const SEGMENTS_AT_FIRST = 20;

/** The verdict in words: whether, what first, which time is proven, what is missing, who looked. */
export function VerdictView({ verdict, bundle, onAgain }: { verdict: Verdict; bundle: File; onAgain: () => void }) {
  const t = useWords();
  const good = verdict.wrong.length === 0;
  const { about, bracket } = verdict;
  return (
    <CameraNames.Provider value={cameraNames(about)}>
      <Outcome verdict={verdict} bundle={bundle} />
      <div className={styles.verdictActions}>
        <Button onPress={onAgain}>{t("verify.another")}</Button>
        <Button look="quiet" onPress={() => window.print()}>
          <Printer size={16} aria-hidden />
          {t("verify.print")}
        </Button>
      </div>
      {about && (
        <div className={styles.parts}>
          <Part title={t(good ? "verify.about" : "verify.aboutClaim")}>
            <dl className={styles.facts}>
              <dt>{t("verify.site")}</dt>
              <dd>
                <bdi>{about.site}</bdi>
              </dd>
              <dt>{t("verify.cameras")}</dt>
              <dd>
                {about.cameras.map(({ id, name }) => (
                  <div key={id}>
                    {name && <bdi>{name}</bdi>}{" "}
                    <span className="small muted">
                      <Code>{id}</Code>
                    </span>
                  </div>
                ))}
              </dd>
              <dt>{t("verify.stream")}</dt>
              <dd>{t(about.stream === "sub" ? "streams.sub" : "streams.main")}</dd>
              <dt>{t("verify.span")}</dt>
              <dd>
                <Span {...about} />
              </dd>
            </dl>
          </Part>
          <Part title={t("verify.when")}>
            <dl className={styles.facts}>
              <dt>{t("verify.notBefore")}</dt>
              <dd>
                <Proven time_s={bracket.notBefore_s} />
              </dd>
              <dt>{t("verify.notAfter")}</dt>
              <dd>
                <Proven time_s={bracket.notAfter_s} />
              </dd>
              <dt>{t("verify.sealed")}</dt>
              <dd>
                <Proven time_s={verdict.sealed_s} />
              </dd>
            </dl>
            <p className="small muted">{t("verify.whenMeaning")}</p>
          </Part>
        </div>
      )}
      {verdict.wrong.length > 1 && (
        <Part title={t("verify.findings")}>
          <FindingList findings={verdict.wrong} />
        </Part>
      )}
      {about && (
        <>
          <Part title={t("verify.missing")}>
            <GapList verdict={verdict} />
          </Part>
          <Part title={t("verify.looked")}>
            <AccessList accesses={verdict.accesses} />
          </Part>
        </>
      )}
      <VideoList verdict={verdict} bundle={bundle} />
      {verdict.notices.some(({ code }) => code !== "gap_explained") && (
        <Part title={t("verify.notices")}>
          <FindingList findings={verdict.notices.filter(({ code }) => code !== "gap_explained")} />
        </Part>
      )}
      {verdict.segments.length > 0 && <SegmentList verdict={verdict} />}
    </CameraNames.Provider>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.part} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

/** Read out, and focused, for it is what everything before it was done for. */
function Outcome({ verdict, bundle }: { verdict: Verdict; bundle: File }) {
  const t = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const [first, ...others] = verdict.wrong;
  const Icon = first ? OctagonX : CircleCheck;
  return (
    <section className={styles.outcome} data-outcome={first ? "bad" : "good"} role={first ? "alert" : "status"}>
      <Icon size={40} aria-hidden />
      <div className={styles.outcomeText}>
        <h2 ref={heading} tabIndex={-1}>
          {t(first ? "verify.bad" : "verify.good")}
        </h2>
        {first ? (
          <>
            <p>{t("verify.badMeaning")}</p>
            <FirstWrong finding={first} />
            {others.length > 0 && <p className="small">{t("verify.moreWrong", { count: others.length })}</p>}
          </>
        ) : (
          <p>{t("verify.goodMeaning")}</p>
        )}
        <p className="small">
          <Code>{bundle.name}</Code>
          {" · "}
          {t("verify.segmentCount", { count: verdict.segments.length })}
          {" · "}
          {t("verify.entryCount", { count: verdict.entries })}
        </p>
      </div>
    </section>
  );
}

function FirstWrong({ finding }: { finding: Finding<WrongCode> }) {
  const t = useWords();
  return (
    <p className={styles.firstWrong}>
      <strong>{t(`verify.wrong.${finding.code}`)}</strong>
      {finding.where && <Place where={finding.where} />}
      {finding.span && <Span {...finding.span} />}
      {finding.detail && <Code>{finding.detail}</Code>}
    </p>
  );
}

function SegmentList({ verdict }: { verdict: Verdict }) {
  const t = useWords();
  return (
    <details className={styles.segmentList}>
      <summary>{t("verify.segmentList")}</summary>
      <CappedList
        items={verdict.segments}
        atFirst={SEGMENTS_AT_FIRST}
        className={styles.segments}
        row={({ name, bracket }) => (
          <li>
            <Place where={name} />
            <span className={styles.span}>
              <Proven time_s={bracket.notBefore_s} />
              <span aria-hidden>–</span>
              <Proven time_s={bracket.notAfter_s} />
            </span>
          </li>
        )}
      />
    </details>
  );
}
