import { type FormEvent, useState } from "react";

import { Button } from "../controls/button";
import { Dialog } from "../controls/dialog";
import { TextField } from "../controls/fields";
import { useFormat } from "../format/format";
import { useDesk } from "../timeline/desk";
import { useWords } from "../words/language";
import { parseTime } from "./parseTime";

/** G: a time as a person says it. What it was understood as is shown before going there. */
export function GoToDialog({ onClose }: { onClose: () => void }) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const [text, setText] = useState("");
  const [refused, setRefused] = useState(false);
  const [context] = useState(() => ({ now_us: desk.edge_us, playhead_us: desk.clock.position_us() }));
  const parsed = parseTime(text, { ...context, zone: format.timeZone });
  const reading = parsed.ok
    ? parsed.live
      ? t("playback.goToLive")
      : t("playback.goToReading", { time: format.dateTime(parsed.us) })
    : undefined;

  const go = (event: FormEvent) => {
    event.preventDefault();
    if (!parsed.ok) {
      setRefused(true);
      return;
    }
    if (parsed.live) desk.clock.goLive();
    else desk.clock.seek(parsed.us);
    onClose();
  };
  return (
    <Dialog title={t("playback.goTo")} isOpen onClose={onClose}>
      <form onSubmit={go}>
        <TextField
          label={t("playback.goToField")}
          autoFocus
          value={text}
          onChange={(value) => {
            setText(value);
            setRefused(false);
          }}
          hint={reading ?? t("playback.goToHint")}
          error={refused && !parsed.ok ? t(`playback.goToErrors.${parsed.reason}`) : null}
          validationBehavior="aria"
        />
        <div className="dialog-actions">
          <Button onPress={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" type="submit">
            {t("playback.go")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
