"""Who is told to the vision process to want its numbers."""

from pathlib import Path

import pytest

from tests.support.web import RunningApp, running_app


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.ready()
        yield web


def told(web: RunningApp) -> list[bool]:
    return [body["wanted"] for type, body in web.link.sent if type == "numbers"]


def watched(web: RunningApp) -> bool:
    return web.client.get("/healthz").get_json()["watched"]


def test_at_first_nobody_wants_numbers(web: RunningApp):
    assert told(web) == [False]
    assert not watched(web)


def test_pages_want_them_from_the_first_to_the_last(web: RunningApp):
    first, second = web.socket(), web.socket()
    assert told(web) == [False, True]
    first.disconnect()
    assert watched(web)
    second.disconnect()
    assert told(web) == [False, True, False]
    assert not watched(web)


def test_a_session_wants_them_though_every_page_is_closed(web: RunningApp):
    page = web.socket()
    web.ask(page, "session_start", {})
    page.disconnect()
    assert told(web) == [False, True]
    assert watched(web)
    page = web.socket()
    web.ask(page, "session_stop", {})
    page.disconnect()
    assert told(web) == [False, True, False]


def test_a_stream_wants_pictures_and_no_numbers(web: RunningApp):
    stream = web.client.get("/video_feed?show=boxes", buffered=False)
    assert watched(web)
    assert (web.link.views, told(web)) == (["boxes"], [False])
    stream.close()
    assert not watched(web)
