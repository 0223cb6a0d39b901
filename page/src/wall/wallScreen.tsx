import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function WallScreen() {
  const t = useWords();
  return <Screen title={t("rail.wall")}>{null}</Screen>;
}
