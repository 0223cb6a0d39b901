import type { StreamState } from "../api/shapes";
import { useFormat } from "../format/format";
import { useWords } from "../words/language";
import styles from "./cameras.module.css";

/** A stream's state in one word, with a sign that does not rest on colour. */
export function StateWord({ state }: { state: StreamState | undefined }) {
  const t = useWords();
  const known = state?.state;
  const sign = { recording: "●", connecting: "◌", stalled: "▲", stopped: "■", error: "▲" }[known ?? "stopped"];
  return (
    <span className={styles.state} data-state={known ?? "unknown"}>
      <span aria-hidden>{sign}</span> {known ? t(`live.states.${known}`) : t("common.unknown")}
    </span>
  );
}

/** 1920×1080 · H.264 · 25 fps · 2.1 Mb/s, as far as known. */
export function StreamFacts({
  facts,
}: {
  facts: {
    width?: number | null;
    height?: number | null;
    codec?: string | null;
    frame_rate?: number | null;
    bit_rate?: number | null;
  };
}) {
  const t = useWords();
  const format = useFormat();
  const parts = [
    facts.width && facts.height
      ? `${format.number(facts.width)}×${format.number(facts.height)}`.replaceAll(/[,٬]/g, "")
      : "",
    facts.codec ?? "",
    facts.frame_rate ? t("cameras.frameRate", { rate: facts.frame_rate }) : "",
    facts.bit_rate ? format.bitRate(facts.bit_rate) : "",
  ].filter(Boolean);
  return (
    <span className={styles.facts}>
      {parts.map((part) => (
        <bdi key={part} dir={/^[\d٠-٩]/.test(part) && part.includes("×") ? "ltr" : undefined}>
          {part}
        </bdi>
      ))}
    </span>
  );
}
