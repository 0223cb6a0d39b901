"""What custody costs: ``python -m bench.custody [--cameras 8]``, into ``bench/results/custody.md``.

CPU time, not wall time, for the machine is shared. Three witnesses run in the same process, so their work is in the
figures for checkpoints. What is computed from measured rates says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from basira.base.clock import NS_PER_S
from basira.custody.container import Container
from basira.custody.entries import Entry, Segment
from basira.custody.journal import Journal
from basira.custody.logged import ProofReader, read_entries
from basira.custody.manifest import MANIFEST, Manifest
from basira.custody.policy import Policy
from basira.custody.tiles import TileLog
from basira.custody.verify import verify_bundle
from bench.clips import GOP, RATE
from bench.run import CACHE, FOOTAGE, Turn, measure, mounts_of
from tests.custody.bundles import export
from tests.custody.node import START_NS, Node
from tests.streams import make_numbered_clip

_SINGLE_FILE = Path(__file__).parents[1] / "tools/verify/basira_verify.py"
_BATCH, _BATCHES = 100, 100
_CHECKPOINTS = 60
_SEGMENT_S, _COVER_S = 60, 5
_HOUR_SEGMENTS = 60
_BIT_RATE = 2_500_000
_DAY_CAMERAS = 64
_WARM_S = 90  # on a busy machine processes take that long to start, and starting is not recording


@dataclass
class Stopwatch:
    """CPU seconds of this process, threads included."""

    cpu_s: float = 0.0
    _started: float = field(default=0.0, repr=False)

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.process_time()
        yield
        self.cpu_s += time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--window-s", type=float, default=120)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder:
        root = Path(folder)
        rows += appending(root / "append")
        clip = make_numbered_clip(root / "minute.mp4", frames=RATE * _SEGMENT_S, rate=RATE, gop=GOP, size=(640, 360))
        node = Node(root / "node", clip)
        rows += checkpoints(node)
        rows += an_hour(node)
        node.close()
    rows += recording(arguments.cameras, arguments.window_s, arguments.footage, arguments.cache)
    write(rows, arguments)


def appending(folder: Path) -> list[tuple[str, str]]:
    """Entries given their place, written to tiles and synced, a hundred at a time: a turn of a large node."""
    journal, tiles, watch = Journal.open(folder / "custody.db"), TileLog(folder / "log", None), Stopwatch()
    started = time.perf_counter()
    for batch in range(_BATCHES):
        entries = [_segment(batch * _BATCH + i) for i in range(_BATCH)]
        with watch.running():
            journal.add(1, tiles.size, entries, {})
            tiles.append(journal.pending(1, tiles.size))
            journal.published(1, tiles.size, tiles.root())
    wall_s = time.perf_counter() - started
    journal.close()
    count = _BATCH * _BATCHES
    return [
        ("entries a second of CPU, from place to synced tiles", f"{count / watch.cpu_s:,.0f}"),
        ("the same by the clock on the wall, every batch of 100 synced", f"{count / wall_s:,.0f}"),
        ("bytes an entry on disk (tiles included)", f"{_bytes_below(folder / 'log') / count:.0f}"),
    ]


def _segment(number: int) -> Entry:
    return Segment(
        at_us=1_750_000_000_000_000 + number, site="basra", camera=f"camera-{number % 64}", stream="main", recording=1,
        segment=number // 64, state="closed", bytes=18_750_000, sha256="ab" * 32, previous="cd" * 32,
        start_us=1_750_000_000_000_000, end_us=1_750_000_060_000_000, start_mono_us=1, boot="boot", seen=None,
    )  # fmt: skip


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and ".p" not in str(path.parent))


def checkpoints(node: Node) -> list[tuple[str, str]]:
    """Sign, publish, have three witnesses cosign and check their answers, with one entry more each time."""
    node.turn(60)
    watch = Stopwatch()
    for _ in range(_CHECKPOINTS):
        with watch.running():
            node.turn(60)
    return [
        ("CPU of a checkpoint with three witnesses, all four together", f"{watch.cpu_s / _CHECKPOINTS * 1e3:.1f} ms")
    ]


def an_hour(node: Node) -> list[tuple[str, str]]:
    """One camera for an hour: sixty segments, covered every five seconds; exported and verified."""
    for number in range(_HOUR_SEGMENTS):
        _record_minute(node, number)
    end_ns = START_NS + _HOUR_SEGMENTS * _SEGMENT_S * NS_PER_S
    making, judging, alone, entries_only = Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
    with making.running():
        bundle = export(node, end_ns=end_ns)
    with judging.running():
        verdict = verify_bundle(bundle, node.policy)
    assert verdict.good, verdict.wrong
    single = _single_file()
    with alone.running(), bundle.open("rb") as file:
        judgement = single.Judgement(single.Bundle(file), single.Policy(node.policy_path.read_bytes()))
    assert not judgement.wrong
    with entries_only.running():
        count = _read_entries(bundle, node.policy)
    per_entry_s = entries_only.cpu_s / count
    video_bytes = _size_of(bundle, "video/", "playable/")
    per_byte_s = (judging.cpu_s - entries_only.cpu_s) / video_bytes
    proof_bytes = _size_of(bundle, "proofs/") / count
    day_entries = _DAY_CAMERAS * 24 * 60 * (1 + _SEGMENT_S // _COVER_S)
    day_bytes = 2 * _DAY_CAMERAS * 86_400 * _BIT_RATE // 8
    hour_bytes = 2 * 3_600 * _BIT_RATE // 8
    return [
        ("an hour of one camera: entries in the bundle", f"{count:,}"),
        ("an hour of one camera: megabytes of video in it", f"{video_bytes / 1e6:.0f}"),
        ("an hour of one camera: making the bundle, CPU", f"{making.cpu_s:.1f} s"),
        ("an hour of one camera: `basira verify`, CPU", f"{judging.cpu_s:.2f} s"),
        ("an hour of one camera: the single-file verifier, CPU", f"{alone.cpu_s:.2f} s"),
        ("verifying an entry: encoding, proof, quoted checkpoint", f"{per_entry_s * 1e6:.0f} µs"),
        ("verifying a gigabyte of video", f"{per_byte_s * 1e9:.1f} s"),
        ("an hour of one camera at 2.5 Mb/s (computed from the two rates)",
         f"{count * per_entry_s + hour_bytes * per_byte_s:.1f} s"),
        (f"24 h of {_DAY_CAMERAS} cameras at 2.5 Mb/s, {day_entries:,} entries, {day_bytes / 1e12:.1f} TB with the "
         "playable copies (computed from the two rates)",
         f"{(day_entries * per_entry_s + day_bytes * per_byte_s) / 60:.0f} min, of which entries "
         f"{day_entries * per_entry_s / 60:.1f} min"),
        ("a proof in that bundle, three witnesses", f"{proof_bytes:.0f} bytes"),
        ("… its path at a million entries, at a hundred million (computed)",
         f"{_path_bytes(10**6)} bytes, {_path_bytes(10**8)} bytes"),
    ]  # fmt: skip


def _record_minute(node: Node, number: int) -> None:
    """A minute of one camera as a recording of its own, followed by the log while it is written."""
    start_ns = START_NS + number * _SEGMENT_S * NS_PER_S
    [segment] = node.store.begin(node.clip, node.stream, number + 1, start_ns, 10**6)
    for turn in range(_SEGMENT_S // _COVER_S):
        segment.append(RATE * _COVER_S)
        node.clock.advance(_COVER_S * NS_PER_S)
        node.ledger.turn(cosign=turn % 6 == 0)
    segment.end()
    node.ledger.turn(cosign=False)


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


def _path_bytes(entries: int) -> int:
    return math.ceil(math.log2(entries)) * 45  # 44 characters of base64 and a newline for each hash


def _single_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location("basira_verify", _SINGLE_FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recording(cameras: int, window_s: float, footage: Path, cache: Path) -> list[tuple[str, str]]:
    """A whole node that records and does nothing else: what its custody process uses beside its recorder."""
    mounts = mounts_of("quiet", cameras, footage, cache)
    cost = measure(Turn("basira-recording", "quiet", cameras), mounts, _WARM_S, window_s)
    recorder, custody = cost.part_cpu_ms["recorder"] * cameras, cost.part_cpu_ms["custody"] * cameras
    return [
        (f"recording {cameras} cameras, recorder, CPU", f"{recorder:.1f} ms a second"),
        (f"recording {cameras} cameras, custody process, CPU", f"{custody:.1f} ms a second"),
        ("custody beside the recorder", f"{custody / recorder:.1%}"),
    ]


def write(rows: Sequence[tuple[str, str]], arguments: argparse.Namespace) -> None:
    lines = [
        "# What custody costs",
        "",
        f"`python -m bench.custody --cameras {arguments.cameras} --window-s {arguments.window_s:g}`",
        "",
        "CPU time of one core; three witnesses run in the measuring process. The cameras that are recorded: 1080p, 15",
        "frames a second, 2.5 Mb/s. The hour that is verified is of small pictures: rates are computed from it.",
        "",
        "| what | figure |",
        "|---|---|",
        *itertools.starmap("| {} | {} |".format, rows),
        "",
    ]
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "custody.md").write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
