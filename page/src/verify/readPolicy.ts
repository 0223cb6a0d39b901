import { hexOf } from "./judge/bytes";
import { sha256Of } from "./judge/digest";
import { Policy } from "./judge/policy";
import { isRefusal } from "./judge/strict";

const LARGEST_BYTES = 10_000_000;

/** A chosen policy file: what it says, or why it is none. */
export type ReadPolicy =
  | { file: File; problem: string }
  | { file: File; problem: null; bytes: Uint8Array; policy: Policy; fingerprint: string };

export async function readPolicy(file: File): Promise<ReadPolicy> {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (start[0] === 0x50 && start[1] === 0x4b) return { file, problem: "bundle" };
  if (file.size > LARGEST_BYTES) return { file, problem: "too large" };
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return { file, problem: null, bytes, policy: Policy.parse(bytes), fingerprint: hexOf(sha256Of(bytes)) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { file, problem: error.message };
  }
}
