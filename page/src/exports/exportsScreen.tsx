import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function ExportsScreen() {
  const t = useWords();
  return <Screen title={t("rail.exports")}>{null}</Screen>;
}
