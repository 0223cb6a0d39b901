import { type Checkpoint, parseCheckpoint } from "./checkpoint";
import { parseNote } from "./note";
import { signatureTime } from "./signature";
import { decodeDecimal, decodeUtf8, isRefusal, Malformed, Unproven } from "./strict";
import { ED25519, parseVerifierKey, type VerifierKey } from "./verifierKey";

interface Group {
  threshold: number;
  members: string[];
}

/** A checkpoint that the log has signed and a quorum of witnesses has cosigned. Times are POSIX seconds. */
export interface Cosigned {
  checkpoint: Checkpoint;
  /** The earliest time by which a whole quorum had signed. */
  notAfter_s: number | null;
  /** The latest time such that a whole quorum signed at or after it. */
  notBefore_s: number | null;
}

const NONE = "none";
const MOST_DEFINITIONS = 1000;

/**
 * A trust policy (C2SP tlog-policy): which logs are believed, and how many of which witnesses must have cosigned. It
 * comes to the verifier from outside, never with the evidence.
 */
export class Policy {
  readonly logs: VerifierKey[] = [];
  readonly witnesses = new Map<string, VerifierKey>();
  private readonly groups = new Map<string, Group>();
  private readonly used = new Set<string>();
  private readonly publicKeys = new Set<string>();
  private quorum: string | null = null;

  /** Throws `Malformed`, saying the line. */
  static parse(bytes: Uint8Array): Policy {
    if (bytes.some((byte) => (byte < 32 && byte !== 9 && byte !== 10) || byte === 127)) {
      throw new Malformed("control character in the policy");
    }
    const text = decodeUtf8(bytes);
    if (text && !text.endsWith("\n")) throw new Malformed("the last line does not end");
    const policy = new Policy();
    text.split("\n").forEach((line, at) => {
      const words = line.split(/[ \t]+/).filter(Boolean);
      if (words.length === 0 || words[0]?.startsWith("#")) return;
      try {
        policy.readLine(words);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        throw new Malformed(`policy line ${at + 1}: ${error.message}`);
      }
    });
    if (policy.quorum === null) throw new Malformed("the policy has no quorum line");
    return policy;
  }

  get needsNoWitness(): boolean {
    return this.quorum === NONE;
  }

  /** How many of how many witnesses must have cosigned, where the policy says it as plainly as that. */
  get threshold(): { least: number; of: number } | null {
    if (this.quorum === null || this.quorum === NONE) return null;
    const group = this.groups.get(this.quorum);
    if (!group) return { least: 1, of: 1 };
    return group.members.every((member) => this.witnesses.has(member))
      ? { least: group.threshold, of: group.members.length }
      : null;
  }

  /** Throws `Malformed` or `Unproven`. */
  async judge(bytes: Uint8Array): Promise<Cosigned> {
    const note = parseNote(bytes);
    const checkpoint = parseCheckpoint(note.text);
    const logs = this.logs.filter((key) => key.name === checkpoint.origin);
    if (logs.length === 0) throw new Unproven(`the policy knows no log ${checkpoint.origin}`);
    let signedByLog = false;
    const times = new Map<string, number>();
    for (const { name, keyId, blob } of note.signatures) {
      const isSigner = (key: VerifierKey) => key.name === name && key.id === keyId;
      const log = logs.find(isSigner);
      const [witness, witnessKey] = [...this.witnesses].find(([, key]) => isSigner(key)) ?? [];
      for (const key of [log, witnessKey]) {
        const time_s = key && (await signatureTime(key, note.text, blob));
        if (time_s === null) throw new Unproven(`the signature of ${name} does not verify`);
        if (time_s !== undefined && key === witnessKey && witness !== undefined) times.set(witness, time_s);
      }
      signedByLog ||= log !== undefined;
    }
    if (!signedByLog) throw new Unproven(`the log ${checkpoint.origin} has not signed`);
    if (!this.isSatisfied(new Set(times.keys()))) {
      throw new Unproven(`${times.size} known cosignatures are no quorum`);
    }
    const earliestFirst = [...times].toSorted(([, one], [, other]) => one - other);
    return {
      checkpoint,
      notAfter_s: this.firstQuorum(earliestFirst),
      notBefore_s: this.firstQuorum(earliestFirst.toReversed()),
    };
  }

  private isSatisfied(cosigners: ReadonlySet<string>): boolean {
    const counts = (name: string): boolean => {
      const group = this.groups.get(name);
      if (!group) return cosigners.has(name);
      return group.members.filter(counts).length >= group.threshold;
    };
    return this.needsNoWitness || (this.quorum !== null && counts(this.quorum));
  }

  private firstQuorum(ordered: [string, number][]): number | null {
    if (this.needsNoWitness) return null;
    const have = new Set<string>();
    for (const [name, time_s] of ordered) {
      have.add(name);
      if (this.isSatisfied(have)) return time_s;
    }
    return null;
  }

  // -- reading -------------------------------------------------------------------------------------------------

  private readLine([keyword, ...rest]: string[]): void {
    const [first = "", second = "", ...others] = rest;
    if (keyword === "log" && (rest.length === 1 || rest.length === 2)) {
      this.logs.push(this.newKey("log", first));
    } else if (keyword === "witness" && (rest.length === 2 || rest.length === 3)) {
      this.refuseTaken(first);
      const key = this.newKey("witness", second);
      if (key.kind === ED25519) throw new Malformed("a key of this kind cannot be a witness's");
      this.witnesses.set(first, key);
    } else if (keyword === "group" && rest.length >= 3) {
      this.readGroup(first, second, others);
    } else if (keyword === "quorum" && rest.length === 1) {
      if (this.quorum !== null) throw new Malformed("second quorum line");
      if (first !== NONE && !this.isDefined(first)) throw new Malformed("quorum of an undefined name");
      this.quorum = first;
    } else {
      throw new Malformed("not a line of a policy");
    }
    if (this.logs.length + this.witnesses.size + this.groups.size > MOST_DEFINITIONS) {
      throw new Malformed("too many definitions");
    }
  }

  private isDefined(name: string): boolean {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  private refuseTaken(name: string): void {
    if (name === NONE || this.isDefined(name)) throw new Malformed("name already taken");
  }

  private newKey(whose: "log" | "witness", text: string): VerifierKey {
    const key = parseVerifierKey(text);
    const known = `${whose} ${key.public.join()}`;
    if (this.publicKeys.has(known)) throw new Malformed("the same public key twice");
    this.publicKeys.add(known);
    return key;
  }

  private readGroup(name: string, threshold: string, members: string[]): void {
    for (const member of members) {
      if (!this.isDefined(member)) throw new Malformed("group of an undefined name");
      if (this.used.has(member)) throw new Malformed("a name is in at most one group");
      this.used.add(member);
    }
    const least = { any: 1, all: members.length }[threshold] ?? Number(decodeDecimal(threshold));
    if (least < 1 || least > members.length) throw new Malformed("threshold out of range");
    this.refuseTaken(name);
    this.groups.set(name, { threshold: least, members });
  }
}
