import type { Camera } from "../api/shapes";
import { Checkbox } from "../controls/fields";
import { useWords } from "../words/language";
import styles from "./playback.module.css";

/** The side panel: which cameras are played side by side. */
export function CameraPicker({
  cameras,
  chosen,
  most,
  onChange,
}: {
  cameras: readonly Camera[];
  chosen: readonly string[];
  most: number;
  onChange: (ids: readonly string[]) => void;
}) {
  const t = useWords();
  const full = chosen.length >= most;
  return (
    <div className={styles.picker}>
      <h2>{t("playback.cameras")}</h2>
      <p className="small muted">
        {full ? t("playback.tooMany", { most }) : t("playback.cameraChosen", { count: chosen.length, most })}
      </p>
      <ul className={styles.pickerList}>
        {cameras.map((camera) => {
          const isChosen = chosen.includes(camera.id);
          return (
            <li key={camera.id}>
              <Checkbox
                isSelected={isChosen}
                isDisabled={full && !isChosen}
                onChange={(on) => onChange(on ? [...chosen, camera.id] : chosen.filter((id) => id !== camera.id))}
              >
                <bdi>{camera.name}</bdi>
              </Checkbox>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
