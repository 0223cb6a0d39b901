import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function EventsScreen() {
  const t = useWords();
  return <Screen title={t("rail.events")}>{null}</Screen>;
}
