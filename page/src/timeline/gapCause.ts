import { en } from "../words/en";
import { useWords } from "../words/language";

type Cause = keyof typeof en.timeline.causes;

/** A gap's cause as a sentence; one that this page does not know yet is called unknown. */
export function useGapCause(): (cause: string) => string {
  const t = useWords();
  return (cause) => t(`timeline.causes.${cause in en.timeline.causes ? (cause as Cause) : "unknown"}`);
}
