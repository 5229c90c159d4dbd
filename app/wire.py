"""Messages between the web and the vision process: a length-prefixed JSON header with binary parts."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.attributes.estimate import estimate_from_wire, estimate_to_wire
from app.domain import Box, FaceResult, FrameResult

_PREFIX = struct.Struct("!II")  # bytes of the header, bytes of all binary parts


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `type` defines the meaning of `body`, `parts` are opaque bytes."""

    type: str
    body: Mapping[str, Any]
    parts: Sequence[bytes] = ()


class VisionLink(Protocol):
    """Connection of the web process to the vision process."""

    def receive(self) -> Message | None:
        """Wait for the next message; None once the link is closed.

        A restart of the vision process appears as a `vision` message, never as None.
        """

    def send(self, type: str, body: Mapping[str, Any] | None = None, parts: Sequence[bytes] = ()) -> None:
        """Send a command, with binary parts if it has any; dropped silently while the process is down."""

    def close(self) -> None:
        """Stop the process and end `receive`. Safe to call twice."""


def pack_message(message: Message) -> bytes:
    """Serialize a message."""
    header = {"type": message.type, "body": message.body, "parts": [len(part) for part in message.parts]}
    encoded = json.dumps(header, separators=(",", ":")).encode()
    return b"".join([_PREFIX.pack(len(encoded), sum(header["parts"])), encoded, *message.parts])


def read_message(connection: socket.socket) -> Message | None:
    """Read the next message from a blocking socket; None at the end of the stream."""
    prefix = _read_exactly(connection, _PREFIX.size)
    if prefix is None:
        return None
    header_length, parts_length = _PREFIX.unpack(prefix)
    payload = _read_exactly(connection, header_length + parts_length)
    return None if payload is None else _parse(payload, header_length)


def unpack_message(packed: bytes) -> Message:
    """The message that `pack_message` serialized.

    Raises:
        ValueError, KeyError, struct.error: it is damaged.
    """
    header_length, _ = _PREFIX.unpack_from(packed)
    return _parse(packed[_PREFIX.size :], header_length)


def _parse(payload: bytes | bytearray, header_length: int) -> Message:
    header = json.loads(payload[:header_length])
    parts, start = [], header_length
    for length in header["parts"]:
        parts.append(bytes(payload[start : start + length]))
        start += length
    return Message(header["type"], header["body"], parts)


def _read_exactly(connection: socket.socket, count: int) -> bytearray | None:
    buffer = bytearray(count)
    view, received = memoryview(buffer), 0
    while received < count:
        got = connection.recv_into(view[received:])
        if got == 0:
            return None
        received += got
    return buffer


def frame_to_message(result: FrameResult) -> Message:
    """Pack a frame result into a `frame` message."""
    body = {
        "index": result.index,
        "time_s": result.time_s,
        "read_at_s": result.read_at_s,
        "width": result.width,
        "height": result.height,
        "faces": [_face_to_wire(face) for face in result.faces],
        "stages_ms": {stage: round(ms, 3) for stage, ms in result.stages_ms.items()},
        "fps": round(result.fps, 2),
        "skipped_while_idle": result.skipped_while_idle,
        "position_s": result.position_s,
        "views": list(result.jpegs),
    }
    return Message("frame", body, list(result.jpegs.values()))


def frame_from_message(message: Message) -> FrameResult:
    """Unpack the result of a `frame` message."""
    body = dict(message.body)
    jpegs = dict(zip(body.pop("views"), message.parts, strict=True))
    body["faces"] = [_face_from_wire(fields) for fields in body["faces"]]
    return FrameResult(**body, jpegs=jpegs)


def face_ids(message: Message) -> list[int]:
    """The ids of the faces in a `frame` message."""
    return [fields[0] for fields in message.body["faces"]]


def _face_to_wire(face: FaceResult) -> list[Any]:
    box = face.box
    estimates = {name: estimate_to_wire(estimate) for name, estimate in face.estimates.items()}
    return [face.id, [box.x1, box.y1, box.x2, box.y2], face.score, estimates, face.neutral_face]


def _face_from_wire(fields: Sequence[Any]) -> FaceResult:
    id, box, score, packed, neutral_face = fields
    estimates = {name: estimate_from_wire(values) for name, values in packed.items()}
    return FaceResult(id, Box(*box), score, estimates, neutral_face)
