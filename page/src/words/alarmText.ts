import type { Alarm } from "../api/shapes";
import { usePreferences } from "../preferences/preferences";
import { useCauseName, useStreamName } from "./className";
import { localise } from "./language";

/** An alarm's sentence; a cause or stream that the recorder names in English is said in Arabic where the page can. */
export function useAlarmText(): (alarm: Alarm) => string {
  const chosen = usePreferences();
  const causeName = useCauseName();
  const streamName = useStreamName();
  return ({ message, params }) => {
    const text = localise(message, chosen);
    if (chosen.language !== "ar") return text;
    const said: [unknown, (name: string) => string][] = [
      [params["cause"], causeName],
      [params["stream"], streamName],
    ];
    return said.reduce((sentence, [name, word]) => {
      const at = typeof name === "string" ? sentence.lastIndexOf(name) : -1;
      return at < 0 ? sentence : sentence.slice(0, at) + word(String(name)) + sentence.slice(at + String(name).length);
    }, text);
  };
}
