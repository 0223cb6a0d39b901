#!/usr/bin/env python3
"""Judge a Basira evidence bundle without Basira, without a network, and without trusting whoever made it.

    python3 basira_verify.py BUNDLE.zip POLICY

Needs Python 3.9 or later and the package ``cryptography`` (46 or later where the policy has ML-DSA keys). The policy
must reach you by another way than the bundle. Exit status: 0 good, 1 something is wrong, 2 cannot be judged.

This file shares no code with Basira. It was written from docs/custody-format.md, so that two programs that agree
are two witnesses and not one. No types and no modern syntax: it must run on a court's old machine.
"""

# mypy: ignore-errors
# ruff: noqa: B905, PTH123, RUF007, UP017

import base64
import hashlib
import json
import re
import struct
import sys
import zlib
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:
    MLDSA44PublicKey = None  # type: ignore[assignment,misc]

TOLERANCE_US = 6_000_000
CLOCK_SLACK_S = 120
DAY_US = 86_400_000_000
UNLISTED = {"manifest.json", "SHA256SUMS", "seal/export.json", "seal/export.tlog-proof", "seal/manifest.tsr"}


class Wrong(Exception):
    """Bytes that are not what they must be."""


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise Wrong("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong("base64 is not canonical")
    return data


def hash_of(text):
    data = b64(text)
    if len(data) != 32:
        raise Wrong("a hash is not 32 bytes")
    return data


def decimal(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text):
        raise Wrong("not a decimal number")
    return int(text)


# -- the container: a ZIP without compression, in one form only --------------------------------------------------


class Bundle:
    """Files by name. ``flaws`` are the places where the container is not in its one form."""

    def __init__(self, file):
        self.file = file
        self.length = self.file.seek(0, 2)
        self.files, self.flaws = {}, []
        self._read()

    def at(self, offset, size):
        if offset < 0 or size < 0 or offset + size > self.length:
            raise Wrong("the container is cut short")
        self.file.seek(offset)
        return self.file.read(size)

    def _read(self):
        magic, _, _, _, count, size, start, _ = struct.unpack("<4s4H2IH", self.at(self.length - 22, 22))
        if magic != b"PK\5\6":
            raise Wrong("not a bundle")
        if start == 0xFFFFFFFF:
            magic, _, where, _ = struct.unpack("<4sIQI", self.at(self.length - 42, 20))
            record = struct.unpack("<4sQ2H2I4Q", self.at(where, 56))
            if (magic, record[0]) != (b"PK\6\7", b"PK\6\6"):
                raise Wrong("not a bundle")
            count, size, start = record[7:]
        directory, place, rows = self.at(start, size), 0, []
        for _ in range(count):
            if place + 46 > len(directory):
                raise Wrong("the directory is cut short")
            row = struct.unpack_from("<4s6H3I5H2I", directory, place)
            if row[0] != b"PK\1\2":
                raise Wrong("not a directory entry")
            name = directory[place + 46 : place + 46 + row[10]].decode("ascii", "replace")
            extra = directory[place + 46 + row[10] : place + 46 + row[10] + row[11]]
            wide = [number for (number,) in struct.iter_unpack("<Q", extra[4 : 4 + (len(extra) - 4) // 8 * 8])]
            length, offset = row[9], row[16]
            if length == 0xFFFFFFFF and len(wide) >= 2:
                length, wide = wide[0], wide[2:]
            if offset == 0xFFFFFFFF and wide:
                offset = wide[0]
            parts = name.split("/")
            if name in self.files or not all(re.fullmatch(r"[\x20-\x7e]+", p) and p not in (".", "..") for p in parts):
                raise Wrong("two files of one name, or a bad name")
            if "\\" in name or ":" in name:
                raise Wrong("a bad name")
            rows.append((name, length, row[7], offset))
            self.files[name] = (offset + len(local_header(name, length, row[7])), length)
            place += 46 + row[10] + row[11]
        self._check(rows, start)

    def _check(self, rows, start):
        if [row[0] for row in rows] != sorted(self.files):
            self.flaws.append("the files are not in order")
        expected = 0
        for name, length, crc, offset in rows:
            header = local_header(name, length, crc)
            try:
                same = offset == expected and self.at(offset, len(header)) == header
                found = 0
                for chunk in self.chunks(name):
                    found = zlib.crc32(chunk, found)
                if not same or found != crc:
                    self.flaws.append(f"{name}: header or checksum")
            except Wrong as error:
                self.flaws.append(f"{name}: {error}")
            expected = offset + len(header) + length
        tail = directory_of(rows, expected)
        if start != expected or self.length != expected + len(tail) or self.at(expected, len(tail)) != tail:
            self.flaws.append("the directory, or bytes that belong to no file")

    def chunks(self, name):
        offset, length = self.files[name]
        for i in range(0, length, 1 << 20):
            yield self.at(offset + i, min(1 << 20, length - i))

    def read(self, name):
        return self.at(*self.files[name])

    def digest(self, name):
        whole = hashlib.sha256()
        for chunk in self.chunks(name):
            whole.update(chunk)
        return whole.hexdigest()


def local_header(name, length, crc):
    wide = length >= 0xFFFFFFFF
    extra = struct.pack("<HHQQ", 1, 16, length, length) if wide else b""
    short = 0xFFFFFFFF if wide else length
    fields = (45 if wide else 20, 0x800, 0, 0, 0x21, crc, short, short, len(name), len(extra))
    return struct.pack("<4s5H3I2H", b"PK\3\4", *fields) + name.encode() + extra


def directory_of(rows, start):
    parts = []
    for name, length, crc, offset in rows:
        wide = [length, length] if length >= 0xFFFFFFFF else []
        wide += [offset] if offset >= 0xFFFFFFFF else []
        extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        version, short = 45 if wide else 20, min(length, 0xFFFFFFFF)
        header = struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 0x300 | version, version, 0x800, 0, 0, 0x21, crc, short, short, len(name),
            len(extra), 0, 0, 0, 0o100644 << 16, min(offset, 0xFFFFFFFF),
        )  # fmt: skip
        parts.append(header + name.encode() + extra)
    body = b"".join(parts)
    count, end = len(rows), start + len(body)
    if count < 0xFFFF and start < 0xFFFFFFFF and len(body) < 0xFFFFFFFF:
        return body + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(body), start, 0)
    body += struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x32D, 45, 0, 0, count, count, end - start, start)
    body += struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    return body + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


# -- keys, notes, policy -----------------------------------------------------------------------------------------


class Key:
    def __init__(self, text, kinds):
        parts = text.split("+", 2)
        if len(parts) != 3 or not parts[0]:
            raise Wrong("not a verifier key")
        data = b64(parts[2])
        if not data or data[0] not in kinds or len(data) != {1: 33, 4: 33, 6: 1313}[data[0]]:
            raise Wrong("a key of the wrong kind or length")
        self.name, self.kind, self.public = parts[0], data[0], data[1:]
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        if self.id.hex() != parts[1]:
            raise Wrong("the key ID is not this key's")

    def verifies(self, text, blob):
        """The time in the signature (0 for the log's own), or None when it does not verify."""
        if len(blob) != {1: 64, 4: 72, 6: 2428}[self.kind]:
            return None
        seconds = 0 if self.kind == 1 else struct.unpack(">Q", blob[:8])[0]
        if self.kind != 1 and not 0 < seconds < 2**63:
            return None
        message = text.encode()
        if self.kind == 4:
            message = f"cosignature/v1\ntime {seconds}\n".encode() + message
        if self.kind == 6:
            origin, size, root = head_of(text)
            name, source = self.name.encode(), origin.encode()
            message = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", seconds)
            message += bytes([len(source)]) + source + struct.pack(">QQ", 0, size) + root
        try:
            if self.kind == 6:
                if MLDSA44PublicKey is None:
                    raise SystemExit("this policy needs cryptography 46 or later")
                MLDSA44PublicKey.from_public_bytes(self.public).verify(blob[8:], message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(blob if self.kind == 1 else blob[8:], message)
        except InvalidSignature:
            return None
        return seconds


def head_of(text):
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0] or "" in lines[3:-1] or len(lines[0].encode()) > 255:
        raise Wrong("not a checkpoint")
    return lines[0], decimal(lines[1]), hash_of(lines[2])


def note_of(data):
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Wrong("not a note") from error
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", whole) or "\n\n" not in whole or not whole.endswith("\n"):
        raise Wrong("not a note")
    text, _, lines = whole.rpartition("\n\n")
    signatures = []
    for line in lines[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        blob = b64(match[2]) if match else b""
        if len(blob) < 5 or match is None:
            raise Wrong("not a signature line")
        signatures.append((match[1], blob[:4], blob[4:]))
    return text + "\n", signatures


class Policy:
    def __init__(self, data):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        if re.search(rb"[^\x09\x0a\x20-\x7e\x80-\xff]", data) or (data and not data.endswith(b"\n")):
            raise Wrong("not a policy")
        used, publics = set(), set()
        for line in data.decode("utf-8", "surrogateescape").split("\n"):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            if not words or words[0].startswith("#"):
                continue
            defined = {"none", *self.witnesses, *self.groups}
            if words[0] == "log" and len(words) in (2, 3):
                self.logs.append(Key(words[1], (1, 4, 6)))
                new = ("log", self.logs[-1].public)
            elif words[0] == "witness" and len(words) in (3, 4) and words[1] not in defined:
                self.witnesses[words[1]] = Key(words[2], (4, 6))
                new = ("witness", self.witnesses[words[1]].public)
            elif words[0] == "group" and len(words) >= 4 and words[1] not in defined:
                members = words[3:]
                k = {"any": 1, "all": len(members)}.get(words[2]) or decimal(words[2])
                if not 1 <= k <= len(members) or len(set(members)) < len(members):
                    raise Wrong("a bad group")
                if not set(members) <= defined - {"none"} or used & set(members):
                    raise Wrong("a bad group")
                used |= set(members)
                self.groups[words[1]] = (k, members)
                continue
            elif words[0] == "quorum" and len(words) == 2 and self.quorum is None and words[1] in defined:
                self.quorum = words[1]
                continue
            else:
                raise Wrong("not a policy")
            if new in publics:
                raise Wrong("the same public key twice")
            publics.add(new)
        if self.quorum is None:
            raise Wrong("the policy has no quorum")

    def satisfied(self, have):
        def counts(name):
            if name in self.groups:
                k, members = self.groups[name]
                return sum(counts(member) for member in members) >= k
            return name in have

        return self.quorum == "none" or counts(self.quorum)

    def judge(self, data):
        """Origin, size, root of a note that log and quorum have signed, and the bracket of its time."""
        text, signatures = note_of(data)
        origin, size, root = head_of(text)
        by_log, times = False, {}
        for name, ident, blob in signatures:
            for witness, key in [("", key) for key in self.logs if key.name == origin] + list(self.witnesses.items()):
                if (key.name, key.id) == (name, ident):
                    seconds = key.verifies(text, blob)
                    if seconds is None:
                        raise Wrong(f"the signature of {name} does not verify")
                    if witness:
                        times[witness] = seconds
                    else:
                        by_log = True
        if not by_log or not self.satisfied(times):
            raise Wrong("not signed by the log and a quorum of the policy's witnesses")
        return origin, size, root, self._first(times, 1), self._first(times, -1)

    def _first(self, times, sign):
        have = set()
        for name in sorted(times, key=lambda name: sign * times[name]):
            have.add(name)
            if self.satisfied(have) and self.quorum != "none":
                return times[name]
        return None


# -- proofs ------------------------------------------------------------------------------------------------------


def root_from(index, size, leaf, path):
    """The root that an inclusion path leads to (RFC 9162, 2.1.3.2), or None."""
    if not 0 <= index < size:
        return None
    fn, sn, found = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return None
        if fn % 2 or fn == sn:
            found = sha256(b"\1" + step + found)
            while fn % 2 == 0 and fn:
                fn, sn = fn // 2, sn // 2
        else:
            found = sha256(b"\1" + found + step)
        fn, sn = fn // 2, sn // 2
    return found if sn == 0 else None


def canonical(data):
    try:
        value = json.loads(data)
        same = json.dumps(value, sort_keys=True, separators=(",", ":")).encode() == data
    except ValueError as error:
        raise Wrong("not JSON") from error
    if not same or not isinstance(value, dict) or not all_plain(value):
        raise Wrong("not in its canonical encoding")
    return value


def all_plain(value):
    """Whether it holds no numbers but integers that every language holds exactly."""
    if isinstance(value, dict):
        return all(all_plain(one) for one in value.values())
    if isinstance(value, list):
        return all(all_plain(one) for one in value)
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) < 2**53)


# -- the judgement -----------------------------------------------------------------------------------------------


class Judgement:
    def __init__(self, bundle, policy):
        self.bundle, self.policy = bundle, policy
        self.wrong, self.notices, self.brackets, self.accesses = [], [], {}, []
        self.judged = {}
        try:
            raw = bundle.read("manifest.json")
            self.manifest = canonical(raw)
            self.span = self.manifest["start_us"], self.manifest["end_us"]
            self.origins = self.manifest["origins"]
            cameras = [camera["id"] for camera in self.manifest["cameras"]]
            if (self.manifest["v"], self.manifest["kind"]) != (1, "basira-evidence"):
                raise Wrong("another kind of manifest")
        except (KeyError, TypeError, Wrong) as error:
            self.say("manifest_malformed", "manifest.json", error)
        else:
            self.seal(sha256(raw).hex())
            self.read_entries()
            altered = self.compare_files()
            claimed = set()
            for camera in cameras:
                self.recording(camera, self.manifest["stream"], claimed)
            for name in sorted(bundle.files):
                if name.startswith("video/") and name not in claimed:
                    self.say("segment_unlogged", name)
            self.deletions()
            for name in sorted(altered - claimed):
                self.say("file_altered", name)
            self.sums()
        for flaw in bundle.flaws:
            self.say("container_altered", "container", flaw)

    def say(self, code, where, detail=""):
        self.wrong.append((code, where, str(detail)))

    def note(self, code, where, detail=""):
        self.notices.append((code, where, str(detail)))

    def judge(self, note, generation):
        digest = sha256(note)
        if digest not in self.judged:
            self.judged[digest] = self.policy.judge(note)
        if self.judged[digest][0] != self.origins.get(str(generation)):
            raise Wrong("a checkpoint of another log")
        return self.judged[digest]

    def prove(self, entry, proof, generation, index=None):
        head, blank, note = proof.partition(b"\n\n")
        lines = head.decode("ascii", "replace").split("\n")
        if not blank or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 2 or not lines[1].startswith("index "):
            raise Wrong("not a tlog-proof")
        number = decimal(lines[1][6:])
        if index is not None and number != index:
            raise Wrong("a proof of another index")
        judged = self.judge(note, generation)
        path = [hash_of(line) for line in lines[2:]]
        if root_from(number, judged[1], sha256(b"\0" + entry), path) != judged[2]:
            raise Wrong("the inclusion path does not lead to the root")
        return judged

    def seal(self, manifest_sha256):
        try:
            data = self.bundle.read("seal/export.json")
            generation = max((int(number) for number in self.origins), default=0)
            entry = canonical(data)
            self.prove(data, self.bundle.read("seal/export.tlog-proof"), generation)
        except KeyError as error:
            return self.say("file_missing", error.args[0])
        except (Wrong, ValueError) as error:
            return self.say("seal_unproven", "seal/export.json", error)
        if (entry.get("kind"), entry.get("act"), entry.get("manifest")) != ("access", "evidence", manifest_sha256):
            self.say("manifest_not_logged", "manifest.json")
        return None

    def read_entries(self):
        self.entries, proofs = [], {name for name in self.bundle.files if name.startswith("proofs/")}
        for name in sorted(name for name in self.bundle.files if name.startswith("entries/")):
            match = re.fullmatch(r"entries/([1-9][0-9]*)/([0-9]{12,})\.json", name)
            if not match or (len(match[2]) > 12 and match[2][0] == "0"):
                self.say("entry_malformed", name, "its name is not an index")
                continue
            generation, index = int(match[1]), int(match[2])
            proof = f"proofs/{match[1]}/{match[2]}.tlog-proof"
            proofs.discard(proof)
            try:
                data = self.bundle.read(name)
                entry = canonical(data)
                if entry.get("v") != 1 or "kind" not in entry:
                    raise Wrong("another version of entry")
            except Wrong as error:
                self.say("entry_malformed", name, error)
                continue
            try:
                judged = self.prove(data, self.bundle.read(proof), generation, index)
            except (KeyError, Wrong) as error:
                self.say("entry_unproven", name, error)
                continue
            try:
                before = self.quoted(entry.get("seen"), generation, index)
            except (KeyError, TypeError, Wrong) as error:
                self.say("quote_unproven", name, error)
                continue
            self.entries.append(((generation, index), entry, before, judged[3]))
        for name in sorted(proofs):
            self.say("proof_stray", name)
        self.entries.sort(key=lambda row: row[0])
        for _, entry, _, _ in self.entries:
            if entry["kind"] == "access":
                self.accesses.append((entry["at_us"], entry["act"], entry["user"]))
            if entry["kind"] == "clock_step":
                self.note("clock_step", entry["step_us"])

    def quoted(self, seen, generation, index):
        if seen is None:
            return None
        note = self.bundle.read(f"checkpoints/{seen['sha256']}")
        judged = self.judge(note, generation)
        if sha256(note).hex() != seen["sha256"] or judged[1] != seen["size"] or seen["size"] > index:
            raise Wrong("not the checkpoint it quotes")
        return judged[4]

    def compare_files(self):
        listed, have = self.manifest["files"], set(self.bundle.files)
        for name in sorted(set(listed) - have):
            if not name.startswith("video/"):
                self.say("file_missing", name)
        for name in sorted(have - set(listed) - UNLISTED):
            self.say("file_added", name)
        altered = set()
        for name in sorted(have & set(listed)):
            try:
                if listed[name] != {"bytes": self.bundle.files[name][1], "sha256": self.bundle.digest(name)}:
                    altered.add(name)
            except Wrong:
                altered.add(name)
        return altered

    def of_stream(self, kind, camera, stream):
        wanted = (kind, camera, stream)
        return [row for row in self.entries if (row[1]["kind"], row[1].get("camera"), row[1].get("stream")) == wanted]

    def recording(self, camera, stream, claimed):
        segments = {}
        for row in self.of_stream("segment", camera, stream):
            key = row[1]["recording"], row[1]["segment"]
            if key in segments and segments[key][1]["sha256"] != row[1]["sha256"]:
                self.say("segment_twice", text_of(row[1]))
            segments.setdefault(key, row)
        ordered = [segments[key] for key in sorted(segments)]
        for (place, one, _, _), (later, two, _, _) in zip(ordered, ordered[1:]):
            if place > later:
                self.say("segment_order", text_of(two))
            same = one["recording"] == two["recording"]
            follows = two["segment"] == one["segment"] + 1 if same else two["segment"] == 0
            if two["previous"] != one["sha256"] or not follows:
                self.say("segment_missing", f"{text_of(one)} … {text_of(two)}")
        covers = self.of_stream("cover", camera, stream)
        for place, cover, _, _ in covers:
            closed = segments.get((cover["recording"], cover["segment"]))
            if closed is not None and place > closed[0]:
                self.say("segment_order", text_of(cover), "a cover after the end")
        deleted = {(row[1]["recording"], row[1]["segment"]) for row in self.of_stream("deletion", camera, stream)}
        for key, (_, entry, before, after) in sorted(segments.items()):
            name = f"video/{camera}/{stream}/{key[0]:08d}/{key[1]:06d}.mp4"
            claimed.add(name)
            self.brackets[text_of(entry)] = before, after
            try:
                data = self.bundle.read(name)
            except KeyError:
                if key not in deleted:
                    self.say("segment_absent", text_of(entry))
                continue
            except Wrong as error:
                self.say("segment_altered", text_of(entry), error)
                continue
            mine = [c[1] for c in covers if (c[1]["recording"], c[1]["segment"]) == key]
            self.segment(data, entry, mine)
        gaps = self.of_stream("gap", camera, stream)
        added = self.enrolled(camera, stream, ordered, covers + gaps)
        self.coverage(f"{camera}/{stream}", ordered, gaps, added)

    def enrolled(self, camera, stream, segments, others):
        """When the stream, or else its camera, was added, where the log proves that nothing of it came before."""
        cameras = [row for row in self.entries if (row[1]["kind"], row[1].get("camera")) == ("camera", camera)]
        first = segments[0][1] if segments else None
        if not first or (first["recording"], first["segment"], first["previous"]) != (1, 0, None):
            return None
        earliest = min(row[0] for row in segments + others)
        for place, added, _, cosigned in self.of_stream("stream", camera, stream)[:1] + cameras[:1]:
            was_so = cosigned is None or added["at_us"] // 1_000_000 <= cosigned + CLOCK_SLACK_S
            if added["change"] == "added" and place <= earliest and was_so:
                return added["at_us"]
        return None

    def segment(self, data, entry, covers):
        where = text_of(entry)
        if len(data) != entry["bytes"] or sha256(data).hex() != entry["sha256"]:
            return self.say("segment_altered", where)
        try:
            header, sealed = segment_header(data), sealed_length(data)
        except (Wrong, KeyError, TypeError, ValueError, struct.error) as error:
            return self.say("segment_broken", where, error)
        if sealed != len(data):
            self.say("segment_broken", where, "a fragment's digest does not agree")
        names = ("site", "camera", "stream", "recording", "segment")
        named = [header.get(name) for name in names] + [
            header.get("previous_sha256"), header["start_utc_ns"] // 1000, header.get("boot_id"),
        ]  # fmt: skip
        if named != [entry[name] for name in names] + [entry["previous"], entry["start_us"], entry["boot"]]:
            self.say("segment_misnamed", where)
        running, hashed = hashlib.sha256(), 0
        for cover in sorted(covers, key=lambda one: one["bytes"]):
            end = max(hashed, cover["bytes"] - 32)
            running.update(memoryview(data)[hashed:end])
            hashed = end
            if cover["bytes"] > len(data) or running.hexdigest() != cover["digest"]:
                return self.say("cover_mismatch", where)
        return None

    def coverage(self, where, segments, gaps, added):
        start, end = self.span
        known = [(row[1]["start_us"], row[1]["end_us"]) for row in segments]
        for gap in {row[1]["number"]: row[1] for row in gaps}.values():
            known.append((gap["start_us"], end if gap["end_us"] is None else gap["end_us"]))
            self.note("gap_explained", where, f"{known[-1]} {gap['cause']}")
        reached = start
        if added is not None:
            began = min([added, end] + [begin for begin, _ in known])
            if began - reached > TOLERANCE_US:
                self.note("not_yet_recording", where, f"before {began} µs")
            reached = max(reached, began)
        for begin, until in sorted(known):
            if begin - reached > TOLERANCE_US and reached < end:
                self.say("unexplained_gap", where, f"{reached}–{min(begin, end)} µs")
            reached = max(reached, until)
        if end - reached > TOLERANCE_US:
            self.say("unexplained_gap", where, f"{reached}–{end} µs")

    def deletions(self):
        """One walk through the log, with what is in force at each place: the retention, the holds."""
        general, own, held, made = None, {}, {}, {}
        for _, entry, before, after in self.entries:
            kind, camera = entry["kind"], entry.get("camera")
            if kind == "retention":
                general = entry["retention_us"]
            elif kind == "camera":
                own[camera] = entry["retention_us"]
            elif kind == "hold":
                held[entry["hold"]] = entry
            elif kind == "hold_lifted":
                held.pop(entry["hold"], None)
            elif kind in ("segment", "deletion"):
                required = own.get(camera)
                if required is None:
                    required = general
                if kind == "segment":
                    made.setdefault(text_of(entry), (before, required))
                else:
                    since, required = made.get(text_of(entry), (None, required))
                    self.deletion(entry, held.values(), required, since, after)

    def deletion(self, entry, holds, required, since, until):
        """Old enough by the rule of the day its segment was logged, and not on hold?"""
        where = text_of(entry)
        early = required is not None and (
            entry["deleted_us"] - entry["end_us"] < required
            or (since is not None and until is not None and (until - since) * 1_000_000 < required)
        )
        if any(
            hold["camera"] == entry["camera"]
            and hold["start_us"] < entry["end_us"]
            and hold["end_us"] > entry["start_us"]
            for hold in holds
        ):
            self.say("held_deletion", where)
        elif entry["why"] in ("size", "floor"):
            self.note("deleted_for_space", where, entry["why"])
        elif early:
            self.say("early_deletion", where, f"retention {required // DAY_US} days")
        else:
            self.note("segment_deleted", where, entry["why"])

    def sums(self):
        try:
            written = self.bundle.read("SHA256SUMS")
            names = sorted(set(self.bundle.files) - {"SHA256SUMS"})
            if written != "".join(f"{self.bundle.digest(name)}  {name}\n" for name in names).encode():
                self.say("sums_wrong", "SHA256SUMS")
        except (KeyError, Wrong) as error:
            self.say("sums_wrong", "SHA256SUMS", error)


def text_of(entry):
    return f"{entry['camera']}/{entry['stream']} {entry['recording']}:{entry['segment']}"


# -- a segment's bytes (docs/recording-format.md) ----------------------------------------------------------------


def box_at(data, offset):
    if offset + 8 > len(data):
        raise Wrong("a box is cut short")
    size, kind = struct.unpack_from(">I4s", data, offset)
    if size == 1:
        size = struct.unpack_from(">Q", data, offset + 8)[0]
    if size < 8 or offset + size > len(data):
        raise Wrong("a box is cut short")
    return kind, size


def segment_header(data):
    offset, header = 0, None
    while True:
        kind, size = box_at(data, offset)
        if kind == b"uuid" and data[offset + 8 : offset + 24] == bytes.fromhex("6261736972615e7365676d656e740001"):
            header = json.loads(data[offset + 24 : offset + size])
        if kind == b"moov":
            if not isinstance(header, dict):
                raise Wrong("no segment header")
            return header
        offset += size


def sealed_length(data):
    """How many bytes the COMMIT boxes vouch for."""
    offset = 0
    while box_at(data, offset)[0] != b"moov":
        offset += box_at(data, offset)[1]
    offset += box_at(data, offset)[1]
    whole = hashlib.sha256(data[:offset])
    good, fragment = offset, 0
    while good < len(data):
        end = offset
        for expected in (b"moof", b"mdat"):
            kind, size = box_at(data, end)
            if kind != expected:
                return good
            end += size
        box = data[end : end + 112]
        if len(box) != 112 or box[:25] != b"\0\0\0\x70uuid" + bytes.fromhex("6261736972615e636f6d6d697400000101"):
            return good
        number, at, length = struct.unpack_from(">I12xQI", box, 28)
        if (number, at, length) != (fragment, offset, end - offset):
            return good
        whole.update(data[offset : end + 80])
        if whole.digest() != box[80:]:
            return good
        whole.update(box[80:])
        good = offset = end + 112
        fragment += 1
    return good


def time_text(seconds):
    return "—" if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).isoformat()


def main(arguments):
    if len(arguments) != 2:
        sys.stderr.write("usage: basira_verify.py BUNDLE.zip POLICY\n")
        return 2
    try:
        with open(arguments[1], "rb") as file:
            policy = Policy(file.read())
    except (OSError, Wrong) as error:
        sys.stderr.write(f"policy: {error}\n")
        return 2
    try:
        with open(arguments[0], "rb") as file:
            judgement = Judgement(Bundle(file), policy)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (Wrong, struct.error) as error:
        print(f"WRONG  bundle_unreadable: {error}")
        return 1
    for finding in judgement.wrong:
        print("WRONG ", *finding)
    for finding in judgement.notices:
        print("note  ", *finding)
    for name, (before, after) in judgement.brackets.items():
        print(f"segment {name}: committed after {time_text(before)}, before {time_text(after)}")
    for at_us, act, user in judgement.accesses:
        print(f"access  {time_text(at_us // 1_000_000)} (node's clock) {act} {user}")
    print("WRONG" if judgement.wrong else "GOOD")
    return 1 if judgement.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
