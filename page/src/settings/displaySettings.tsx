import { Segments } from "../controls/fields";
import { setPreferences, usePreferences } from "../preferences/preferences";
import { useWords } from "../words/language";
import styles from "./settings.module.css";

export function DisplaySettings() {
  const t = useWords();
  const chosen = usePreferences();
  return (
    <dl className={styles.rows}>
      <dt>{t("settings.language")}</dt>
      <dd>
        <Segments
          label={t("settings.language")}
          value={chosen.language}
          onChange={(language) => setPreferences({ language })}
          choices={[
            { value: "ar", label: "العربية" },
            { value: "en", label: "English" },
          ]}
        />
      </dd>
      <dt>{t("settings.digits")}</dt>
      <dd>
        <Segments
          label={t("settings.digits")}
          value={chosen.digits}
          onChange={(digits) => setPreferences({ digits })}
          choices={[
            { value: "arab", label: "٠١٢٣" },
            { value: "latn", label: "0123" },
          ]}
        />
        {chosen.language === "en" && <span className="small muted">{t("settings.digitsHint")}</span>}
      </dd>
      <dt>{t("settings.theme")}</dt>
      <dd>
        <Segments
          label={t("settings.theme")}
          value={chosen.theme}
          onChange={(theme) => setPreferences({ theme })}
          choices={[
            { value: "dark", label: t("settings.dark") },
            { value: "light", label: t("settings.light") },
          ]}
        />
      </dd>
      <dt>{t("settings.timeline")}</dt>
      <dd>
        <Segments
          label={t("settings.timeline")}
          value={chosen.timelineDirection}
          onChange={(timelineDirection) => setPreferences({ timelineDirection })}
          choices={[
            { value: "language", label: t("settings.timelineLanguage") },
            { value: "rtl", label: t("settings.timelineRtl") },
            { value: "ltr", label: t("settings.timelineLtr") },
          ]}
        />
      </dd>
      <dt>{t("settings.clock")}</dt>
      <dd>
        <Segments
          label={t("settings.clock")}
          value={chosen.clock}
          onChange={(clock) => setPreferences({ clock })}
          choices={[
            { value: "site", label: t("frame.siteTime") },
            { value: "utc", label: t("frame.utcTime") },
          ]}
        />
      </dd>
    </dl>
  );
}
