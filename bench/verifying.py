"""What verifying costs, measured on whole bundles: an hour of a camera with its video, a day of 64 cameras without.

The hour is real footage at 2.5 Mb/s, recorded by the recorder's own writer and followed by the log as it follows a
camera. The day is the entries of every segment with their proofs, sealed as an export is; its video, terabytes, is left
out and every verifier says so of each segment. What hashing it would take is computed from the hour.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from basira.base.clock import NS_PER_S
from basira.custody.container import Container
from basira.custody.findings import Verdict
from basira.custody.logged import ProofReader, read_entries
from basira.custody.manifest import MANIFEST, Manifest
from basira.custody.policy import Policy
from basira.custody.verify import verify_bundle
from bench.clips import RATE, SCENES, make_clip
from bench.sealed_day import SealedDay
from bench.stopwatch import Stopwatch
from tests.custody.bundles import export
from tests.custody.node import START_NS, Node
from tests.custody.single_file import load_single_file

Rows = list[tuple[str, str]]

_MINUTE_S: Final = 60
# What is appended to an open segment between two covers: the log takes facts in every eight seconds.
_BETWEEN_COVERS_FRAMES: Final = (120, 120, 120, 120, 120, 120, 120, 60)
_COVERS: Final = len(_BETWEEN_COVERS_FRAMES)
_DAY_CAMERAS: Final = 64
_BIT_RATE: Final = 2_500_000


@dataclass(frozen=True, slots=True)
class Judging:
    """CPU seconds of both Python verifiers over one bundle, and of its entries alone."""

    package_s: float
    single_file_s: float
    entries_s: float
    entries: int


def judge(bundle: Path, node: Node, agrees: Callable[[Iterable[str]], bool]) -> Judging:
    """Both must find what ``agrees`` expects of the codes of what is wrong."""
    package, single, entries = Stopwatch(), Stopwatch(), Stopwatch()
    with package.running():
        verdict: Verdict = verify_bundle(bundle, node.policy)
    assert agrees(finding.code for finding in verdict.wrong), verdict.wrong[:3]
    module = load_single_file()
    with single.running(), bundle.open("rb") as file:
        judgement = module.Judgement(module.Bundle(file), module.Policy(node.policy_path.read_bytes()))
    assert agrees(code for code, _, _ in judgement.wrong), judgement.wrong[:3]
    with entries.running():
        count = _read_entries(bundle, node.policy)
    return Judging(package.cpu_s, single.cpu_s, entries.cpu_s, count)


def _read_entries(bundle: Path, policy: Policy) -> int:
    with bundle.open("rb") as file:
        files = Container(file)
        manifest = Manifest.parse(files.read(MANIFEST))
        reader = ProofReader(policy, manifest.origins)
        return len(read_entries(files, list(files.members), reader, lambda finding: None))


def _size_of(bundle: Path, *prefixes: str) -> int:
    with bundle.open("rb") as file:
        members = Container(file).members
        return sum(member.size for name, member in members.items() if name.startswith(prefixes))


# -- an hour -------------------------------------------------------------------------------------------------------


def an_hour(root: Path, footage: Path, cache: Path) -> tuple[Rows, float]:
    """Rows, and what a byte of video costs in CPU seconds."""
    node = Node(root / "hour", _minute_clip(root, footage, cache))
    for number in range(60):
        _record_minute(node, number)
    making = Stopwatch()
    with making.running():
        bundle = export(node, end_ns=START_NS + 60 * _MINUTE_S * NS_PER_S)
    judging = judge(bundle, node, lambda codes: not list(codes))
    video_bytes = _size_of(bundle, "video/", "playable/")
    per_byte_s = (judging.package_s - judging.entries_s) / video_bytes
    rows = [
        ("an hour of one camera at 2.5 Mb/s: entries in the bundle", f"{judging.entries:,}"),
        ("… video in it, as recorded and joined for playing", f"{video_bytes / 1e9:.2f} GB"),
        ("… making the bundle, CPU", f"{making.cpu_s:.1f} s"),
        ("… `basira verify`, CPU", f"{judging.package_s:.1f} s"),
        ("… the single-file verifier, CPU", f"{judging.single_file_s:.1f} s"),
        ("… of which the entries", f"{judging.entries_s:.2f} s"),
        ("verifying a gigabyte of video", f"{per_byte_s * 1e9:.1f} s"),
        ("a proof in that bundle, three witnesses", f"{_size_of(bundle, 'proofs/') / judging.entries:.0f} bytes"),
        ("… its path at a million entries, at a hundred million (computed)",
         f"{_path_bytes(10**6)} bytes, {_path_bytes(10**8)} bytes"),
    ]  # fmt: skip
    node.close()
    return rows, per_byte_s


def _minute_clip(root: Path, footage: Path, cache: Path) -> Path:
    source = make_clip(next(scene for scene in SCENES if scene.name == "people"), footage, cache)
    clip = root / "minute.mp4"
    options = ["-r", str(RATE), "-i", str(source), "-t", str(_MINUTE_S), "-c", "copy"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *options, str(clip)], check=True)
    return clip


def _record_minute(node: Node, number: int) -> None:
    """A minute as a recording of its own, followed by the log while it is written."""
    start_ns = START_NS + number * _MINUTE_S * NS_PER_S
    [segment] = node.store.begin(node.clip, node.stream, number + 1, start_ns, 10**6)
    for turn, frames in enumerate(_BETWEEN_COVERS_FRAMES):
        segment.append(frames)
        node.clock.advance(frames * NS_PER_S // RATE)
        node.ledger.turn(cosign=turn % 4 == 0)
    segment.end()
    node.ledger.turn(cosign=False)


def _path_bytes(entries: int) -> int:
    return math.ceil(math.log2(entries)) * 45  # 44 characters of base64 and a newline for each hash


# -- a day ---------------------------------------------------------------------------------------------------------


def a_day(root: Path, clip: Path, per_byte_s: float) -> Rows:
    """24 hours of 64 cameras, a segment a minute each; a checkpoint a minute, cosigned by three witnesses."""
    node = Node(root / "day", clip)
    bundle = SealedDay(node, root / "staged", _DAY_CAMERAS).write(root / "day.zip")
    judging = judge(bundle, node, lambda codes: set(codes) == {"segment_absent"})
    covers = judging.entries * _COVERS
    per_entry_s = judging.entries_s / judging.entries
    video_bytes = 2 * _DAY_CAMERAS * 86_400 * _BIT_RATE // 8
    rows = [
        (f"24 h of {_DAY_CAMERAS} cameras: entries of segments, each with its proof", f"{judging.entries:,}"),
        ("… the bundle without video", f"{bundle.stat().st_size / 1e6:.0f} MB"),
        ("… `basira verify` of that, CPU", f"{judging.package_s:.0f} s"),
        ("… the single-file verifier, CPU", f"{judging.single_file_s:.0f} s"),
        ("… of which the entries: encoding, proof, quoted checkpoint",
         f"{judging.entries_s:.0f} s, {per_entry_s * 1e6:.0f} µs each"),
        (f"… and {_COVERS} covers a segment, {covers:,} entries more (computed from `basira verify`)",
         f"{covers * judging.package_s / judging.entries / 60:.1f} min"),
        (f"… and {video_bytes / 1e12:.2f} TB of video with the playable copies (computed from the hour)",
         f"{video_bytes * per_byte_s / 3600:.1f} h"),
    ]  # fmt: skip
    node.close()
    return rows
