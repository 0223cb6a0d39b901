"""One thread that hears all cameras."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from basira.cameras.reception import Reception

PATIENCE_S = 10.0


class Caller:
    """Remembers what it took; raises when told to, and takes no more after ``most`` bytes until listened to anew."""

    def __init__(self, ours: socket.socket, most: int = 1 << 30) -> None:
        self.taken = b""
        self.tended = threading.Event()
        self.broken: Exception | None = None
        self._ours = ours
        self._most = most
        self._changed = threading.Condition()

    def fileno(self) -> int:
        return self._ours.fileno()

    def take(self) -> bool:
        came = self._ours.recv(4)
        if came in (b"evil", b"wors"):
            raise ValueError("worse" if came == b"wors" else "what is this?")
        with self._changed:
            self.taken += came
            self._changed.notify_all()
        return len(self.taken) < self._most

    def tend(self) -> None:
        self.tended.set()

    def break_off(self, error: Exception) -> None:
        with self._changed:
            self.broken = error
            self._changed.notify_all()
        if str(error) == "worse":
            raise RuntimeError("nor does breaking off go well")

    def takes(self, expected: bytes) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.taken == expected, PATIENCE_S)

    def breaks_off(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.broken is not None, PATIENCE_S)


@contextmanager
def calling(reception: Reception, most: int = 1 << 30) -> Iterator[tuple[Caller, socket.socket]]:
    ours, theirs = socket.socketpair()
    caller = Caller(ours, most)
    with ours, theirs:
        reception.listen(caller)
        yield caller, theirs
        reception.leave(caller)


def test_every_caller_is_heard_by_one_thread() -> None:
    reception, before = Reception(), threading.active_count()
    with calling(reception) as (one, to_one), calling(reception) as (other, to_other):
        for _ in range(5):
            to_one.sendall(b"ab")
            to_other.sendall(b"cd")
        assert one.takes(b"ab" * 5) and other.takes(b"cd" * 5)
        assert threading.active_count() == before + 1


@pytest.mark.parametrize("nonsense", [b"evil", b"wors"])
def test_a_caller_that_makes_no_sense_is_told_so_and_the_others_are_heard_on(nonsense: bytes) -> None:
    reception = Reception()
    with calling(reception) as (good, to_good), calling(reception) as (bad, to_bad):
        to_bad.sendall(nonsense)
        assert bad.breaks_off()
        to_good.sendall(b"on")
        to_bad.sendall(b"more")
        assert good.takes(b"on")
        assert bad.taken == b"" and good.broken is None


def test_a_caller_that_has_enough_is_left_alone_until_it_is_listened_to_anew() -> None:
    reception = Reception()
    with calling(reception, most=4) as (full, to_full), calling(reception) as (other, to_other):
        to_full.sendall(b"12345678")
        assert full.takes(b"1234")
        to_other.sendall(b"ab")
        assert other.takes(b"ab")
        assert full.taken == b"1234"
        reception.listen(full)
        assert full.takes(b"12345678")


def test_a_caller_that_has_left_is_not_called_again_even_when_another_has_its_number() -> None:
    reception = Reception()
    with calling(reception) as (gone, to_gone):
        number = gone.fileno()
        reception.leave(gone)
        to_gone.sendall(b"late")
    with calling(reception) as (next_one, to_next):
        assert next_one.fileno() == number, "the system gives numbers anew"
        to_next.sendall(b"hello"[:4])
        assert next_one.takes(b"hell")
    assert gone.taken == b""


def test_every_caller_is_tended_though_it_is_silent() -> None:
    reception = Reception()
    with calling(reception) as (silent, _):
        assert silent.tended.wait(PATIENCE_S)


def test_a_caller_that_has_enough_is_not_heard_even_when_it_hangs_up() -> None:
    reception = Reception()
    with calling(reception, most=1) as (full, to_full):
        to_full.sendall(b"12345678")
        assert full.takes(b"1234")
        to_full.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        assert select.select([full], [], [], 0)[0], "there is more to take"
        assert full.taken == b"1234" and full.broken is None
