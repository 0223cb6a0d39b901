import { en } from "./en";
import { useWords } from "./language";

type ClassName = keyof typeof en.classes;
type StreamWord = keyof typeof en.streams;
type CauseName = keyof typeof en.gapCauses;

/** Classes that the page has a word for, in the order in which it offers them. */
export const KNOWN_CLASSES = Object.keys(en.classes) as ClassName[];

/** The detector's class in the person's language; one it does not know is shown as the detector names it. */
export function useClassName(): (name: string) => string {
  const t = useWords();
  return (name) => (name in en.classes ? t(`classes.${name as ClassName}`) : name);
}

/** Why a camera was not recorded. */
export function useCauseName(): (cause: string) => string {
  const t = useWords();
  return (cause) => t(`gapCauses.${cause in en.gapCauses ? (cause as CauseName) : "unknown"}`);
}

/** Main or sub; any other stream is shown as it is named. */
export function useStreamName(): (stream: string) => string {
  const t = useWords();
  return (stream) => (stream in en.streams ? t(`streams.${stream as StreamWord}`) : stream);
}
