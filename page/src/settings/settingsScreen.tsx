import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function SettingsScreen() {
  const t = useWords();
  return <Screen title={t("rail.settings")}>{null}</Screen>;
}
