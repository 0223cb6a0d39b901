"""``python -m bench [--long]``: everything that is measured, one after another, into ``bench/results/``."""

from __future__ import annotations

import argparse
import subprocess
import sys

_AS_MANY_AS_TWO_CORES_HOLD = ("--cameras", "32", "--scenes", "half", "--window-s", "300")
_SHORT = (
    ("bench.run", "--name", "cost", "--cameras", "4"),
    ("bench.run", "--name", "sixteen", "--cameras", "16", "--runners", "ffmpeg", "basira", "motion"),
    ("bench.run", "--name", "sub", "--runners", "ffmpeg", "basira", "motion", "--scenes", "busy-sub"),
    ("bench.run", "--name", "activity", "--runners", "basira", "--scenes", "quiet", "quarter", "half", "busy"),
    ("bench.run", "--name", "thirty-two", "--runners", "basira", *_AS_MANY_AS_TWO_CORES_HOLD),
    ("bench.accuracy",),
    ("bench.haste",),
    ("bench.between",),
    ("bench.queries",),
    ("bench.players",),
    ("bench.latency",),
    ("bench.restart",),
    ("bench.custody",),
)
_HALF_AN_HOUR = ("--runners", "basira", "--window-s", "1800")
_LESS_THAN_IT_WRITES = ("--keep-gb", "30")  # retention deletes the rest meanwhile; it writes 72
_LONG = (
    ("bench.run", "--name", "scale", "--cameras", "4", "16", "32", "64", "--runners", "ffmpeg", "pyav", "basira"),
    ("bench.run", "--name", "soak-64", "--cameras", "64", "--scenes", "half", *_HALF_AN_HOUR),
    ("bench.run", "--name", "soak-128", "--cameras", "128", "--scenes", "quiet", *_HALF_AN_HOUR, *_LESS_THAN_IT_WRITES),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help="also many cameras, and half an hour of 64 and of 128")
    arguments, passed_on = parser.parse_known_args()
    for module, *options in (*_SHORT, *(_LONG if arguments.long else ())):
        print(f"\n{module} {' '.join(options)}", flush=True)
        subprocess.run([sys.executable, "-m", module, *options, *passed_on], check=True)


if __name__ == "__main__":
    main()
