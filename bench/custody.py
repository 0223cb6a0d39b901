"""What custody costs: ``python -m bench.custody [--cameras 16]``, into ``bench/results/custody.md``.

CPU time, not wall time, for the machine is shared. Three witnesses run in the same process, so their work is in the
figures for checkpoints. What is computed from measured rates says so.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from basira.custody.entries import Entry, Segment
from basira.custody.journal import Journal
from basira.custody.tiles import TileLog
from bench.beside import beside
from bench.run import CACHE, FOOTAGE
from bench.stopwatch import Stopwatch
from bench.verifying import Rows, a_day, an_hour
from tests.custody.node import Node
from tests.streams import make_numbered_clip

_BATCH, _BATCHES = 100, 100
_CHECKPOINTS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--window-s", type=float, default=100)
    parser.add_argument("--against", type=Path, help="src folder of another checkout, to compare with")
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results"))
    arguments = parser.parse_args()
    rows: Rows = []
    with tempfile.TemporaryDirectory(prefix="basira-bench-") as folder:
        root = Path(folder)
        rows += appending(root / "append")
        clip = make_numbered_clip(root / "seconds.mp4", frames=90)
        rows += checkpoints(root / "checkpoints", clip)
        hour, per_byte_s = an_hour(root, arguments.footage, arguments.cache)
        rows += hour + a_day(root, clip, per_byte_s)
    rows += beside(arguments.cameras, arguments.window_s, arguments.footage, arguments.cache, arguments.against)
    write(rows, arguments)


def appending(folder: Path) -> Rows:
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


def checkpoints(root: Path, clip: Path) -> Rows:
    """Sign, publish, have three witnesses cosign and check their answers, with one entry more each time."""
    node = Node(root, clip)
    node.turn(60)
    watch = Stopwatch()
    for _ in range(_CHECKPOINTS):
        with watch.running():
            node.turn(60)
    node.close()
    return [
        ("CPU of a checkpoint with three witnesses, all four together", f"{watch.cpu_s / _CHECKPOINTS * 1e3:.1f} ms")
    ]


def write(rows: Sequence[tuple[str, str]], arguments: argparse.Namespace) -> None:
    lines = [
        "# What custody costs",
        "",
        f"`python -m bench.custody --cameras {arguments.cameras} --window-s {arguments.window_s:g}`"
        + (" with `--against` the code before this was looked into" if arguments.against else ""),
        "",
        "CPU time of one core; three witnesses run in the measuring process. The cameras that are recorded: 1080p, 15",
        "frames a second, 2.5 Mb/s.",
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
