"""Which sightings count, and which of them are alerts: polygons on the picture, classes, and hours at the site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from basira.analysis.boxes import Box
from basira.base.clock import NS_PER_S
from basira.catalogue.zones import ScheduleSpan, Zone

_MIDNIGHT = timedelta(hours=24)
_STEPS = 8  # of a walk that was not watched


class ZoneRules:
    """The zones of one camera, as decided now, for a site's time zone."""

    def __init__(self, zones: Iterable[Zone], time_zone: ZoneInfo) -> None:
        enabled = [zone for zone in zones if zone.enabled]
        self._alert = [zone for zone in enabled if zone.kind == "alert"]
        self._ignore = [zone for zone in enabled if zone.kind == "ignore"]
        self._time_zone = time_zone

    def always_ignored(self) -> list[Sequence[tuple[float, float]]]:
        """Polygons in which nothing at all is looked for at any hour."""
        return [zone.polygon for zone in self._ignore if not zone.classes and not zone.schedule]

    def ignores(self, label: str, box: Box, utc_ns: int) -> bool:
        """Whether an object that stands there then is not to be seen."""
        return any(self._meets(zone, label, box, utc_ns) for zone in self._ignore)

    def guard(self) -> bool:
        """Whether there is an alert zone, at whatever hours."""
        return bool(self._alert)

    def alerts(self, label: str, box: Box, utc_ns: int) -> list[str]:
        """Ids of the alert zones that an object stands in then."""
        return [zone.id for zone in self._alert if self._meets(zone, label, box, utc_ns)]

    def passes_through(self, label: str, before: Box, after: Box, utc_ns: int) -> bool:
        """Whether an object on its way from place to place stood, between, in an alert zone that neither is in."""
        if not self._alert:
            return False
        ends = {*self.alerts(label, before, utc_ns), *self.alerts(label, after, utc_ns)}
        (x0, y0), (x1, y1) = before.foot, after.foot
        between = (before.moved((x1 - x0) * step / _STEPS, (y1 - y0) * step / _STEPS) for step in range(1, _STEPS))
        return any(not ends.issuperset(self.alerts(label, box, utc_ns)) for box in between)

    def _meets(self, zone: Zone, label: str, box: Box, utc_ns: int) -> bool:
        if zone.classes and label not in zone.classes:
            return False
        x, y = box.foot
        # A foot on the frame's lower edge is cut off: it stands just inside.
        return inside(zone.polygon, x, min(y, 0.999)) and on_duty(zone.schedule, utc_ns, self._time_zone)


def inside(polygon: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """Whether a point is in a polygon, by the even-odd rule. Half-open: of two that share an edge, one has it."""
    odd = False
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            odd = not odd
    return odd


def on_duty(schedule: Sequence[ScheduleSpan], utc_ns: int, time_zone: ZoneInfo) -> bool:
    """Whether a schedule holds at an instant. Read off the clock on the site's wall: where clocks are put forward,
    an hour that does not exist never matches; where they are put back, an hour that comes twice matches twice.
    """
    if not schedule:
        return True
    local = datetime.fromtimestamp(utc_ns // NS_PER_S, UTC).astimezone(time_zone)
    today, now = local.weekday(), timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    yesterday = (today - 1) % 7
    for span in schedule:
        start, end = _of_day(span.start), _of_day(span.end)
        if start < end:
            if today in span.days and start <= now < end:
                return True
        elif (today in span.days and start <= now < _MIDNIGHT) or (yesterday in span.days and now < end):
            return True  # past midnight; equal times are the whole day round
    return False


def _of_day(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
