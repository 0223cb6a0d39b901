from __future__ import annotations

import subprocess
import sys

# In a process of its own: the setting holds for the whole process.
_MINOR_FAULTS_OF_TEN_PICTURES = """
import resource
import numpy as np
from basira.analysis.allocation import keep_freed_memory
kept = keep_freed_memory()
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
