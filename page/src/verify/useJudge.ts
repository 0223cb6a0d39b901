import { useEffect, useRef, useState } from "react";

import type { Verdict } from "./judge/findings";
import type { Answer, Question } from "./worker";
import JudgeWorker from "./worker?worker&inline";

export type Judging =
  | { state: "waiting" }
  | { state: "running"; doneBytes: number }
  | { state: "judged"; verdict: Verdict; bundle: File }
  | { state: "failed"; reason: string };

/** One judgement at a time, in a worker that ends with it. */
export function useJudge() {
  const [judging, setJudging] = useState<Judging>({ state: "waiting" });
  const worker = useRef<Worker | null>(null);
  const stop = () => {
    worker.current?.terminate();
    worker.current = null;
    setJudging({ state: "waiting" });
  };
  const start = (question: Question) => {
    stop();
    setJudging({ state: "running", doneBytes: 0 });
    const judge = new JudgeWorker();
    worker.current = judge;
    const end = (outcome: Judging) => {
      judge.terminate();
      setJudging(outcome);
    };
    judge.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("doneBytes" in data) setJudging({ state: "running", doneBytes: data.doneBytes });
      else if ("verdict" in data) end({ state: "judged", verdict: data.verdict, bundle: question.bundle });
      else end({ state: "failed", reason: data.failure });
    };
    judge.onerror = (event) => end({ state: "failed", reason: event.message });
    judge.postMessage(question);
  };
  useEffect(() => () => worker.current?.terminate(), []);
  return { judging, start, stop };
}
