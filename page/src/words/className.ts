import { en } from "./en";
import { useWords } from "./language";

type ClassName = keyof typeof en.classes;

/** The detector's class in the person's language; one it does not know is shown as the detector names it. */
export function useClassName(): (name: string) => string {
  const t = useWords();
  return (name) => (name in en.classes ? t(`classes.${name as ClassName}`) : name);
}
