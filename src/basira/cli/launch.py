"""How a role begins: as a fork of its supervisor, which has loaded what roles share.

So they hold that memory together, 30 MB that each would hold for itself, and a recorder that died records again
without waiting for an interpreter and its modules. Forking is safe as long as the supervisor has one thread: nothing
it loads may start another (``tests/cli/test_launch.py`` counts them).
"""

from __future__ import annotations

import gc
import os
import signal
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Final

import structlog

from basira.alerting.processes import Role

log = structlog.get_logger(__name__)

_FORK: Final = get_context("fork")
_ASKED_TO_STOP: Final = (signal.SIGTERM, signal.SIGINT)
# Loaded before a role is first started. The web process has most of custody's; the analysis' libraries start threads.
LOADED: Final[dict[Role, str]] = {
    "recorder": "basira.recording.recorder",
    "custody": "basira.custody.process",
    "scrubber": "basira.recording.scrubber",
}


def launch(role: Role) -> BaseProcess:
    """Start ``role``; not yet its first step when this returns. Raises OSError when there is no process to be had."""
    if role in LOADED:
        _load(LOADED[role])
    process = _FORK.Process(target=_be, args=(role,), name=role)
    # A signal to the child must find the child's answer to it, not the supervisor's.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED_TO_STOP)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKED_TO_STOP)
    return process


def _load(module: str) -> None:
    try:
        import_module(module)
    except Exception:
        # The role will fail in the same way, and be started again; the others are not to end with it.
        log.exception("module_not_loaded", module=module)
    gc.collect()
    gc.freeze()  # the collector would write to every object it looks at, and so part the memory that is shared


def _be(role: Role) -> None:
    # A session of its own: what is sent to the supervisor's group (Ctrl-C, a closed terminal) is for it to answer.
    os.setsid()
    for number in _ASKED_TO_STOP:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKED_TO_STOP)
    from basira.cli.roles import main

    main(role)
