"""The listening socket survives failures; invalid certificates are refused."""

import errno
import socket
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings
from app.web.security.tls_listener import TlsListener, tls_context
from tests.support.certificates import make_certificate


class FailingListener:
    """A listening socket that fails with these errors first, as under load."""

    def __init__(self, *errors: int) -> None:
        self.open, self.errors = True, list(errors)

    def accept(self):
        if self.errors:
            raise OSError(self.errors.pop(0), "refused")
        return "connection", "address"

    def fileno(self) -> int:
        return 3 if self.open else -1


def test_accept_retries_without_descriptors_and_warns_once(monkeypatch: pytest.MonkeyPatch, caplog):
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    inner = FailingListener(errno.EMFILE, errno.EMFILE, errno.ECONNABORTED)
    assert TlsListener(inner).accept() == ("connection", "address")  # type: ignore[arg-type]
    assert len(waits) == 3
    assert len(caplog.records) == 1


def test_accept_fails_on_a_closed_socket():
    inner = FailingListener(errno.EBADF)
    inner.open = False
    with pytest.raises(OSError, match="refused"):
        TlsListener(inner).accept()  # type: ignore[arg-type]


def test_other_attributes_are_those_of_the_socket():
    with socket.create_server(("127.0.0.1", 0)) as inner:
        assert TlsListener(inner).getsockname() == inner.getsockname()


def test_without_a_certificate_there_is_no_tls_context():
    assert tls_context(Settings()) is None


def test_bad_certificates_are_one_clear_line(tmp_path: Path):
    cert, key = make_certificate(tmp_path)
    _, other_key = make_certificate(tmp_path, "other")
    empty = tmp_path / "empty.pem"
    empty.touch()
    for bad_cert, bad_key, message in [
        (tmp_path / "none.pem", key, "--cert"),
        (cert, tmp_path / "none.pem", "--key"),
        (cert, tmp_path, "--key"),
        (empty, key, "belong together"),
        (cert, other_key, "belong together"),
        (key, key, "belong together"),
    ]:
        with pytest.raises(SettingsError, match=message) as refused:
            tls_context(Settings(cert=str(bad_cert), key=str(bad_key)))
        assert "\n" not in str(refused.value)
    assert tls_context(Settings(cert=str(cert), key=str(key))) is not None
