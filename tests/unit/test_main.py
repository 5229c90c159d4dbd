"""What `python -m app` reads of the command line before it imports the app."""

import pytest

from app.__main__ import requested_server, with_default_command


@pytest.mark.parametrize(
    ("arguments", "completed"),
    [
        ([], ["run"]),
        (["--port", "5942"], ["run", "--port", "5942"]),
        (["run", "--port", "1"], ["run", "--port", "1"]),
        (["doctor"], ["doctor"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
    ],
)
def test_the_command_is_run_unless_one_is_named(arguments, completed):
    assert with_default_command(arguments) == completed


@pytest.mark.parametrize(
    ("arguments", "environ", "server"),
    [
        ([], {}, None),
        (["run", "--server", "threading"], {}, "threading"),
        (["run", "--server=threading", "--port", "1"], {"SERVER": "eventlet"}, "threading"),
        (["run", "--port", "1"], {"SERVER": "threading"}, "threading"),
    ],
)
def test_the_server_is_known_before_the_command_line_is_read(arguments, environ, server):
    assert requested_server(arguments, environ) == server
