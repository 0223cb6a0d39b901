import { hexOf } from "./bytes";
import { Container } from "./container";
import { sha256Of } from "./digest";
import { type CoverEntry, parseEntry } from "./entries";
import { emptyVerdict, type Finding, type Verdict, type WrongCode } from "./findings";
import { type LoggedEntry, ofKind, ProofReader, readEntries } from "./loggedEntries";
import {
  MANIFEST,
  type Manifest,
  parseManifest,
  SEAL_ENTRY,
  SEAL_PROOF,
  SEAL_TIMESTAMP,
  SUMS,
  UNLISTED,
  videoName,
} from "./manifest";
import type { Policy } from "./policy";
import {
  CLOCK_SLACK_S,
  checkChain,
  checkCoverage,
  checkSegment,
  type Findings,
  recordOf,
  segmentText,
  type StreamRecord,
} from "./recordingRules";
import { checkDeletions } from "./retentionRules";
import { decodeUtf8, isRefusal } from "./strict";
import { parseTlogProof } from "./tlogProof";

/**
 * A bundle and a policy in, a verdict out. No network, no server, no clock. Everything in the bundle is untrusted
 * until a quorum-cosigned checkpoint vouches for it: the log's own entry about the export vouches for the manifest,
 * the manifest for every file. `onMeasured` is told how many bytes have been checked.
 */
export async function judgeBundle(
  file: Blob,
  policy: Policy,
  onMeasured: (bytes: number) => void = () => undefined,
): Promise<Verdict> {
  let container: Container;
  try {
    container = await Container.open(file, onMeasured);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const verdict = emptyVerdict();
    verdict.wrong.push({ code: "bundle_unreadable", where: "", detail: error.message });
    return verdict;
  }
  return new Judgement(container, policy).verdict();
}

class Judgement {
  private readonly found: Verdict = emptyVerdict();

  private readonly say: Findings = {
    report: (code, where, detail = "", more = {}) => {
      this.found.wrong.push({ ...more, code, where, detail });
    },
    notice: (code, where, detail = "", more = {}) => {
      this.found.notices.push({ ...more, code, where, detail });
    },
  };

  constructor(
    private readonly container: Container,
    private readonly policy: Policy,
  ) {}

  async verdict(): Promise<Verdict> {
    try {
      const bytes = await this.container.read(MANIFEST);
      if (!bytes) this.say.report("file_missing", MANIFEST);
      else await this.judge(parseManifest(bytes), hexOf(sha256Of(bytes)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.say.report("manifest_malformed", MANIFEST, error.message);
    }
    for (const flaw of await this.container.flaws()) this.say.report("container_altered", "container", flaw);
    return this.found;
  }

  private async judge(manifest: Manifest, manifestSha256: string): Promise<void> {
    const { siteName: site, cameras, stream, start_us, end_us } = manifest;
    this.found.about = { site, cameras, stream, start_us, end_us };
    const reader = new ProofReader(this.policy, manifest.origins);
    await this.checkSeal(reader, manifest, manifestSha256);
    const report = (finding: Finding<WrongCode>) => this.found.wrong.push(finding);
    const logged = await readEntries(this.container, reader, report);
    this.found.entries = logged.length;
    this.compareNames(manifest);
    const claimed = await this.checkRecording(manifest, logged);
    checkDeletions(logged, this.say);
    this.tell(logged);
    await this.compareFiles(manifest, claimed);
    await this.checkSums();
  }

  // -- the seal ------------------------------------------------------------------------------------------------

  /** The log's own entry about this export, which holds the hash of the manifest. */
  private async checkSeal(reader: ProofReader, manifest: Manifest, manifestSha256: string): Promise<void> {
    try {
      const entryBytes = await this.container.read(SEAL_ENTRY);
      const proofBytes = await this.container.read(SEAL_PROOF);
      if (!entryBytes || !proofBytes) {
        this.say.report("file_missing", entryBytes ? SEAL_PROOF : SEAL_ENTRY);
        return;
      }
      const entry = parseEntry(entryBytes);
      const generation = Math.max(0, ...[...manifest.origins.keys()].map(Number));
      const judged = await reader.prove(entryBytes, parseTlogProof(proofBytes), generation);
      const isOfThis = entry.kind === "access" && entry.act === "evidence" && entry.manifest === manifestSha256;
      if (!isOfThis) this.say.report("manifest_not_logged", MANIFEST);
      this.found.sealed_s = judged.notAfter_s;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.say.report("seal_unproven", SEAL_ENTRY, error.message);
      return;
    }
    if (this.policy.needsNoWitness) this.say.notice("no_witnesses", "policy");
    if (this.container.has(SEAL_TIMESTAMP)) this.say.notice("timestamp_unchecked", SEAL_TIMESTAMP);
  }

  // -- the files -----------------------------------------------------------------------------------------------

  private compareNames(manifest: Manifest): void {
    for (const name of [...manifest.files.keys()].toSorted()) {
      // A missing segment is reported as that.
      if (!this.container.has(name) && !name.startsWith("video/")) this.say.report("file_missing", name);
    }
    for (const member of this.sorted()) {
      const { name, size: bytes } = member;
      if (!manifest.files.has(name) && !UNLISTED.has(name)) this.say.report("file_added", name);
      if (/^playable\/.*\.mp4$/.test(name)) {
        this.found.enclosures.push({ name, offset: this.container.startOf(member), bytes });
      }
      if (name.endsWith(".c2pa")) this.say.notice("c2pa_unchecked", name);
    }
  }

  private sorted() {
    return [...this.container.members.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Listed files whose bytes are not the listed ones; what an entry of the log claims was judged by that. */
  private async compareFiles(manifest: Manifest, claimed: ReadonlySet<string>): Promise<void> {
    for (const member of this.sorted()) {
      const listed = manifest.files.get(member.name);
      if (!listed || claimed.has(member.name)) continue;
      const sha256 = await this.sha256(member.name);
      if (sha256 !== listed.sha256 || member.size !== listed.bytes) this.say.report("file_altered", member.name);
    }
  }

  /** Null when the container does not hold all of it. */
  private async sha256(name: string): Promise<string | null> {
    const member = this.container.members.get(name);
    try {
      return member ? hexOf((await this.container.measure(member)).sha256) : null;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return null;
    }
  }

  private async checkSums(): Promise<void> {
    if (!this.container.has(SUMS)) {
      this.say.report("file_missing", SUMS);
      return;
    }
    const lines: string[] = [];
    for (const { name } of this.sorted()) {
      if (name !== SUMS) lines.push(`${await this.sha256(name)}  ${name}\n`);
    }
    try {
      if (decodeUtf8((await this.container.read(SUMS)) ?? new Uint8Array()) === lines.join("")) return;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    this.say.report("sums_wrong", SUMS);
  }

  // -- the recording -------------------------------------------------------------------------------------------

  /** Returns the names of the files that entries of the log claim. */
  private async checkRecording(manifest: Manifest, logged: LoggedEntry[]): Promise<Set<string>> {
    const claimed = new Set<string>();
    for (const camera of manifest.cameras) {
      const record = recordOf(logged, camera.id, manifest.stream);
      checkChain(record, this.say);
      await this.checkSegments(record, claimed);
      checkCoverage(record, manifest, `${camera.id}/${manifest.stream}`, this.say);
    }
    for (const { name } of this.sorted()) {
      if (name.startsWith("video/") && !claimed.has(name)) this.say.report("segment_unlogged", name);
    }
    const brackets = this.found.segments.map((segment) => segment.bracket);
    this.found.bracket = {
      notBefore_s: outermost(
        brackets.map((bracket) => bracket.notBefore_s),
        Math.min,
      ),
      notAfter_s: outermost(
        brackets.map((bracket) => bracket.notAfter_s),
        Math.max,
      ),
    };
    return claimed;
  }

  private async checkSegments(record: StreamRecord, claimed: Set<string>): Promise<void> {
    const deleted = new Set(record.deletions.map(({ entry }) => segmentText(entry)));
    const covers = new Map<string, CoverEntry[]>();
    for (const { entry } of record.covers) {
      const text = segmentText(entry);
      covers.set(text, [...(covers.get(text) ?? []), entry]);
    }
    for (const { entry, bracket } of record.segments) {
      const text = segmentText(entry);
      const name = videoName(entry);
      claimed.add(name);
      this.found.segments.push({ name: text, bracket });
      const end_s = Math.floor(entry.end_us / 1_000_000);
      // The node's clock is a claim. One that contradicts the bracket is told, and the bracket is what counts.
      if (bracket.notAfter_s !== null && end_s > bracket.notAfter_s + CLOCK_SLACK_S) {
        this.say.notice("clock_outside_bracket", text, `the clock says ${end_s}`);
      }
      const member = this.container.members.get(name);
      if (member) await checkSegment(this.container, member, entry, covers.get(text) ?? [], this.say.report);
      else if (!deleted.has(text)) this.say.report("segment_absent", text);
    }
  }

  private tell(logged: LoggedEntry[]): void {
    for (const { name, entry } of ofKind(logged, "clock_step")) {
      this.say.notice("clock_step", name, `${entry.step_us} µs`);
    }
    if (new Set(ofKind(logged, "software").map(({ entry }) => entry.digest)).size > 1) {
      this.say.notice("software_changed", "software");
    }
    this.found.accesses = ofKind(logged, "access").map(({ entry: { at_us, act, user, start_us, end_us } }) => ({
      at_us,
      act,
      user,
      span: start_us === null || end_us === null ? null : { start_us, end_us },
    }));
  }
}

function outermost(times: (number | null)[], pick: (...times: number[]) => number): number | null {
  if (times.length === 0 || times.includes(null)) return null;
  return times.reduce((one, other) => pick(one as number, other as number));
}
