"""What Prometheus may ask. Every name is documented in docs/operations.md, which a test checks.

The registry is the application's own: nothing of the process that is not listed here leaks into it.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from basira import __version__
from basira.alerting.alarms import AlarmBook
from basira.alerting.couriers import Couriers
from basira.alerting.health import Health
from basira.alerting.recorder import RecorderWatch

_STREAM: Final = ["camera", "stream"]
_GROUPS: Final = {
    "groups": "Groups of pictures analysed.",
    "groups_decoded": "Those that were decoded.",
    "groups_passed_over": "Those that were to be decoded and were not, for want of time.",
}


class Metrics:
    """Counters of the web process, and what the node says of itself at the moment of asking."""

    def __init__(self, recorder: RecorderWatch, health: Health, alarms: AlarmBook, couriers: Couriers) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "basira_http_requests", "HTTP requests answered.", ["operation", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "basira_http_request_seconds", "Time to answer HTTP requests.", ["operation"], registry=self.registry
        )
        self.sockets = Gauge("basira_websockets", "WebSockets open.", ["operation"], registry=self.registry)
        self.login_failures = Counter("basira_login_failures", "Failed logins.", registry=self.registry)
        self.registry.register(NodeCollector(recorder, health, alarms, couriers))


class NodeCollector(Collector):
    """Asked at each scrape. What cannot be read just now is left out, and ``basira_collection_failed`` is 1."""

    def __init__(self, recorder: RecorderWatch, health: Health, alarms: AlarmBook, couriers: Couriers) -> None:
        self._recorder = recorder
        self._health = health
        self._alarms = alarms
        self._couriers = couriers

    def describe(self) -> list[Metric]:
        """None: so that registering asks nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("basira_build_info", "Version, as a label.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        yield from self._processes()
        status = self._recorder.status
        if status is not None:
            yield from _streams(status["cameras"])
            yield from _recorder(status)
        yield from self._alarm_counts()
        deliveries = CounterMetricFamily("basira_webhook_deliveries", "Attempts to post.", labels=["outcome"])
        for outcome, count in self._couriers.counts().items():
            deliveries.add_metric([outcome], count)
        yield deliveries
        failed = GaugeMetricFamily("basira_collection_failed", "1 when disk or analysis could not be read just now.")
        try:
            read = [*self._disk(), *self._analysis()]
        except (SQLAlchemyError, OSError):
            failed.add_metric([], 1)
        else:
            failed.add_metric([], 0)
            yield from read
        yield failed

    def _processes(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("basira_process_up", "1 while the process lives.", labels=["process"])
        restarts = CounterMetricFamily("basira_process_restarts", "Restarts by the supervisor.", labels=["process"])
        for report in self._health.processes():
            up.add_metric([report.name], int(report.state == "running"))
            restarts.add_metric([report.name], report.restarts)
        yield up
        yield restarts

    def _alarm_counts(self) -> Iterator[Metric]:
        lasting = self._alarms.lasting()
        family = GaugeMetricFamily("basira_alarms", "Alarms that last.", labels=["severity"])
        for severity in ("info", "warning", "error"):
            family.add_metric([severity], sum(alarm.condition.severity == severity for alarm in lasting))
        yield family
        by_code = GaugeMetricFamily("basira_alarms_by_code", "Alarms that last, by what they say.", labels=["code"])
        for code, count in Counts(alarm.condition.code for alarm in lasting).items():
            by_code.add_metric([code], count)
        yield by_code

    def _disk(self) -> Iterator[Metric]:
        disk = self._health.disk()
        yield _one("basira_disk_total_bytes", "Size of the disk that holds the footage.", disk.total_bytes)
        yield _one("basira_disk_free_bytes", "Free space of it.", disk.free_bytes)
        yield _one("basira_disk_floor_bytes", "Free space that retention keeps.", disk.floor_bytes)
        yield _one("basira_footage_bytes", "Footage in the index.", disk.footage_bytes)
        if disk.full_in_s is not None:
            yield _one("basira_disk_full_in_seconds", "Until the disk is full, if it will be.", disk.full_in_s)

    def _analysis(self) -> Iterator[Metric]:
        lag = GaugeMetricFamily("basira_analysis_lag_seconds", "Analysis behind recording.", labels=["camera"])
        for camera, lag_s in self._health.analysis_lag_s().items():
            if lag_s is not None:
                lag.add_metric([camera], lag_s)
        yield lag
        streams = self._health.analysed_streams()
        for field, text in _GROUPS.items():
            family = CounterMetricFamily(f"basira_analysis_{field}", text, labels=["camera"])
            for stream in streams:
                family.add_metric([stream["camera"]], stream[field])
            yield family


def _one(name: str, text: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, text)
    family.add_metric([], value)
    return family


def _streams(cameras: dict[str, dict[str, Any]]) -> Iterator[Metric]:
    recording = GaugeMetricFamily("basira_stream_recording", "1 while the stream is recorded.", labels=_STREAM)
    frames = GaugeMetricFamily("basira_stream_frames_per_second", "Frames recorded.", labels=_STREAM)
    bits = GaugeMetricFamily("basira_stream_bits_per_second", "Bits recorded.", labels=_STREAM)
    gap = GaugeMetricFamily("basira_stream_gap_open", "1 while nothing is recorded that should be.", labels=_STREAM)
    for camera, streams in cameras.items():
        for stream, state in streams.items():
            labels = [camera, stream]
            recording.add_metric(labels, int(state["state"] == "recording"))
            frames.add_metric(labels, state["frame_rate"])
            bits.add_metric(labels, state["bit_rate"])
            gap.add_metric(labels, int(state["gap"] is not None))
    yield from (recording, frames, bits, gap)


def _recorder(status: dict[str, Any]) -> Iterator[Metric]:
    yield _one("basira_index_lag_seconds", "Index behind the files.", status["index"]["lag_s"])
    synchronised = status["clock"]["synchronised"]
    yield _one("basira_clock_synchronised", "1 while the clock is synchronised.", int(bool(synchronised)))
