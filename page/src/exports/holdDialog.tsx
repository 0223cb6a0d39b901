import { useState } from "react";

import { useCameras } from "../api/queries";
import { Button } from "../controls/button";
import { Dialog } from "../controls/dialog";
import { TextField } from "../controls/fields";
import { ErrorNote } from "../controls/states";
import { useDesk } from "../timeline/desk";
import { useWords } from "../words/language";
import { CameraChoice, firstChoice } from "./cameraChoice";
import { HoldList } from "./holdList";
import { useHolds, useSetHolds } from "./queries";
import { SpanText } from "./spanText";

/** Sets a hold over a span, with its reason; shows the holds that already touch it. */
export function HoldDialog({
  selection,
  onClose,
}: {
  selection: { start_us: number; end_us: number };
  onClose: () => void;
}) {
  const t = useWords();
  const desk = useDesk();
  const cameras = useCameras();
  const list = cameras.data ?? [];
  const [chosen, setChosen] = useState(() => firstChoice(list, desk.state.focused));
  const [reason, setReason] = useState("");
  const set = useSetHolds();
  const holds = useHolds();
  const span = { start_us: Math.floor(selection.start_us), end_us: Math.ceil(selection.end_us) };
  const touching = (holds.data ?? []).filter(
    (hold) => !hold.lifted_us && hold.start_us < span.end_us && hold.end_us > span.start_us,
  );
  return (
    <Dialog title={t("holds.dialogTitle")} isOpen onClose={onClose}>
      <SpanText {...span} />
      {set.isSuccess ? (
        <>
          <p role="status">{t("holds.done")}</p>
          <div className="dialog-actions">
            <Button onPress={() => desk.set({ dialog: null, selection: null })}>{t("common.close")}</Button>
            <Button look="primary" autoFocus onPress={() => desk.set({ dialog: "evidence" })}>
              {t("holds.thenEvidence")}
            </Button>
          </div>
        </>
      ) : (
        <>
          <p className="small muted">{t("holds.meaning")}</p>
          <CameraChoice cameras={list} chosen={chosen} onChange={setChosen} />
          <TextField
            label={t("holds.reason")}
            hint={t("holds.reasonHint")}
            value={reason}
            onChange={setReason}
            isRequired
          />
          <ErrorNote error={set.error} />
          <div className="dialog-actions">
            <Button onPress={onClose}>{t("common.cancel")}</Button>
            <Button
              look="primary"
              isDisabled={chosen.length === 0 || reason.trim() === "" || set.isPending}
              onPress={() => set.mutate({ cameras: chosen, reason: reason.trim(), ...span })}
            >
              {t("holds.set")}
            </Button>
          </div>
        </>
      )}
      {!set.isSuccess && touching.length > 0 && (
        <section>
          <h3>{t("holds.alreadyHere")}</h3>
          <HoldList holds={touching} />
        </section>
      )}
    </Dialog>
  );
}
