"""Answer the lessons of the page `/learn` in a process of its own, which ends when nobody is in a chapter."""

from __future__ import annotations

from app.errors import InvalidRequest, UnreadableMedia
from app.jobs.request_process import AnalysisFailed, AnswerLate, Places, ProcessEnded, RequestProcess
from app.settings import Settings
from app.wire import Message

MODULE = "app.analysis.service.lesson_worker"
# A picture of 480 pixels as JPEG has 60 kB and a third more in base64; the weights of a tiny network come on top.
MAX_REQUEST_BYTES = 512 * 1024
# Lessons take 0.1 s, the first one a second to load its model; a busy computer, several times that.
LESSON_TIMEOUT_S = 30.0
# Requests in progress, of which one is answered and the others wait. A page has one at a time.
MAX_REQUESTS = 4


class LessonProcess:
    """Answers one request at a time. May be used from several threads.

    Attributes:
        place: Holds one of the places for requests; raises AnalysisBusy if all are taken.
    """

    def __init__(self, settings: Settings, *, timeout_s: float = LESSON_TIMEOUT_S) -> None:
        self._process = RequestProcess(MODULE, settings, timeout_s)
        self.place = Places(MAX_REQUESTS, f"{MAX_REQUESTS} lessons are being answered; try again in a moment").take

    @property
    def pid(self) -> int | None:
        """Process id; None while there is no process."""
        return self._process.pid

    def answer(self, body: bytes) -> bytes:
        """The JSON answer to the JSON request of a page; both are only passed on.

        Raises:
            InvalidRequest, UnreadableMedia: the request or its picture is not as it should be.
            AnalysisBusy: enough requests wait.
            AnalysisFailed: a model cannot be loaded, or the process ended or did not answer.
        """
        with self.place():
            try:
                return _content(self._process.request(Message("lesson", {}, [body])))
            except AnswerLate as error:
                raise AnalysisFailed(f"{error}; the computer is busy, try again in a moment") from None
            except ProcessEnded as error:
                raise AnalysisFailed(f"the process of the lessons ended ({error}); try again") from None

    def close(self) -> None:
        """End the process."""
        self._process.close()


def _content(answer: Message) -> bytes:
    if answer.type == "answer":
        return answer.parts[0]
    if answer.type == "refused":
        raise InvalidRequest(answer.body["error"])
    if answer.type == "unreadable":
        raise UnreadableMedia(answer.body["error"])
    raise AnalysisFailed(answer.body["error"])
