"""`/metrics` for monitoring systems, in the Prometheus text format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psutil
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from app.attributes.attribute import Kind
from app.attributes.estimate import UNSURE, ClassEstimate
from app.web.live.live_camera import LiveCamera
from app.web.live.services import current_camera

PREFIX = "live_analysis_"
LABELLED_KINDS = (Kind.CLASSES, Kind.BINARY)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All metrics, computed for each request."""
    registry = CollectorRegistry()
    registry.register(MetricsCollector(current_camera()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class MetricsCollector(Collector):
    """Reads the metrics from the state of a camera each time they are collected."""

    def __init__(self, camera: LiveCamera) -> None:
        self._camera = camera

    def collect(self) -> Iterator[Metric]:
        """Yield every metric (docs/api.md)."""
        camera = self._camera
        yield _counter("frames", "Analysed frames", camera.counters.frames)
        yield _counter("frames_dropped", "Frames skipped because a newer one was available", camera.counters.dropped)
        yield _counter("vision_restarts", "Restarts of the vision process", camera.state.vision["restarts"])
        yield _gauge("healthy", "1 while /healthz responds with 200", float(camera.is_healthy))
        yield _gauge("viewers", "Open video streams", camera.broadcaster.viewers)
        yield _gauge("pages", "Pages connected by Socket.IO", len(camera.clients))
        yield _gauge("watched", "1 while a page, a stream or a session uses the results", float(camera.is_watched))
        yield _gauge("reduced_detail", "Steps of reduced detail under load", camera.state.detail["reduced"])
        yield _gauge("frame_age_seconds", "Age of the newest frame", camera.broadcaster.age_s)
        yield self._people()
        yield self._stage_seconds()
        yield self._memory_bytes()

    def _people(self) -> Metric:
        """People in view, by attribute and label, for the served attributes with labels."""
        family = GaugeMetricFamily(f"{PREFIX}people", "People in view, by label", labels=["attribute", "label"])
        faces = self._camera.faces_in_view
        for attribute in self._camera.attributes:
            estimates = [face.estimates.get(attribute.name) for face in faces]
            counts = Counter(estimate.label for estimate in estimates if isinstance(estimate, ClassEstimate))
            if attribute.kind in LABELLED_KINDS and attribute.name in self._camera.attributes.served:
                for label in (*attribute.labels, UNSURE):
                    family.add_metric([attribute.name, label], counts[label])
        return family

    def _stage_seconds(self) -> Metric:
        family = SummaryMetricFamily(f"{PREFIX}stage_seconds", "Processing time per frame, by stage", labels=["stage"])
        for stage, (seconds, count) in sorted(self._camera.counters.stages.items()):
            family.add_metric([stage], count, seconds)
        return family

    def _memory_bytes(self) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}memory_bytes", "Resident memory, by process", labels=["process"])
        for name, pid in (("web", None), ("vision", self._camera.state.vision["pid"])):
            resident_bytes = _resident_bytes(pid) if name == "web" or pid else None
            if resident_bytes is not None:
                family.add_metric([name], resident_bytes)
        return family


def _counter(name: str, help: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, help, value)


def _gauge(name: str, help: str, value: float | None) -> Metric:
    return GaugeMetricFamily(PREFIX + name, help, value if value is not None else float("nan"))


def _resident_bytes(pid: int | None) -> int | None:
    """Resident memory of a process in bytes (None: this process); None if the process has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None
