import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function CamerasScreen() {
  const t = useWords();
  return <Screen title={t("rail.cameras")}>{null}</Screen>;
}
