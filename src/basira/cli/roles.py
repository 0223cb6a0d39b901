"""The five processes of a node. Their supervisor forks them (:mod:`basira.cli.launch`); each can also be run alone, by
``python -m basira.cli.roles <role>``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import structlog

from basira.alerting.processes import ROLES, Role, holding
from basira.base.allocation import share_arenas
from basira.base.settings import Settings
from basira.cli.logs import configure
from basira.cli.settings import load_settings, told_errors
from basira.cli.title import call_process

log = structlog.get_logger(__name__)

# Nothing slows the recorder or the page: the analysis takes what they leave. The scrubber steps back by itself.
_NICENESS: Final[dict[Role, int]] = {"analysis": 10}
# If memory runs out the kernel ends the analysis first and the recorder last.
_OOM_SCORE: Final[dict[Role, int]] = {"recorder": 0, "custody": 100, "web": 200, "analysis": 500, "scrubber": 600}


def run_role(role: Role, settings: Settings) -> None:
    """Be that process until SIGTERM. Raises BasiraError ``process_already_running``."""
    share_arenas()
    call_process(role)  # its words would be the supervisor's
    configure(settings.log_level, role)
    _offer_to_oom_killer(_OOM_SCORE[role])
    os.nice(_NICENESS.get(role, 0))
    with holding(settings.run_path, role):
        play = {
            "recorder": _recorder, "custody": _custody, "analysis": _analysis, "scrubber": _scrubber, "web": _web,
        }  # fmt: skip
        play[role](settings)


def _recorder(settings: Settings) -> None:
    from basira.recording.recorder import main

    main(settings)


def _analysis(settings: Settings) -> None:
    from basira.analysis.runner import main

    main(settings)


def _custody(settings: Settings) -> None:
    from basira.custody.process import main

    main(settings)


def _scrubber(settings: Settings) -> None:
    from basira.recording.scrubber import main

    main(settings)


def _web(settings: Settings) -> None:
    from basira.web.serve import serve

    serve(settings)


def _offer_to_oom_killer(score: int) -> None:
    try:
        Path("/proc/self/oom_score_adj").write_text(str(score))
    except OSError as error:
        log.debug("oom_score_kept", reason=error.strerror)


def main(role: str) -> None:
    """Be that process; ends with status 1 and a sentence on standard error when it cannot."""
    with told_errors():
        for known in ROLES:
            if known == role:
                run_role(known, load_settings())


if __name__ == "__main__":
    main(sys.argv[1])
