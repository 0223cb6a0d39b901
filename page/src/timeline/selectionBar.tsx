import { Download, Lock, X, ZoomIn } from "lucide-react";

import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { Moment } from "../format/values";
import { useKeys } from "../keys/keys";
import { useWords } from "../words/language";
import { useDesk, useDeskState } from "./desk";
import styles from "./timeline.module.css";
import { spanning } from "./view";

/** What can be done with the selected span; keys mark its ends at the playhead. */
export function SelectionBar() {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const { selection } = useDeskState();
  useKeys({
    title: t("timeline.title"),
    bindings: [
      { combination: "i", label: t("timeline.markStart"), run: () => desk.markEnd("start", desk.clock.position_us()) },
      { combination: "o", label: t("timeline.markEnd"), run: () => desk.markEnd("end", desk.clock.position_us()) },
      { combination: "Escape", label: t("timeline.clear"), run: () => desk.set({ selection: null, selecting: false }) },
    ],
  });
  if (!selection) return null;
  const { start_us, end_us } = selection;
  const isSpan = end_us > start_us;
  return (
    <div className={styles.selection} role="group" aria-label={t("timeline.selection")}>
      <span className={styles.selectionText}>
        <Moment time_us={start_us} /> – <Moment time_us={end_us} />
        <span className="muted">{format.duration((end_us - start_us) / 1e6)}</span>
      </span>
      <Button look="primary" isDisabled={!isSpan} onPress={() => desk.set({ dialog: "export" })}>
        <Download size={16} aria-hidden />
        {t("timeline.export")}
      </Button>
      <Button isDisabled={!isSpan} onPress={() => desk.set({ dialog: "hold" })}>
        <Lock size={16} aria-hidden />
        {t("timeline.hold")}
      </Button>
      <Button
        look="quiet"
        icon
        aria-label={t("timeline.zoomToSelection")}
        isDisabled={!isSpan}
        onPress={() => {
          const margin = (end_us - start_us) * 0.1;
          desk.setView(spanning(desk.view, start_us - margin, end_us + margin));
        }}
      >
        <ZoomIn size={16} aria-hidden />
      </Button>
      <Button look="quiet" icon aria-label={t("timeline.clear")} onPress={() => desk.set({ selection: null })}>
        <X size={16} aria-hidden />
      </Button>
    </div>
  );
}
