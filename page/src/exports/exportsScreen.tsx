import { ShieldCheck } from "lucide-react";
import { useState } from "react";

import { Segments } from "../controls/fields";
import { Broken, Empty, Loading } from "../controls/states";
import { Screen } from "../frame/screen";
import { useWords } from "../words/language";
import { ExportRow } from "./exportRow";
import styles from "./exports.module.css";
import { HoldList } from "./holdList";
import { useExports, useHolds } from "./queries";

type Shown = "exports" | "holds";

/** What was taken out of the recording, and what may not be deleted from it. */
export function ExportsScreen() {
  const t = useWords();
  const [shown, setShown] = useState<Shown>("exports");
  return (
    <Screen
      title={t(shown === "exports" ? "exports.title" : "holds.title")}
      scroll
      actions={
        <>
          <a className="button quiet" href="/verify" target="_blank" rel="noreferrer">
            <ShieldCheck size={16} aria-hidden />
            {t("verify.title")}
          </a>
          <Segments
            label={t("exports.shown")}
            value={shown}
            onChange={setShown}
            choices={[
              { value: "exports", label: t("exports.title") },
              { value: "holds", label: t("holds.title") },
            ]}
          />
        </>
      }
    >
      {shown === "exports" ? <Exports /> : <Holds />}
    </Screen>
  );
}

function Exports() {
  const t = useWords();
  const exports = useExports();
  if (exports.isPending) return <Loading />;
  if (exports.isError) return <Broken error={exports.error} onRetry={() => void exports.refetch()} />;
  if (exports.data.length === 0) {
    return (
      <Empty title={t("exports.none")}>
        <p>{t("exports.noneAdvice")}</p>
      </Empty>
    );
  }
  return (
    <ul className={styles.list}>
      {exports.data.map((one) => (
        <li key={one.id}>
          <ExportRow one={one} />
        </li>
      ))}
    </ul>
  );
}

function Holds() {
  const t = useWords();
  const holds = useHolds();
  if (holds.isPending) return <Loading />;
  if (holds.isError) return <Broken error={holds.error} onRetry={() => void holds.refetch()} />;
  if (holds.data.length === 0) {
    return (
      <Empty title={t("holds.none")}>
        <p>{t("holds.noneAdvice")}</p>
      </Empty>
    );
  }
  return <HoldList holds={holds.data} />;
}
