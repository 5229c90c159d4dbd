"""Mark in the running session from when on a person's neutral face corrects what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.domain import FaceResult

APPLIED = "applied"


class NeutralFaceMarkers:
    """Sets a marker for each person of a session whose readings begin to be corrected, or are no longer.

    Args:
        set_marker: Sets a marker with a name in a session, by id, at the present time, without waiting for the disk.
    """

    def __init__(self, set_marker: Callable[[int, str], object]) -> None:
        self._set_marker = set_marker
        self._session_id: int | None = None
        self._corrected: set[int] = set()

    def update(self, session_id: int | None, faces: Sequence[FaceResult]) -> None:
        """Compare the faces of a frame with those before.

        Args:
            session_id: Of the running session; None while none is running.
        """
        if session_id != self._session_id:
            self._session_id, self._corrected = session_id, set()
        if session_id is None:
            return
        for face in faces:
            is_corrected = face.neutral_face == APPLIED
            if is_corrected and face.id not in self._corrected:
                self._corrected.add(face.id)
                self._set_marker(session_id, f"Person {face.id}: corrected by the neutral face from here on")
            elif not is_corrected and face.id in self._corrected:
                self._corrected.remove(face.id)
                self._set_marker(session_id, f"Person {face.id}: no longer corrected by the neutral face")
