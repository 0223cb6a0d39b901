import { PasswordForm } from "../login/passwordForm";
import { Screen } from "../frame/screen";
import { useWords } from "../words/language";
import { DisplaySettings } from "./displaySettings";
import { HoldSettings } from "./holdSettings";
import styles from "./settings.module.css";
import { SiteSettings } from "./siteSettings";
import { WebhookSettings } from "./webhookSettings";

export function SettingsScreen() {
  const t = useWords();
  return (
    <Screen title={t("rail.settings")} scroll>
      <div className={styles.page}>
        <section>
          <h2>{t("settings.display")}</h2>
          <DisplaySettings />
        </section>
        <section>
          <h2>{t("settings.site")}</h2>
          <SiteSettings />
        </section>
        <section>
          <h2>{t("settings.holds")}</h2>
          <HoldSettings />
        </section>
        <section>
          <h2>{t("settings.webhooks")}</h2>
          <WebhookSettings />
        </section>
        <section>
          <h2>{t("login.change")}</h2>
          <PasswordForm />
        </section>
      </div>
    </Screen>
  );
}
