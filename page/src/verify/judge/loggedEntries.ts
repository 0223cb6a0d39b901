import { hexOf } from "./bytes";
import type { Container } from "./container";
import { sha256Of } from "./digest";
import { type Entry, parseEntry } from "./entries";
import type { Bracket, Finding, WrongCode } from "./findings";
import { entryName, proofName, quoteName } from "./manifest";
import { leafHash, verifyInclusion } from "./merkle";
import type { Cosigned, Policy } from "./policy";
import { isRefusal, Malformed, Unproven } from "./strict";
import { parseTlogProof, type TlogProof } from "./tlogProof";

/** A proven entry. `bracket` is when it was committed, as far as the witnesses vouch. */
export interface LoggedEntry<Kind extends Entry = Entry> {
  generation: number;
  index: number;
  name: string;
  entry: Kind;
  bracket: Bracket;
}

/** Below zero when `one` stands before `other` in the log. */
export function byPlace(one: LoggedEntry, other: LoggedEntry): number {
  return one.generation - other.generation || one.index - other.index;
}

export function ofKind<Kind extends Entry["kind"]>(
  logged: readonly LoggedEntry[],
  kind: Kind,
): LoggedEntry<Extract<Entry, { kind: Kind }>>[] {
  return logged.filter((one) => one.entry.kind === kind) as LoggedEntry<Extract<Entry, { kind: Kind }>>[];
}

/** Checks proofs against a policy; each checkpoint's signatures once. */
export class ProofReader {
  private readonly judged = new Map<string, Promise<Cosigned>>();

  constructor(
    private readonly policy: Policy,
    private readonly origins: ReadonlyMap<string, string>,
  ) {}

  /** Throws `Malformed` or `Unproven`. */
  async judge(note: Uint8Array, generation: number): Promise<Cosigned> {
    const digest = hexOf(sha256Of(note));
    const judging = this.judged.get(digest) ?? this.policy.judge(note);
    this.judged.set(digest, judging);
    const judged = await judging;
    const { origin } = judged.checkpoint;
    if (origin !== this.origins.get(String(generation))) throw new Unproven(`the checkpoint is of ${origin}`);
    return judged;
  }

  /** The checkpoint that the entry is proven to be under. Throws `Malformed` or `Unproven`. */
  async prove(entry: Uint8Array, proof: TlogProof, generation: number): Promise<Cosigned> {
    const judged = await this.judge(proof.checkpoint, generation);
    const { size, root } = judged.checkpoint;
    if (!verifyInclusion(proof.index, size, leafHash(entry), proof.path, root)) {
      throw new Unproven("the inclusion path does not lead to the root");
    }
    return judged;
  }
}

type Report = (finding: Finding<WrongCode>) => void;

/** Every entry of the bundle that is proven, in the order of the log; what is not is reported. */
export async function readEntries(container: Container, reader: ProofReader, report: Report): Promise<LoggedEntry[]> {
  const names = [...container.members.keys()].toSorted();
  const proofs = new Set(names.filter((name) => name.startsWith("proofs/")));
  const logged: LoggedEntry[] = [];
  for (const name of names.filter((one) => one.startsWith("entries/"))) {
    proofs.delete(name.replace("entries/", "proofs/").replace(".json", ".tlog-proof"));
    const found = await readEntry(container, name, reader, report);
    if (found) logged.push(found);
  }
  for (const name of proofs) report({ code: "proof_stray", where: name, detail: "" });
  return logged.toSorted(byPlace);
}

function placeOf(name: string): { generation: number; index: number } {
  const match = /^entries\/(0|[1-9][0-9]{0,14})\/([0-9]{12,15})\.json$/.exec(name);
  const place = { generation: Number(match?.[1]), index: Number(match?.[2]) };
  if (!match || entryName(place.generation, place.index) !== name) throw new Malformed("its name is not an index");
  return place;
}

async function readEntry(
  container: Container,
  name: string,
  reader: ProofReader,
  report: Report,
): Promise<LoggedEntry | null> {
  // Each step has its own name for what can be wrong with it.
  let step: WrongCode = "entry_malformed";
  try {
    const { generation, index } = placeOf(name);
    const bytes = (await container.read(name)) ?? new Uint8Array();
    const entry = parseEntry(bytes);
    step = "entry_unproven";
    const proofBytes = await container.read(proofName(generation, index));
    if (!proofBytes) throw new Unproven("its proof is missing");
    const proof = parseTlogProof(proofBytes);
    if (proof.index !== BigInt(index)) throw new Unproven("the proof is of another index");
    const { notAfter_s } = await reader.prove(bytes, proof, generation);
    step = "quote_unproven";
    const notBefore_s = await quotedTime(container, entry, reader, generation, index);
    return { generation, index, name, entry, bracket: { notBefore_s, notAfter_s } };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    report({ code: step, where: name, detail: error.message });
    return null;
  }
}

/** When the checkpoint that the entry quotes had been cosigned; null when it quotes none. */
async function quotedTime(
  container: Container,
  entry: Entry,
  reader: ProofReader,
  generation: number,
  index: number,
): Promise<number | null> {
  const seen = "seen" in entry ? entry.seen : null;
  if (!seen) return null;
  const note = await container.read(quoteName(seen.sha256));
  if (!note) throw new Unproven("the quoted checkpoint is missing");
  if (hexOf(sha256Of(note)) !== seen.sha256) throw new Unproven("the quoted checkpoint has another hash");
  const judged = await reader.judge(note, generation);
  if (judged.checkpoint.size !== BigInt(seen.size) || seen.size > index) {
    throw new Unproven("the quoted checkpoint is not of an earlier size");
  }
  return judged.notBefore_s;
}
