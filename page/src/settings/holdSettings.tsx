import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "../api/client";
import { keys, useCameras } from "../api/queries";
import type { Hold } from "../api/shapes";
import { Button } from "../controls/button";
import { ConfirmDialog } from "../controls/dialog";
import { Broken, ErrorNote, Loading } from "../controls/states";
import { Moment } from "../format/values";
import { useWords } from "../words/language";
import styles from "./settings.module.css";

/** Every legal hold, those in force first; a lifted one stays in the list. */
export function HoldSettings() {
  const t = useWords();
  const cameras = useCameras();
  const [lifting, setLifting] = useState<Hold | null>(null);
  const holds = useQuery({
    queryKey: keys.holds,
    queryFn: async ({ signal }) => (await answer(api.GET("/api/holds", { signal }))).holds,
  });
  if (holds.isPending) return <Loading />;
  if (holds.isError) return <Broken error={holds.error} onRetry={() => void holds.refetch()} />;
  const sorted = holds.data.toSorted((a, b) => Number(!!a.lifted_us) - Number(!!b.lifted_us) || b.set_us - a.set_us);
  return (
    <>
      {sorted.length === 0 && <p className="muted">{t("settings.noHolds")}</p>}
      <ul className={styles.items}>
        {sorted.map((hold) => (
          <li key={hold.id} data-over={hold.lifted_us ? "yes" : "no"}>
            <div>
              <p>
                <strong>
                  <bdi>{cameras.data?.find((camera) => camera.id === hold.camera)?.name ?? hold.camera}</bdi>
                </strong>{" "}
                <Moment time_us={hold.start_us} show="dateTime" /> – <Moment time_us={hold.end_us} show="dateTime" />
              </p>
              <p>
                <bdi>{hold.reason}</bdi>
              </p>
              <p className="small muted">
                {t("settings.holdBy", { name: hold.set_by })} <Moment time_us={hold.set_us} show="dateTime" />
                {hold.lifted_us && (
                  <>
                    {" · "}
                    {t("settings.holdLiftedBy", { name: hold.lifted_by ?? "" })}{" "}
                    <Moment time_us={hold.lifted_us} show="dateTime" />
                  </>
                )}
              </p>
            </div>
            {!hold.lifted_us && <Button onPress={() => setLifting(hold)}>{t("settings.lift")}</Button>}
          </li>
        ))}
      </ul>
      <LiftDialog hold={lifting} onClose={() => setLifting(null)} />
    </>
  );
}

function LiftDialog({ hold, onClose }: { hold: Hold | null; onClose: () => void }) {
  const t = useWords();
  const cache = useQueryClient();
  const lift = useMutation({
    mutationFn: (hold: string) => answer(api.DELETE("/api/holds/{hold}", { params: { path: { hold } } })),
    onSuccess: async () => {
      await Promise.all([
        cache.invalidateQueries({ queryKey: keys.holds }),
        cache.invalidateQueries({ queryKey: keys.timeline }),
      ]);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("settings.liftTitle")}
      confirm={t("settings.lift")}
      isOpen={hold !== null}
      isBusy={lift.isPending}
      onClose={onClose}
      onConfirm={() => hold && lift.mutate(hold.id)}
    >
      <p>{t("settings.liftMeans")}</p>
      <ErrorNote error={lift.error} />
    </ConfirmDialog>
  );
}
