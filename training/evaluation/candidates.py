"""The face detectors that are scored: each as the app builds it, but let to say what it is unsure of too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from app.vision.detection.anchor_free_detector import FOLDER, AnchorFreeDetector, read_detector_card
from app.vision.detection.face_detector import FaceDetector
from app.vision.detection.haar import HaarDetector
from app.vision.detection.yunet import YUNET_MIN_SCORE, YuNetDetector
from training.metrics.detection_protocol import MIN_SCORE

NAMED = ("own", "haar")  # any other name is a file of YuNet


@dataclass(frozen=True, slots=True)
class Candidate:
    """A detector to be scored.

    Attributes:
        name: `own`, `haar` or `yunet`; of several YuNet files, their names without the ending.
        served_score: What the app leaves out is less sure.
    """

    name: str
    title: str
    detector: FaceDetector
    served_score: float


def build_candidates(names: Sequence[str], settings: Settings, longest: int) -> list[Candidate]:
    """Build detectors.

    Args:
        names: `own`, `haar` or YuNet files; none takes what there is: our own network in `settings.models`, the
            YuNet file that `settings.detector` may name, and Haar.
        longest: Longer side in pixels that pictures are scaled down to.
    Raises:
        ModelError, DetectorUnavailable: one of them cannot be loaded.
    """
    chosen = list(dict.fromkeys(names or _available(settings)))
    several = len([name for name in chosen if name not in NAMED]) > 1
    return [_contender(name, settings, longest, several) for name in chosen]


def _available(settings: Settings) -> list[str]:
    own = ["own"] if (Path(settings.models) / FOLDER).is_dir() else []
    file = [settings.detector] if settings.detector not in NAMED else []
    return [*own, *file, "haar"]


def _contender(name: str, settings: Settings, longest: int, several: bool) -> Candidate:
    if name == "haar":
        return Candidate(name, HaarDetector.title, HaarDetector(Settings(detect_width=longest)), 0.0)
    if name == "own":
        card = read_detector_card(Path(settings.models) / FOLDER)
        return Candidate(name, AnchorFreeDetector.title, AnchorFreeDetector(card, longest, MIN_SCORE), card.score)
    yunet = YuNetDetector(Path(name), longest, MIN_SCORE)
    return Candidate(Path(name).stem if several else yunet.name, yunet.title, yunet, YUNET_MIN_SCORE)
