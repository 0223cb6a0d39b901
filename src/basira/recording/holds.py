"""Which footage people have said must be kept: asked before each step of a deletion, never remembered."""

from __future__ import annotations

from typing import Protocol

from basira.catalogue.holds import Hold


class HoldSource(Protocol):
    """Where holds are read; :class:`basira.catalogue.holds.Holds`."""

    def all(self, *, camera: str | None = None, lifted: bool = True) -> list[Hold]: ...


class HeldSpans:
    """The holds in force at the moment this was made. Raises what the source raises: then nothing may be deleted."""

    def __init__(self, source: HoldSource, camera: str | None = None) -> None:
        self._spans: dict[str, list[tuple[int, int]]] = {}
        for hold in source.all(camera=camera, lifted=False):
            self._spans.setdefault(hold.camera, []).append((hold.start_utc_ns, hold.end_utc_ns))

    def holds(self, camera: str, start_utc_ns: int, end_utc_ns: int) -> bool:
        """Whether any part of that span is held; a span touching a hold at one end only is not."""
        last = max(end_utc_ns, start_utc_ns + 1)
        return any(start < last and start_utc_ns < end for start, end in self._spans.get(camera, ()))
