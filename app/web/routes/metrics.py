"""`/metrics` for monitoring systems, in the Prometheus text format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import psutil
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from app.attributes.attribute import Kind
from app.attributes.estimate import UNSURE, ClassEstimate
from app.web.live.camera_registry import CameraRegistry
from app.web.live.live_camera import LiveCamera
from app.web.live.services import current_services

PREFIX = "live_analysis_"
LABELLED_KINDS = (Kind.CLASSES, Kind.BINARY)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All metrics, computed for each request."""
    registry = CollectorRegistry()
    registry.register(MetricsCollector(current_services().cameras))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class MetricsCollector(Collector):
    """Reads the metrics from the state of the cameras each time they are collected.

    Of several cameras, each value has the label `camera`.
    """

    def __init__(self, cameras: CameraRegistry) -> None:
        self._cameras = list(cameras)
        self._labels = ["camera"] if cameras.is_wall else []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric (docs/api.md)."""
        yield self._counter("frames", "Analysed frames", lambda one: one.counters.frames)
        yield self._counter(
            "frames_dropped", "Frames skipped because a newer one was available", lambda one: one.counters.dropped
        )
        yield self._counter(
            "vision_restarts", "Restarts of the vision process", lambda one: one.state.vision["restarts"]
        )
        yield self._gauge("healthy", "1 while /healthz responds with 200", lambda one: float(one.is_healthy))
        yield self._gauge("viewers", "Open video streams", lambda one: one.broadcaster.viewers)
        yield self._gauge("pages", "Pages connected by Socket.IO", lambda one: len(one.clients))
        yield self._gauge(
            "watched", "1 while a page, a stream or a session uses the results", lambda one: float(one.is_watched)
        )
        yield self._gauge(
            "reduced_detail", "Steps of reduced detail under load", lambda one: one.state.detail["reduced"]
        )
        yield self._gauge("frame_age_seconds", "Age of the newest frame", lambda one: one.broadcaster.age_s)
        yield self._people()
        yield self._stage_seconds()
        yield self._memory_bytes()

    def _counter(self, name: str, help: str, value: Callable[[LiveCamera], float]) -> Metric:
        family = CounterMetricFamily(PREFIX + name, help, labels=self._labels)
        for camera in self._cameras:
            family.add_metric(self._label_values(camera), value(camera))
        return family

    def _gauge(self, name: str, help: str, value: Callable[[LiveCamera], float | None]) -> Metric:
        family = GaugeMetricFamily(PREFIX + name, help, labels=self._labels)
        for camera in self._cameras:
            known = value(camera)
            family.add_metric(self._label_values(camera), known if known is not None else float("nan"))
        return family

    def _people(self) -> Metric:
        """People in view, by attribute and label, for the served attributes with labels."""
        labels = [*self._labels, "attribute", "label"]
        family = GaugeMetricFamily(f"{PREFIX}people", "People in view, by label", labels=labels)
        for camera in self._cameras:
            for attribute, label, count in _count_people(camera):
                family.add_metric([*self._label_values(camera), attribute, label], count)
        return family

    def _stage_seconds(self) -> Metric:
        labels = [*self._labels, "stage"]
        family = SummaryMetricFamily(f"{PREFIX}stage_seconds", "Processing time per frame, by stage", labels=labels)
        for camera in self._cameras:
            for stage, (seconds, count) in sorted(camera.counters.stages.items()):
                family.add_metric([*self._label_values(camera), stage], count, seconds)
        return family

    def _memory_bytes(self) -> Metric:
        labels = [*self._labels, "process"]
        family = GaugeMetricFamily(f"{PREFIX}memory_bytes", "Resident memory, by process", labels=labels)
        family.add_metric([*("" for _ in self._labels), "web"], _resident_bytes(None) or 0)
        for camera in self._cameras:
            pid = camera.state.vision["pid"]
            resident_bytes = _resident_bytes(pid) if pid else None
            if resident_bytes is not None:
                family.add_metric([*self._label_values(camera), "vision"], resident_bytes)
        return family

    def _label_values(self, camera: LiveCamera) -> list[str]:
        return [camera.name for _ in self._labels]


def _count_people(camera: LiveCamera) -> Iterator[tuple[str, str, int]]:
    """People in view of a camera by attribute and label."""
    for attribute in camera.attributes:
        estimates = [face.estimates.get(attribute.name) for face in camera.faces_in_view]
        counts = Counter(estimate.label for estimate in estimates if isinstance(estimate, ClassEstimate))
        if attribute.kind in LABELLED_KINDS and attribute.name in camera.attributes.served:
            for label in (*attribute.labels, UNSURE):
                yield attribute.name, label, counts[label]


def _resident_bytes(pid: int | None) -> int | None:
    """Resident memory of a process in bytes (None: this process); None if the process has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None
