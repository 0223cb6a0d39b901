import { useEffect, useState } from "react";

import { useFormat } from "../format/format";
import type { Preview } from "../timeline/previews";
import { useDesk } from "../timeline/desk";
import { useWords } from "../words/language";
import styles from "./playback.module.css";

const EVERY_MS = 80;
const NEAR_US = 12_000_000;

/** The nearest keyframe, shown at once while the video is on its way, and instead of it when time runs backwards. */
export function PreviewLayer({ camera }: { camera: string }) {
  const t = useWords();
  const desk = useDesk();
  const format = useFormat();
  const [preview, setPreview] = useState<Preview | null>(null);
  useEffect(() => {
    const look = () => {
      const us = desk.clock.position_us();
      desk.previews.want(camera, us, 1e6 * Math.max(1, Math.abs(desk.clock.state.rate)));
      setPreview(desk.previews.nearest(camera, us, NEAR_US) ?? null);
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [camera, desk]);
  if (!preview) return null;
  return (
    <img
      className={styles.preview}
      src={preview.url}
      alt={t("playback.preview", { time: format.time(preview.time_us) })}
    />
  );
}
