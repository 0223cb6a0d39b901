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

const CODEC_NAMES: Record<string, string> = { h264: "H.264", hevc: "H.265", h265: "H.265" };

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
  const size = (pixels: number) => format.number(pixels).replaceAll(/[,٬]/g, "");
  const parts = [
    facts.codec ? (CODEC_NAMES[facts.codec] ?? facts.codec) : "",
    facts.frame_rate ? t("cameras.frameRate", { rate: facts.frame_rate }) : "",
    facts.bit_rate ? format.bitRate(facts.bit_rate) : "",
  ].filter(Boolean);
  return (
    <span className={styles.facts}>
      {facts.width && facts.height ? (
        <span>
          {/* Arabic-Indic digits around × would be ordered from right to left even here: width always comes first. */}
          <bdo dir="ltr">
            {size(facts.width)}×{size(facts.height)}
          </bdo>
        </span>
      ) : null}
      {parts.map((part) => (
        <span key={part}>
          <bdi>{part}</bdi>
        </span>
      ))}
    </span>
  );
}
