"""The accountability report of one month, for the public: HTML in both languages, plots included, nothing to fetch."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader

from basira.custody.findings import Finding
from basira.custody.monitor.conduct import MANY_EXPORTS, MANY_REFUSED, ORDINARY_AT_MOST, UNUSUAL_TIMES
from basira.custody.monitor.numbers import SILENCE_US, Days, Month
from basira.custody.monitor.watch import NOW, Watched
from basira.custody.monitor.words import is_wrong, text_of
from basira.custody.words import ACTS, CAUSES, WHYS

_HOUR_US: Final = 3_600_000_000
_WIDTH, _HEIGHT = 1000, 160
_COLOURS: Final = ("#357", "#b55", "#683", "#b83", "#758", "#377", "#955", "#777")


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    colour: str
    title: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Stacked bars, one stack a day. ``legend`` pairs a colour with the names in both languages."""

    bars: Sequence[Bar]
    legend: Sequence[tuple[str, str, str]]
    top: str
    days: Sequence[tuple[float, int]]


def plot(days: Days, month: str, words: Mapping[str, tuple[str, str]], scale: int = 1, unit: str = "") -> Plot:
    """``days`` of the month as stacked bars, values divided by ``scale``."""
    order = list(words)
    found = {name for of_day in days.values() for name in of_day}
    names = sorted(found, key=lambda name: (order.index(name) if name in words else len(order), name))
    colours = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}
    count = calendar.monthrange(int(month[:4]), int(month[5:]))[1]
    most = max((sum(of_day.values()) for of_day in days.values()), default=0)
    step = _WIDTH / count
    bars: list[Bar] = []
    for number in range(1, count + 1):
        of_day = days.get(f"{month}-{number:02d}", {})
        y = float(_HEIGHT)
        for name in names:
            value = of_day.get(name, 0)
            height = _HEIGHT * value / most if most else 0
            y -= height
            if value:
                title = f"{month}-{number:02d} {name}: {value / scale:.6g} {unit}".strip()
                bars.append(
                    Bar(round((number - 1) * step + 2, 2), round(y, 2), round(step - 4, 2), round(height, 2),
                        colours[name], title)
                )  # fmt: skip
    legend = [(colours[name], *words.get(name, (name, name))) for name in names]
    ticks = [(round((number - 0.5) * step, 2), number) for number in range(1, count + 1)]
    return Plot(bars, legend, f"{most / scale:.6g} {unit}".strip(), ticks)


def _utc(seconds: int | None) -> str:
    return "—" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


_PAGES: Final = Environment(loader=PackageLoader("basira.custody.monitor"), autoescape=True)
_PAGES.filters["utc"] = _utc
_PAGES.globals["text_of"] = text_of


def month_report(watched: Watched, name: str) -> str:
    """The page of one month (``2026-11``), with what this visit found at its head."""
    month = watched.tally.months[name]
    return _PAGES.get_template("month.html.j2").render(
        name=name, month=month, logs=watched.logs, views=watched.views,
        wrong=_sorted(watched, name, wrong=True), notices=_sorted(watched, name, wrong=False),
        counts=_counts(month),
        plots=[
            ("التسجيل والانقطاع، بالساعات", "Hours recorded, and missing",
             plot(_recorded_and_missing(month), name, _PRESENCE, _HOUR_US, "h")),
            ("الاطلاع، بنوعه", "Accesses, by kind", plot(month.accesses_by_day, name, ACTS)),
            ("المقاطع المحذوفة، بسبب حذفها", "Segments deleted, by reason", plot(month.deletions_by_day, name, WHYS)),
        ],
        causes=[(*CAUSES.get(cause, (cause, cause)), us / _HOUR_US) for cause, us in month.gap_us_by_cause.items()],
        rules={"times": UNUSUAL_TIMES, "ordinary": ORDINARY_AT_MOST, "exports": MANY_EXPORTS, "refused": MANY_REFUSED,
               "silence_s": SILENCE_US // 1_000_000},
    )  # fmt: skip


_PRESENCE: Final = {"recorded": ("سُجِّل", "recorded"), "missing": ("انقطع", "missing")}


def _recorded_and_missing(month: Month) -> Days:
    days: Days = {}
    for source, name in ((month.recorded_us_by_day, "recorded"), (month.missing_us_by_day, "missing")):
        for day, by_camera in source.items():
            days.setdefault(day, {})[name] = sum(by_camera.values())
    return days


def _sorted(watched: Watched, name: str, *, wrong: bool) -> list[Finding]:
    found = [*watched.findings.get(NOW, ()), *watched.findings.get(name, ())]
    return [finding for finding in found if is_wrong(finding) == wrong]


def _sum(days: Days) -> dict[str, int]:
    total: dict[str, int] = {}
    for of_day in days.values():
        for name, value in of_day.items():
            total[name] = total.get(name, 0) + value
    return total


def _counts(month: Month) -> list[tuple[str, str, Any]]:
    """Rows of the table of numbers: Arabic, English, value."""
    recorded, missing = _sum(month.recorded_us_by_day), _sum(month.missing_us_by_day)
    accesses, deletions = _sum(month.accesses_by_day), _sum(month.deletions_by_day)
    rows: list[tuple[str, str, Any]] = [
        ("الكاميرات المسجِّلة", "Cameras recorded", len(recorded)),
        ("ساعات مسجَّلة", "Hours recorded", f"{sum(recorded.values()) / _HOUR_US:.1f}"),
        ("ساعات منقطعة", "Hours missing", f"{sum(missing.values()) / _HOUR_US:.1f}"),
        ("أشخاص استعملوا النظام", "People who used the system", len(month.people)),
    ]
    rows += [(*ACTS[act], accesses[act]) for act in ACTS if act in accesses]
    rows += [(f"حُذف: {WHYS.get(why, (why,))[0]}", f"Deleted: {WHYS.get(why, ('', why))[1]}", deletions[why])
             for why in sorted(deletions)]  # fmt: skip
    rows += [
        ("حُجز", "Holds set", month.holds_set),
        ("رُفع الحجز", "Holds lifted", month.holds_lifted),
        ("قفزات الساعة", "Clock steps", month.clock_steps),
        ("بدايات تشغيل السجل", "Starts of the log's process", month.starts),
        ("مرات الصمت ومجموعها بالدقائق", "Silences, and their sum in minutes",
         f"{month.silences} · {month.silence_us / 60_000_000:.0f}"),
        ("قيود السجل", "Entries", month.entries),
    ]  # fmt: skip
    return rows
