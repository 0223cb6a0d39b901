import { judgeBundle } from "./judge/judgement";
import { Policy } from "./judge/policy";
import type { Verdict } from "./judge/findings";

export interface Question {
  bundle: File;
  policy: Uint8Array;
}

export type Answer = { doneBytes: number } | { verdict: Verdict } | { failure: string };

const TELL_EVERY_BYTES = 8 << 20;

/** The judge beside the page: hours of video are hashed without the page standing still. */
self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const tell = (answer: Answer) => self.postMessage(answer);
  let done = 0;
  let told = 0;
  const onMeasured = (bytes: number) => {
    done += bytes;
    if (done - told < TELL_EVERY_BYTES) return;
    told = done;
    tell({ doneBytes: done });
  };
  try {
    tell({ verdict: await judgeBundle(data.bundle, Policy.parse(data.policy), onMeasured) });
  } catch (error) {
    // The file could not be read, or the judge itself is at fault: never a verdict.
    tell({ failure: error instanceof Error ? error.message : String(error) });
  }
};
