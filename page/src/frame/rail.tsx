import {
  Cctv,
  Download,
  HeartPulse,
  LayoutGrid,
  Keyboard,
  Languages,
  ListVideo,
  LogOut,
  ScanEye,
  Settings,
} from "lucide-react";
import type { ComponentType } from "react";
import { NavLink } from "react-router";

import { useAlarms, useLogOut } from "../api/queries";
import { Button } from "../controls/button";
import { useFormat } from "../format/format";
import { setPreferences, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import { Clock } from "./clock";
import styles from "./frame.module.css";

export const SCREENS = [
  { path: "/", key: "w", word: "rail.wall", Icon: LayoutGrid },
  { path: "/playback", key: "p", word: "rail.playback", Icon: ListVideo },
  { path: "/events", key: "v", word: "rail.events", Icon: ScanEye },
  { path: "/exports", key: "x", word: "rail.exports", Icon: Download },
  { path: "/cameras", key: "c", word: "rail.cameras", Icon: Cctv },
  { path: "/health", key: "h", word: "rail.health", Icon: HeartPulse },
  { path: "/settings", key: "s", word: "rail.settings", Icon: Settings },
] as const satisfies { path: string; key: string; word: string; Icon: ComponentType<{ size?: number }> }[];

export function Rail({ onShowKeys }: { onShowKeys: () => void }) {
  const t = useWords();
  const format = useFormat();
  const { language } = usePreferences();
  const alarms = useAlarms();
  const logOut = useLogOut();
  const open = (alarms.data ?? []).filter((alarm) => !alarm.ended_us && alarm.severity !== "info");
  const worst = open.some((alarm) => alarm.severity === "error") ? "error" : "warning";
  return (
    <nav className={styles.rail} aria-label={t("rail.label")}>
      <div className={styles.items}>
        {SCREENS.map(({ path, word, Icon }) => (
          <NavLink key={path} to={path} end={path === "/"} className={styles.item}>
            <Icon size={20} aria-hidden />
            {t(word)}
            {path === "/health" && open.length > 0 && (
              <span
                className={styles.badge}
                data-severity={worst}
                aria-label={t("rail.alarmCount", { count: open.length })}
              >
                {format.number(open.length)}
              </span>
            )}
          </NavLink>
        ))}
      </div>
      <div className={styles.foot}>
        <Clock />
        <Button look="quiet" icon aria-label={t("frame.keys")} onPress={onShowKeys}>
          <Keyboard size={18} aria-hidden />
        </Button>
        <Button
          look="quiet"
          icon
          aria-label={t("frame.switchLanguage")}
          onPress={() => setPreferences({ language: language === "ar" ? "en" : "ar" })}
        >
          <Languages size={18} aria-hidden />
        </Button>
        <Button look="quiet" icon aria-label={t("frame.logOut")} onPress={() => logOut.mutate()}>
          <LogOut size={18} aria-hidden />
        </Button>
      </div>
    </nav>
  );
}
