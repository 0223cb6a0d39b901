import { Download, Languages, SunMoon } from "lucide-react";
import { useEffect, useState } from "react";

import { Button } from "../controls/button";
import { Note } from "../controls/states";
import { useFormat } from "../format/format";
import { setPreferences, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import { FilePick } from "./filePick";
import { PolicyNote } from "./policyNote";
import { readPolicy, type ReadPolicy } from "./readPolicy";
import { useJudge } from "./useJudge";
import { VerdictView } from "./verdictView";
import styles from "./verify.module.css";

/** Where the one-file verifier lies on a recorder. */
export const OFFLINE_VERIFIER = "/basira-verify.html";

/**
 * A bundle and a policy judged in this browser. `alone`: not on a recorder but in a file of its own, which has
 * nowhere to go back to.
 */
export function VerifyPage({ alone = false }: { alone?: boolean }) {
  const t = useWords();
  const [bundle, setBundle] = useState<File | null>(null);
  const [policy, setPolicy] = useState<ReadPolicy | null>(null);
  const { judging, start, stop } = useJudge();
  useEffect(() => {
    document.title = `${t("verify.title")} · ${t("product.name")}`;
  }, [t]);
  const ready = bundle && policy?.problem === null ? { bundle, policy: policy.bytes } : null;

  return (
    <div className={styles.page}>
      <Header alone={alone} />
      <main className={styles.main}>
        {judging.state === "judged" ? (
          <VerdictView verdict={judging.verdict} bundle={judging.bundle} onAgain={stop} />
        ) : (
          <>
            <p>{t("verify.lead")}</p>
            <div className={styles.picks}>
              <FilePick
                label={t("verify.bundle")}
                hint={t("verify.bundleHint")}
                accept={[".zip", "application/zip"]}
                file={bundle}
                onPick={setBundle}
              />
              <FilePick
                label={t("verify.policy")}
                hint={t("verify.policyHint")}
                file={policy?.file ?? null}
                onPick={(file) => void readPolicy(file).then(setPolicy)}
              >
                {policy && <PolicyNote read={policy} />}
              </FilePick>
            </div>
            {judging.state === "failed" && (
              <Note severity="error">{t("verify.failed", { reason: judging.reason })}</Note>
            )}
            {judging.state === "running" && bundle ? (
              <Progress doneBytes={judging.doneBytes} totalBytes={bundle.size} onStop={stop} />
            ) : (
              <div>
                <Button look="primary" isDisabled={!ready} onPress={() => ready && start(ready)}>
                  {t("verify.run")}
                </Button>
              </div>
            )}
            {!alone && (
              <p className={styles.offline}>
                <a className="button" href={OFFLINE_VERIFIER} download>
                  <Download size={16} aria-hidden />
                  {t("verify.offline")}
                </a>
                <span className="small muted">{t("verify.offlineHint")}</span>
              </p>
            )}
          </>
        )}
      </main>
    </div>
  );
}

function Header({ alone }: { alone: boolean }) {
  const t = useWords();
  const { language, theme, clock } = usePreferences();
  return (
    <header className={styles.header}>
      <h1>{t("verify.title")}</h1>
      {!alone && <a href="/">{t("verify.back")}</a>}
      <div className={styles.tools}>
        <Button
          look="quiet"
          aria-label={t("frame.switchClock")}
          onPress={() => setPreferences({ clock: clock === "utc" ? "site" : "utc" })}
        >
          {t(clock === "utc" ? "frame.utcTime" : "frame.siteTime")}
        </Button>
        <Button
          look="quiet"
          icon
          aria-label={t("frame.switchTheme")}
          onPress={() => setPreferences({ theme: theme === "dark" ? "light" : "dark" })}
        >
          <SunMoon size={18} aria-hidden />
        </Button>
        <Button look="quiet" onPress={() => setPreferences({ language: language === "ar" ? "en" : "ar" })}>
          <Languages size={18} aria-hidden />
          <span lang={language === "ar" ? "en" : "ar"}>{t("frame.switchLanguage")}</span>
        </Button>
      </div>
    </header>
  );
}

function Progress({ doneBytes, totalBytes, onStop }: { doneBytes: number; totalBytes: number; onStop: () => void }) {
  const t = useWords();
  const format = useFormat();
  const ratio = totalBytes > 0 ? Math.min(doneBytes / totalBytes, 1) : 0;
  return (
    <div className={styles.progress}>
      <div
        role="progressbar"
        aria-label={t("verify.progress")}
        aria-valuenow={Math.round(ratio * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        className={styles.track}
      >
        <div style={{ inlineSize: `${ratio * 100}%` }} />
      </div>
      <span className="small muted">
        {t("verify.running", { done: format.bytes(doneBytes), total: format.bytes(totalBytes) })}
      </span>
      <Button onPress={onStop}>{t("verify.stop")}</Button>
    </div>
  );
}
