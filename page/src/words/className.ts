import { en } from "./en";
import { useWords } from "./language";

type ClassName = keyof typeof en.classes;
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
