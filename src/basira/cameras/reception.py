"""One thread that hears all cameras: what they send is taken off the network as it comes, whatever their recorders do.

Were each connection heard by a thread of its own, all would wake at once where cameras are in step, and wait for
Python's lock, several times a picture. This one thread waits for nothing but the network.
"""

from __future__ import annotations

import functools
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

import structlog

log = structlog.get_logger(__name__)

_TEND_EVERY_S: Final = 1.0


class Caller(Protocol):
    """A connection. Its methods are called by the one thread, never two at a time, and must not wait."""

    def fileno(self) -> int: ...

    def take(self) -> bool:
        """Take what has come; whether more may be taken. If not, the caller is to be listened to anew later."""
        ...

    def tend(self) -> None:
        """Called every second."""
        ...

    def break_off(self, error: Exception) -> None:
        """``take`` or ``tend`` raised this; neither is called again."""
        ...


class Reception:
    """Listens to callers. Every method may be called from any thread, but not from a caller's own methods."""

    def __init__(self) -> None:
        self._readable = select.epoll()
        self._lock = threading.Lock()  # held while a caller is heard
        self._callers: dict[int, Caller] = {}
        self._heard: set[int] = set()
        self._thread: threading.Thread | None = None

    def listen(self, caller: Caller) -> None:
        """Hear this caller from now on; nothing changes when it is heard already."""
        with self._lock:
            number = caller.fileno()
            self._callers[number] = caller
            if number not in self._heard:
                self._readable.register(number, select.EPOLLIN)
                self._heard.add(number)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reception", daemon=True)
                self._thread.start()

    def leave(self, caller: Caller) -> None:
        """Once this returns, none of the caller's methods is called any more. Before its socket is closed."""
        with self._lock:
            for number in [number for number, one in self._callers.items() if one is caller]:
                self._drop(number)

    def _run(self) -> None:
        tended_s = time.monotonic()
        while True:
            for number, _ in self._readable.poll(_TEND_EVERY_S):
                with self._lock:
                    self._hear(number)
            if time.monotonic() - tended_s >= _TEND_EVERY_S:
                tended_s = time.monotonic()
                with self._lock:
                    for number, caller in list(self._callers.items()):
                        self._call(number, caller.tend)

    def _hear(self, number: int) -> None:
        if number in self._heard and self._call(number, self._callers[number].take) is False:
            self._ignore(number)

    def _call(self, number: int, method: Callable[[], object]) -> object:
        caller = self._callers[number]
        try:
            return method()
        except Exception as error:  # noqa: BLE001 - whatever one camera sends, the others are heard; its own thread is told
            self._drop(number)
            try:
                caller.break_off(error)
            except Exception:
                log.exception("caller_fault")
            return None

    def _drop(self, number: int) -> None:
        self._ignore(number)
        self._callers.pop(number, None)

    def _ignore(self, number: int) -> None:
        if number in self._heard:
            self._heard.remove(number)
            with suppress(OSError):  # it was closed under us
                self._readable.unregister(number)


@functools.cache
def shared_reception() -> Reception:
    """The one of this process."""
    return Reception()
