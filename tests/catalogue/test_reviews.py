from __future__ import annotations

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.catalogue.reviews import Reviews
from basira.catalogue.store import Catalogue


def test_the_first_to_see_an_event_is_remembered(catalogue: Catalogue, clock: SimulatedClock) -> None:
    reviews = Reviews(catalogue)
    first = reviews.mark_seen("event-1", by="amina")
    clock.advance(NS_PER_S)
    assert reviews.mark_seen("event-1", by="bilal") == first
    assert first.seen_by == "amina"


def test_a_mark_can_be_taken_back(catalogue: Catalogue) -> None:
    reviews = Reviews(catalogue)
    reviews.mark_seen("event-1", by="amina")
    reviews.unmark("event-1")
    assert reviews.of_events(["event-1"]) == {}


def test_marks_of_very_many_events_are_found_at_once(catalogue: Catalogue) -> None:
    reviews = Reviews(catalogue)
    reviews.mark_seen("event-1", by="amina")
    reviews.mark_seen("event-4000", by="amina")
    assert set(reviews.of_events(f"event-{n}" for n in range(5000))) == {"event-1", "event-4000"}
