"""When the vision process is told that its results are wanted."""

from pathlib import Path

import pytest

from tests.support.web import RunningApp, running_app


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


def reported_states(web: RunningApp) -> list[bool]:
    return [body["wanted"] for type, body in web.link.sent if type == "numbers"]


def is_watched(web: RunningApp) -> bool:
    return web.client.get("/healthz").get_json()["watched"]


def test_no_results_are_wanted_at_first(web: RunningApp):
    assert reported_states(web) == [False]
    assert not is_watched(web)


def test_results_are_wanted_while_a_page_is_open(web: RunningApp):
    first, second = web.connect_page(), web.connect_page()
    assert reported_states(web) == [False, True]
    first.disconnect()
    assert is_watched(web)
    second.disconnect()
    assert reported_states(web) == [False, True, False]
    assert not is_watched(web)


def test_results_are_wanted_while_a_session_runs_without_a_page(web: RunningApp):
    page = web.connect_page()
    web.send_event(page, "session_start", {})
    page.disconnect()
    assert reported_states(web) == [False, True]
    assert is_watched(web)
    page = web.connect_page()
    web.send_event(page, "session_stop", {})
    page.disconnect()
    assert reported_states(web) == [False, True, False]


def test_a_stream_requests_frames_without_results(web: RunningApp):
    stream = web.client.get("/video_feed?show=boxes", buffered=False)
    assert is_watched(web)
    assert (web.link.views, reported_states(web)) == (["boxes"], [False])
    stream.close()
    assert not is_watched(web)
