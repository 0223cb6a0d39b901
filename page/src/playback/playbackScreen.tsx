import { Screen } from "../frame/screen";
import { useWords } from "../words/language";

export function PlaybackScreen() {
  const t = useWords();
  return <Screen title={t("rail.playback")}>{null}</Screen>;
}
