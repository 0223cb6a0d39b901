import type { Camera, DetectedEvent, StreamName } from "../api/shapes";
import { useFormat } from "../format/format";
import { LivePicture } from "../player/livePicture";
import { useClassName } from "../words/className";
import { useWords } from "../words/language";
import styles from "./wall.module.css";

interface Props {
  camera: Camera;
  wanted: StreamName;
  number?: number;
  alert: DetectedEvent | undefined;
  enlarged: boolean;
  onToggle: () => void;
}

export function Tile({ camera, wanted, number, alert, enlarged, onToggle }: Props) {
  const t = useWords();
  const format = useFormat();
  const className = useClassName();
  return (
    <li className={styles.tile} data-alert={alert ? "yes" : "no"}>
      <LivePicture camera={camera} wanted={wanted} withSound={enlarged} number={number} />
      <button
        type="button"
        className={styles.cover}
        aria-label={enlarged ? t("wall.shrink") : t("wall.enlarge", { camera: camera.name })}
        onClick={onToggle}
      />
      {alert && (
        <p className={styles.tileAlert}>
          {t("wall.opinion", { class: className(alert.class), score: format.percent(alert.score) })}
        </p>
      )}
    </li>
  );
}
