/**
 * The page's judge at the end of a pipe, for tests/custody: each line of standard input names a bundle and a policy,
 * each line of standard output is the verdict.
 */
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { judgeBundle } from "../../src/verify/judge/judgement";
import { Policy } from "../../src/verify/judge/policy";

interface Question {
  bundle: string;
  policy: string;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { bundle, policy } = JSON.parse(line) as Question;
  const verdict = await judgeBundle(await openAsBlob(bundle), Policy.parse(await readFile(policy)));
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
