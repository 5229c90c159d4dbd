"""Figures for a monitoring system, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from app.web.live.services import Services, current_services

PREFIX = "live_analysis_"

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    registry = CollectorRegistry()
    registry.register(MetricsCollector(current_services()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class MetricsCollector(Collector):
    """Everything that is told, read anew each time it is asked for."""

    def __init__(self, services: Services) -> None:
        self._here = services

    def collect(self) -> Iterator[Metric]:
        """The figures by name."""
        services = self._here
        yield _counter("frames", "Analysed pictures", services.counters.frames)
        yield _counter("frames_dropped", "Pictures passed over, since a newer one was there", services.counters.dropped)
        yield _counter(
            "vision_restarts", "Times the vision process was started again", services.state.vision["restarts"]
        )
        yield _gauge("healthy", "1 while /healthz answers 200", float(services.is_healthy))
        yield _gauge("viewers", "Open picture streams", services.broadcaster.viewers)
        yield _gauge("pages", "Pages connected by Socket.IO", len(services.clients))
        yield _gauge(
            "watched",
            "1 while pages, streams or a session want every picture",
            float(services.is_watched),
        )
        yield _gauge("reduced_detail", "Steps back from full detail, to keep up", services.state.detail["reduced"])
        yield _gauge("frame_age_seconds", "Since the newest picture", services.broadcaster.age_s)
        yield self._stages()
        yield self._memory()

    def _stages(self) -> Metric:
        family = SummaryMetricFamily(f"{PREFIX}stage_seconds", "Work on a picture, by stage", labels=["stage"])
        for stage, (seconds, times) in sorted(self._here.counters.stages.items()):
            family.add_metric([stage], times, seconds)
        return family

    def _memory(self) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}memory_bytes", "Resident memory, by process", labels=["process"])
        for name, pid in (("web", None), ("vision", self._here.state.vision["pid"])):
            used = _resident(pid) if name == "web" or pid else None
            if used is not None:
                family.add_metric([name], used)
        return family


def _counter(name: str, help: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, help, value)


def _gauge(name: str, help: str, value: float | None) -> Metric:
    return GaugeMetricFamily(PREFIX + name, help, value if value is not None else float("nan"))


def _resident(pid: int | None) -> int | None:
    """Bytes that a process (None: this one) holds in memory; None where it has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None
