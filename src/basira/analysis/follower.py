"""One stream followed: from its stored cursor through the cascade into ``events.db``, again and again."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Final

import structlog

from basira.analysis.cascade import Cascade
from basira.analysis.event import Event
from basira.analysis.gops import GopAssembler, Interval
from basira.analysis.haste import Haste
from basira.analysis.memory import MEMORY_VERSION
from basira.analysis.store import EventStore, StoredCursor
from basira.analysis.zones import ZoneRules
from basira.base.clock import NS_PER_S, Clock
from basira.base.errors import BasiraError
from basira.base.identifiers import StreamKey
from basira.replay.footage import Footage
from basira.replay.tail import OLDEST, Cursor, Skipped, Tail, TailFragment

# A crash costs at most this much footage to be read again.
_CHECKPOINT_EVERY_NS: Final = 30 * NS_PER_S
# Silence after which what is in hand is looked at without the keyframe that should have followed.
_SILENCE_NS: Final = 30 * NS_PER_S

log = structlog.get_logger(__name__)


class Follower:
    """The analysis of one stream. Used by one thread at a time; ``status`` may be asked from another."""

    def __init__(
        self,
        stream: StreamKey,
        footage: Footage,
        store: EventStore,
        make_cascade: Callable[[], Cascade],
        clock: Clock,
        device: str = "",
        late_s: float = 0.0,
    ) -> None:
        """``device``: what decodes (:func:`basira.replay.decoding.usable_device`); ``late_s``: :class:`Haste`."""
        self.stream = stream
        self.dropped = False  # nobody wants it any more: whoever drives it is to close it
        self._store = store
        self._make_cascade = make_cascade
        self._clock = clock
        self.haste = Haste(late_s, clock)
        self.cascade = make_cascade()
        stored = store.cursor(stream)
        self._cursor = stored.cursor if stored else OLDEST
        if stored is not None:
            self._remember(stored)
        self._tail = Tail(footage, stream, self._cursor, clock)
        self._assembler = GopAssembler(device)
        self._stored_to_utc_ns = self.cascade.known_to_utc_ns
        self._new_rules: ZoneRules | None = None
        self._in_hand: Interval | None = None
        self._heard_mono_ns = clock.mono_ns()

    def advance(self, most_intervals: int) -> bool:
        """Look at what is recorded and was not looked at, at most so many intervals; whether there was anything."""
        if self._new_rules is not None:
            self.cascade.set_rules(self._new_rules)
            self._new_rules = None
        done = 0
        for item in self._tail.available():
            self._heard_mono_ns = self._clock.mono_ns()
            if not isinstance(item, TailFragment):
                log.info("footage_skipped", **self._name(), why=item.why)
            for interval in self._intervals(item):
                done += self._take(interval)
            if done >= most_intervals:
                return True
        self.haste.nothing_left()
        if self._clock.mono_ns() - self._heard_mono_ns > _SILENCE_NS:
            done += self._break_off()
        return done > 0

    def set_rules(self, rules: ZoneRules) -> None:
        """Zones were changed. May be called from any thread; holds from the next turn on."""
        self._new_rules = rules

    def close(self) -> None:
        """Store how far it came, and give back the open file."""
        if self.cascade.known_to_utc_ns != self._stored_to_utc_ns:
            self._commit([], checkpoint=True)
        self.let_go()

    def let_go(self) -> None:
        """Give back the open file and store nothing."""
        self._tail.close()

    def skip(self) -> None:
        """Something went wrong that should not have: go on after the interval in hand, with an empty memory.

        Otherwise one group of pictures that makes the analysis fail would hold it up for ever.
        """
        if self._in_hand is not None:
            fresh = self._make_cascade().save()
            stored = StoredCursor(self._in_hand.resume, self._in_hand.gop.end_utc_ns, fresh, MEMORY_VERSION)
            self._store.commit([], self.stream, stored)
        self.let_go()

    def _intervals(self, item: TailFragment | Skipped) -> list[Interval]:
        try:
            return list(self._assembler.feed(item))
        except (ValueError, KeyError, struct.error) as error:
            log.warning("fragment_unreadable", **self._name(), reason=str(error))
            return []

    def _take(self, interval: Interval) -> int:
        """Look at what is due now; how many intervals. Whoever goes on from the cursor begins with what is put off."""
        due = self.cascade.due(interval)
        in_haste = self.haste.is_called_for(interval.gop.end_utc_ns, guarded=self.cascade.guards)
        for one in due:
            self._look_at(one, in_haste)
        return len(due)

    def _look_at(self, interval: Interval, in_haste: bool) -> None:
        self._in_hand = interval
        events: list[Event] = []
        try:
            events = self._advance(interval, in_haste)
        except BasiraError as error:
            log.warning("footage_undecodable", **self._name(), code=error.code, params=error.params)
        self._cursor = interval.resume
        known_to_utc_ns = self.cascade.known_to_utc_ns
        self._commit(events, checkpoint=abs(known_to_utc_ns - self._stored_to_utc_ns) >= _CHECKPOINT_EVERY_NS)
        self._in_hand = None  # half a megabyte and more, for each camera

    def _advance(self, interval: Interval, in_haste: bool) -> list[Event]:
        work = self.cascade.work
        passed_over = work.passed_over
        events = self.cascade.advance(interval, in_haste=in_haste)
        if work.passed_over > passed_over:
            self.haste.passed_over()
        keyframe_interval_ns = interval.gop.end_utc_ns - interval.gop.start_utc_ns
        for event in events:
            if not event.ongoing:
                self.haste.visited(event.end_utc_ns - event.start_utc_ns, keyframe_interval_ns)
        return events

    def _break_off(self) -> int:
        """Nothing was recorded for long: look at the group in hand, and end what was going on."""
        intervals = list(self._assembler.flush(self._tail.cursor))
        for interval in intervals:
            self._take(interval)
        events = self.cascade.finish(self._cursor)
        if events:
            self._commit(events, checkpoint=True)
        return len(intervals)

    def _commit(self, events: list[Event], *, checkpoint: bool) -> None:
        stored: StoredCursor | None = None
        if checkpoint:
            known_to_utc_ns = self.cascade.known_to_utc_ns
            stored = StoredCursor(self._cursor, known_to_utc_ns, self.cascade.save(), MEMORY_VERSION)
            self._stored_to_utc_ns = known_to_utc_ns
        if events or stored is not None:
            self._store.commit(events, self.stream, stored)

    def _remember(self, stored: StoredCursor) -> None:
        """Take up the stored memory; begin with an empty one, at the same place, when it is of another version."""
        if stored.memory_version == MEMORY_VERSION:
            try:
                self.cascade.load(stored.memory)
                return
            except (ValueError, KeyError, TypeError, zlib.error, struct.error) as error:
                log.warning("memory_unreadable", **self._name(), reason=str(error))
        self.cascade = self._make_cascade()

    def _name(self) -> dict[str, str]:
        return {"camera": self.stream.camera, "stream": self.stream.stream}

    @property
    def cursor(self) -> Cursor:
        """Where it would go on if it were stopped now."""
        return self._cursor
