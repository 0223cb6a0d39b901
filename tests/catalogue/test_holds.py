from __future__ import annotations

import pytest
from pydantic import ValidationError

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.errors import BasiraError
from basira.catalogue.holds import Holds
from basira.catalogue.store import Catalogue


def test_a_hold_is_in_force_until_it_is_lifted(catalogue: Catalogue, clock: SimulatedClock) -> None:
    holds, version = Holds(catalogue), catalogue.version()
    hold = holds.set("gate", 100, 200, reason="court 12/2026", by="amina")
    assert holds.all(camera="gate", lifted=False) == [hold]
    clock.advance(NS_PER_S)
    lifted = holds.lift(hold.id, by="bilal")
    assert (lifted.lifted_by, lifted.lifted_utc_ns) == ("bilal", clock.utc_ns())
    assert holds.all(lifted=False) == []
    assert holds.all() == [lifted]
    assert catalogue.version() == version + 2


def test_lifting_twice_keeps_the_first(catalogue: Catalogue) -> None:
    holds = Holds(catalogue)
    hold = holds.set("gate", 100, 200, reason="r", by="amina")
    assert holds.lift(hold.id, by="bilal") == holds.lift(hold.id, by="dina")


@pytest.mark.parametrize(
    ("start", "end", "held"), [(0, 100, False), (0, 101, True), (150, 160, True), (199, 300, True), (200, 300, False)]
)
def test_a_hold_covers_its_start_but_not_its_end(catalogue: Catalogue, start: int, end: int, held: bool) -> None:
    holds = Holds(catalogue)
    hold = holds.set("gate", 100, 200, reason="r", by="amina")
    assert holds.is_held("gate", start, end) is held
    assert not holds.is_held("yard", start, end)
    holds.lift(hold.id, by="amina")
    assert not holds.is_held("gate", start, end)


def test_a_hold_that_ends_before_it_starts_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ValidationError):
        Holds(catalogue).set("gate", 200, 200, reason="r", by="amina")


def test_an_unknown_hold_is_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(BasiraError):
        Holds(catalogue).lift("hold-none", by="amina")
