import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function HealthScreen() {
  const t = useWords();
  return <Screen title={t("rail.health")}>{null}</Screen>;
}
