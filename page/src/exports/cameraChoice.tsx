import type { Camera } from "../api/shapes";
import { Checkbox } from "../controls/fields";
import { useWords } from "../words/language";
import styles from "./exports.module.css";

/** Which cameras a span is taken from; at least one. */
export function CameraChoice({
  cameras,
  chosen,
  onChange,
}: {
  cameras: readonly Camera[];
  chosen: readonly string[];
  onChange: (cameras: string[]) => void;
}) {
  const t = useWords();
  return (
    <div className="field" role="group" aria-label={t("exports.cameras")}>
      <span className="field-label">{t("exports.cameras")}</span>
      <div className={styles.cameras}>
        {cameras.map((camera) => (
          <Checkbox
            key={camera.id}
            isSelected={chosen.includes(camera.id)}
            onChange={(on) =>
              onChange(cameras.map((one) => one.id).filter((id) => (id === camera.id ? on : chosen.includes(id))))
            }
          >
            <bdi>{camera.name}</bdi>
          </Checkbox>
        ))}
      </div>
    </div>
  );
}

/** The camera in focus; a person adds the others. */
export function firstChoice(cameras: readonly Camera[], focused: string | null): string[] {
  const ids = cameras.map((camera) => camera.id);
  return focused && ids.includes(focused) ? [focused] : ids.slice(0, 1);
}
