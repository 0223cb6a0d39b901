import { Dialog } from "../controls/dialog";
import { useKeyGroups } from "../keys/keys";
import { useWords } from "../words/language";
import styles from "./frame.module.css";

const SHOWN: Record<string, string> = {
  " ": "␣",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

function shown(combination: string): string {
  return combination
    .split(/(?<=.)\+/)
    .map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}

export function KeysOverlay({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useWords();
  const groups = useKeyGroups();
  return (
    <Dialog title={t("keys.title")} isOpen={isOpen} onClose={onClose} wide>
      <div className={styles.keyGroups}>
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl className={styles.keyList}>
              {group.bindings.map((binding) => (
                <div key={binding.combination} style={{ display: "contents" }}>
                  <dt>
                    <kbd dir="ltr">{shown(binding.combination)}</kbd>
                  </dt>
                  <dd>{binding.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
