import { Lock } from "lucide-react";
import { useState } from "react";

import { useCameras } from "../api/queries";
import type { Hold } from "../api/shapes";
import { Button } from "../controls/button";
import { ConfirmDialog } from "../controls/dialog";
import { ErrorNote } from "../controls/states";
import { Moment } from "../format/values";
import { useWords } from "../words/language";
import styles from "./exports.module.css";
import { useLiftHold } from "./queries";
import { SpanText } from "./spanText";

export function HoldList({ holds }: { holds: readonly Hold[] }) {
  const t = useWords();
  const cameras = useCameras();
  const lift = useLiftHold();
  const [lifting, setLifting] = useState<Hold | null>(null);
  const nameOf = (id: string) => cameras.data?.find((camera) => camera.id === id)?.name ?? id;
  return (
    <>
      <ErrorNote error={lift.error} />
      <ul className={styles.list}>
        {holds.map((hold) => (
          <li key={hold.id} className={styles.row}>
            <Lock size={18} className={styles.holdMark} aria-hidden />
            <div className={styles.rowBody}>
              <strong>
                <bdi>{nameOf(hold.camera)}</bdi>
              </strong>
              <SpanText start_us={hold.start_us} end_us={hold.end_us} />
              <span>
                <bdi>{hold.reason}</bdi>
              </span>
              <span className="small muted">
                {t("holds.setBy", { name: hold.set_by })} <Moment time_us={hold.set_us} show="dateTime" />
              </span>
              {hold.lifted_us && (
                <span className="small muted">
                  {t("holds.liftedBy", { name: hold.lifted_by ?? "" })}{" "}
                  <Moment time_us={hold.lifted_us} show="dateTime" />
                </span>
              )}
            </div>
            {!hold.lifted_us && <Button onPress={() => setLifting(hold)}>{t("holds.lift")}</Button>}
          </li>
        ))}
      </ul>
      <ConfirmDialog
        title={t("holds.liftTitle")}
        confirm={t("holds.lift")}
        isOpen={lifting !== null}
        isBusy={lift.isPending}
        onClose={() => setLifting(null)}
        onConfirm={() => {
          if (lifting) lift.mutate(lifting, { onSettled: () => setLifting(null) });
        }}
      >
        <p>{t("holds.liftMeaning")}</p>
      </ConfirmDialog>
    </>
  );
}
