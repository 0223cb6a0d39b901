from __future__ import annotations

import subprocess
import sys

# In a process of its own: the setting holds for the whole process.
_MINOR_FAULTS_OF_TEN_PICTURES = """
import resource
import numpy as np
from basira.base.allocation import keep_freed_memory
kept = keep_freed_memory(64 << 20)
def picture():
    np.ones(3_110_400, np.uint8)
picture()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    picture()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_memory_of_a_picture_is_used_again_for_the_next_one() -> None:
    command = [sys.executable, "-c", _MINOR_FAULTS_OF_TEN_PICTURES]
    kept, faults = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert kept == "True"
    assert int(faults) < 100


_MEMORY_OF_FORTY_THREADS = """
import threading
from pathlib import Path
from basira.base.allocation import share_arenas
shared = share_arenas()
def hold():
    kept = [bytes(2000) for _ in range(50)]
    held.wait()
held = threading.Barrier(41)
for _ in range(40):
    threading.Thread(target=hold, daemon=True).start()
held.wait()
starts = [int(line.split("-")[0], 16) for line in Path("/proc/self/maps").read_text().splitlines()]
heaps = sum(start % (64 << 20) == 0 for start in starts)  # where glibc puts the place of a thread
print(shared, heaps)
"""


def test_threads_share_the_places_that_memory_comes_from() -> None:
    command = [sys.executable, "-c", _MEMORY_OF_FORTY_THREADS]
    shared, heaps = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert shared == "True"
    assert int(heaps) < 4, "by default it is 8 for each processor"


_MEMORY_BEFORE_AND_AFTER_GIVING_BACK = """
from pathlib import Path
from basira.base.allocation import give_back_freed_memory, keep_freed_memory
keep_freed_memory(64 << 20)
def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
blocks = [b"x" * 100_000 for _ in range(400)]
del blocks[:-1]  # the last lies on top: glibc gives nothing back by itself
kept = held()
print(give_back_freed_memory(), (kept - held()) >> 20)
"""


def test_what_a_burst_left_behind_is_given_back_when_asked_for() -> None:
    command = [sys.executable, "-c", _MEMORY_BEFORE_AND_AFTER_GIVING_BACK]
    given, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert given == "True"
    assert int(megabytes) > 30
