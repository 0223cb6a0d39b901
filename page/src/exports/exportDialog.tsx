import { useState } from "react";

import { useCameras } from "../api/queries";
import type { StreamName } from "../api/shapes";
import { Button } from "../controls/button";
import { Dialog } from "../controls/dialog";
import { Segments } from "../controls/fields";
import { ErrorNote } from "../controls/states";
import { useDesk } from "../timeline/desk";
import { useWords } from "../words/language";
import { CameraChoice, firstChoice } from "./cameraChoice";
import { CustodyNote } from "./custodyNote";
import { ExportRow } from "./exportRow";
import { isUnfinished, useCustody, useExports, useStartExport } from "./queries";
import { SpanText } from "./spanText";

/** From a selected span to a file: the dialog stays and shows the progress, but nothing is lost by closing it. */
export function ExportDialog({
  selection,
  asEvidence = false,
  onClose,
}: {
  selection: { start_us: number; end_us: number };
  asEvidence?: boolean;
  onClose: () => void;
}) {
  const t = useWords();
  const desk = useDesk();
  const cameras = useCameras();
  const list = cameras.data ?? [];
  const [chosen, setChosen] = useState(() => firstChoice(list, desk.state.focused));
  const [stream, setStream] = useState<StreamName>("main");
  const [kind, setKind] = useState<"video" | "evidence">(asEvidence ? "evidence" : "video");
  const evidence = kind === "evidence";
  const custody = useCustody(evidence);
  const start = useStartExport();
  const exports = useExports();
  const started = exports.data?.find((one) => one.id === start.data?.id) ?? start.data;
  const hasSub = list.some((camera) => chosen.includes(camera.id) && camera.streams.some(({ name }) => name === "sub"));
  const span = { start_us: Math.floor(selection.start_us), end_us: Math.ceil(selection.end_us) };

  return (
    <Dialog title={t("exports.dialogTitle")} isOpen onClose={onClose} wide={!!started}>
      <SpanText {...span} />
      {started ? (
        <>
          <ExportRow one={started} />
          {isUnfinished(started) && (
            <p className="small muted">{t(started.evidence ? "exports.evidenceGoesOn" : "exports.goesOn")}</p>
          )}
          <div className="dialog-actions">
            <Button onPress={onClose}>{t("common.close")}</Button>
          </div>
        </>
      ) : (
        <>
          <CameraChoice cameras={list} chosen={chosen} onChange={setChosen} />
          {hasSub && (
            <div>
              <Segments
                label={t("exports.stream")}
                value={stream}
                onChange={setStream}
                choices={[
                  { value: "main", label: t("streams.main") },
                  { value: "sub", label: t("streams.sub") },
                ]}
              />
            </div>
          )}
          <div>
            <Segments
              label={t("exports.kind")}
              value={kind}
              onChange={setKind}
              choices={[
                { value: "video", label: t("exports.video") },
                { value: "evidence", label: t("exports.evidence") },
              ]}
            />
          </div>
          <p className="small muted">{t(evidence ? "exports.evidenceMeaning" : "exports.untouched")}</p>
          {evidence && <CustodyNote custody={custody} />}
          <ErrorNote error={start.error} />
          <div className="dialog-actions">
            <Button onPress={onClose}>{t("common.cancel")}</Button>
            <Button
              look="primary"
              isDisabled={chosen.length === 0 || start.isPending || (evidence && custody.data?.problem !== null)}
              onPress={() => start.mutate({ cameras: chosen, stream, evidence, ...span })}
            >
              {t("exports.start")}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
