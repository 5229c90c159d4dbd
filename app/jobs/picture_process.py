"""Analyse single pictures in a process of their own, which starts with the first picture and ends when none come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.errors import UnreadableMedia
from app.jobs.request_process import AnalysisFailed, AnswerLate, Places, ProcessEnded, RequestProcess
from app.processes.child_process import ChildProcess, start_analysis
from app.settings import Settings
from app.wire import Message

MODULE = "app.analysis.service.picture_worker"
# Limits of a picture; also stated in docs/api.md.
MAX_PICTURE_BYTES = 20 * 1024 * 1024
MAX_PICTURE_MEGAPIXELS = 50.0
# Pictures in progress, of which one is analysed and the others are received or wait. Each is held in memory.
MAX_PICTURES = 4
# A picture of 50 megapixels takes 2 s on a busy core; the models are loaded before, perhaps from a slow disk.
PICTURE_TIMEOUT_S = 30.0


class PictureProcess:
    """Analyses one picture at a time. May be used from several threads.

    Attributes:
        place: Holds one of the places, from before a picture is received until it is analysed; raises AnalysisBusy if
            all are taken.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        timeout_s: float = PICTURE_TIMEOUT_S,
        start: Callable[..., ChildProcess] = start_analysis,
    ) -> None:
        self.process = RequestProcess(MODULE, settings, timeout_s, start)
        self.place = Places(MAX_PICTURES, f"{MAX_PICTURES} pictures are being analysed; try again in a moment").take

    def analyze(self, content: bytes, name: str | None) -> Mapping[str, Any]:
        """The record of a picture, as `python -m app analyze` writes it.

        Args:
            content: The bytes of an image file.
            name: For `path` of the record.
        Raises:
            UnreadableMedia: the picture cannot be read, or the process ended or did not answer because of it.
            AnalysisFailed: the process cannot be started, or the models cannot be loaded.
        """
        try:
            return self._result(self.process.request(Message("picture", {"name": name}, [content])))
        except AnswerLate:
            raise UnreadableMedia(
                f"the picture takes longer than {self.process.timeout_s:g} s; send a smaller one", "too slow"
            ) from None
        except ProcessEnded as error:
            raise UnreadableMedia(
                f"the process that read the picture ended ({error}); send another one", "crash"
            ) from None

    def close(self) -> None:
        """End the process."""
        self.process.close()

    def _result(self, answer: Message) -> Mapping[str, Any]:
        if answer.type == "record":
            return answer.body
        if answer.type == "unreadable":
            raise UnreadableMedia(answer.body["error"])
        self.close()
        raise AnalysisFailed(answer.body["error"])
