"""Links and passes of a browser's camera: what they admit to, and when they end."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from app.web.camera.camera_access import LEAST_TIME_LEFT_S, LINK_LIFETIME_S, MAX_PASSES, PASS_LIFETIME_S, CameraAccess
from app.web.security.token_auth import MAX_WRONG_TOKENS
from tests.support.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def access(clock: FakeClock) -> CameraAccess:
    return CameraAccess(clock)


def opened(access: CameraAccess) -> str:
    given = access.open_link(access.link("main")[0])
    assert given is not None
    return given


def test_a_link_can_be_opened_until_it_ends(access: CameraAccess, clock: FakeClock):
    token, left_s = access.link("main")
    assert left_s == LINK_LIFETIME_S
    clock.now_s += LINK_LIFETIME_S - 1
    assert access.open_link(token)
    clock.now_s += 1
    assert access.open_link(token) is None


def test_viewers_share_a_link_while_enough_time_is_left(access: CameraAccess, clock: FakeClock):
    first, _ = access.link("main")
    clock.now_s += LINK_LIFETIME_S - LEAST_TIME_LEFT_S
    assert access.link("main") == (first, LEAST_TIME_LEFT_S)
    clock.now_s += 1
    second, left_s = access.link("main")
    assert second != first
    assert left_s == LINK_LIFETIME_S
    assert access.open_link(first), "a code that somebody is scanning"


@pytest.mark.parametrize("token", ["", "x", "\u00fc", "\ud800", "0" * 32])
def test_other_tokens_open_nothing(access: CameraAccess, token: str):
    access.link("main")
    assert access.open_link(token) is None
    assert not access.is_admitted(token)


def test_a_pass_ends_some_time_after_its_last_use(access: CameraAccess, clock: FakeClock):
    given = opened(access)
    for _ in range(3):
        clock.now_s += PASS_LIFETIME_S - 1
        assert access.is_admitted(given)
    clock.now_s += PASS_LIFETIME_S
    assert not access.is_admitted(given)


def test_of_many_passes_the_one_that_was_away_for_longest_ends(access: CameraAccess, clock: FakeClock):
    passes = []
    for _ in range(MAX_PASSES):
        clock.now_s += 1
        passes.append(opened(access))
    clock.now_s += 1
    access.is_admitted(passes[0])
    opened(access)
    assert [access.is_admitted(one) for one in passes] == [True, False, *[True] * (MAX_PASSES - 2)]


def test_revoking_ends_links_and_passes(access: CameraAccess):
    token, given = access.link("main")[0], opened(access)
    access.revoke("main")
    assert access.open_link(token) is None
    assert not access.is_admitted(given)
    assert access.link("main")[0] != token


def test_wrong_tokens_are_limited_by_client(access: CameraAccess):
    assert all(access.may_try("192.0.2.1") for _ in range(MAX_WRONG_TOKENS))
    assert not access.may_try("192.0.2.1")
    assert access.may_try("192.0.2.2")


@pytest.mark.parametrize(
    ("path", "without_pass", "with_pass"),
    [
        ("/camera", True, True),  # checks the pass itself
        ("/camera/socket", True, True),
        ("/static/js/pages/camera.js", False, True),
        ("/cameras", False, False),
        ("/", False, False),
        ("/api/status", False, False),
        ("/api/camera-link", False, False),
        ("/socket.io/", False, False),
        ("/video_feed", False, False),
        ("/sessions", False, False),
    ],
)
def test_a_pass_admits_to_the_camera_page_and_its_files_only(access, path, without_pass, with_pass):
    given = opened(access)
    for cookie, expected in ((None, without_pass), (f"camera-80={given}", with_pass)):
        builder = EnvironBuilder(path, headers={"Cookie": cookie} if cookie else {})
        assert access.admits(Request(builder.get_environ())) is expected
