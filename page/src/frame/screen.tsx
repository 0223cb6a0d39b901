import { type ReactNode, useEffect } from "react";

import { useWords } from "../words/language";
import styles from "./frame.module.css";

/**
 * What one screen puts into the frame: its picture area and, beside it, its panel. Only lists scroll: a screen's
 * content fills the area, and scrolls inside itself where it must (`scroll`).
 */
export function Screen({
  title,
  actions,
  panel,
  panelLabel,
  scroll = false,
  bare = false,
  children,
}: {
  title: string;
  actions?: ReactNode;
  panel?: ReactNode;
  panelLabel?: string;
  scroll?: boolean;
  /** No visible title: the pictures need the room. */
  bare?: boolean;
  children: ReactNode;
}) {
  const t = useWords();
  useEffect(() => {
    document.title = `${title} · ${t("product.name")}`;
  }, [title, t]);
  return (
    <div className={styles.screen} data-panel={panel ? "yes" : "no"}>
      <main id="screen" className={styles.main} tabIndex={-1}>
        {bare ? (
          <h1 className="visually-hidden">{title}</h1>
        ) : (
          <header className={styles.header}>
            <h1>{title}</h1>
            <div className={styles.actions}>{actions}</div>
          </header>
        )}
        {scroll ? (
          // A region that scrolls must be reachable by keyboard even while nothing in it takes focus.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <div className={styles.scrolling} role="group" aria-label={title} tabIndex={0}>
            {children}
          </div>
        ) : (
          <div className={styles.filling}>{children}</div>
        )}
      </main>
      {panel && (
        <aside className={styles.panel} aria-label={panelLabel ?? t("frame.panel")}>
          {panel}
        </aside>
      )}
    </div>
  );
}
