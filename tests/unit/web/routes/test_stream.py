"""The video stream and the snapshot."""

import threading
from itertools import islice
from pathlib import Path

import pytest

from app.web.live.frame_broadcaster import MAX_VIEWS, FrameBroadcaster
from app.web.routes.stream import PART_HEADER, fresh_jpeg, multipart_stream
from tests.support.fakes import fake_jpeg, make_result
from tests.support.web import RunningApp, running_app

DEFAULT = "boxes,emotion,age,sex"


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        web.start_vision()
        yield web


def test_the_header_of_the_next_part_follows_each_image_at_once():
    broadcaster = FrameBroadcaster(lambda keys: None)
    broadcaster.publish(make_result(7, views=[""]))
    stream = multipart_stream(broadcaster, broadcaster.subscribe(""))
    header = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n"
    assert list(islice(stream, 2)) == [b"\r\n", header + fake_jpeg(7, "") + b"\r\n" + header]
    broadcaster.publish(make_result(8, views=[""]))
    assert next(stream) == fake_jpeg(8, "") + b"\r\n" + header


def test_a_slow_viewer_skips_to_the_newest_frame():
    broadcaster = FrameBroadcaster(lambda keys: None)
    broadcaster.publish(make_result(1, views=[""]))
    stream = multipart_stream(broadcaster, broadcaster.subscribe(""))
    next(stream), next(stream)
    for index in range(2, 50):
        broadcaster.publish(make_result(index, views=[""]))
    assert fake_jpeg(49, "") in next(stream)


def test_the_last_part_is_repeated_while_no_frame_arrives():
    broadcaster = FrameBroadcaster(lambda keys: None)
    waiting = multipart_stream(broadcaster, broadcaster.subscribe(""), repeat_interval_s=0.01)
    assert next(waiting) == b"\r\n"
    broadcaster.publish(make_result(3, views=[""]))
    first = next(waiting)
    assert first == PART_HEADER + next(waiting)


def test_frames_without_the_requested_view_are_skipped():
    broadcaster = FrameBroadcaster(lambda keys: None)
    broadcaster.publish(make_result(1, views=["age"]))
    stream = multipart_stream(broadcaster, broadcaster.subscribe("boxes"), repeat_interval_s=0.01)
    assert next(stream) == b"\r\n"
    broadcaster.publish(make_result(2, views=["boxes"]))
    assert fake_jpeg(2, "boxes") in next(stream)


def test_a_new_viewer_sees_no_frame_from_before_a_pause():
    now_s = [100.0]
    broadcaster = FrameBroadcaster(lambda keys: None, clock=lambda: now_s[0])
    broadcaster.publish(make_result(1, views=[""]))
    now_s[0] += 60
    stream = multipart_stream(broadcaster, broadcaster.subscribe(""), repeat_interval_s=0.01)
    assert [next(stream), next(stream)] == [b"\r\n"] * 2
    broadcaster.publish(make_result(2, views=[""]))
    assert fake_jpeg(2, "") in next(stream)


def test_streams_end_when_the_broadcaster_closes():
    broadcaster = FrameBroadcaster(lambda keys: None)
    broadcaster.publish(make_result(1, views=[""]))
    stream = multipart_stream(broadcaster, broadcaster.subscribe(""))
    next(stream), next(stream)
    broadcaster.close()
    assert list(stream) == []


def test_a_stale_frame_is_not_used_as_a_snapshot():
    now_s = [100.0]
    broadcaster = FrameBroadcaster(lambda keys: None, clock=lambda: now_s[0])
    broadcaster.publish(make_result(1, views=[""]))
    assert fresh_jpeg(broadcaster, "", 0.01) == (1, fake_jpeg(1, ""))
    now_s[0] += 60
    assert fresh_jpeg(broadcaster, "", 0.01) is None


@pytest.mark.parametrize(("query", "key"), [("", DEFAULT), ("?show=", ""), ("?show=age,boxes,age", "boxes,age")])
def test_show_selects_the_view_and_closing_releases_it(web: RunningApp, query: str, key: str):
    response = web.client.get(f"/video_feed{query}", buffered=False)
    web.link.wait_for_views(key)
    assert response.mimetype == "multipart/x-mixed-replace"
    assert response.headers["Cache-Control"] == "no-store"
    web.publish_frame(1)
    body = response.iter_encoded()
    assert next(body) == b"\r\n"
    assert fake_jpeg(1, key) in next(body)
    response.close()
    web.link.wait_for_views()


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("?size=medium&lang=en", DEFAULT),
        ("?show=age&size=large", "age;large;en"),
        ("?show=age&lang=ko", "age;medium;ko"),
        ("?show=&size=small&lang=ko", ";small;ko"),
    ],
)
def test_a_size_and_a_language_are_views_of_their_own(web: RunningApp, query: str, key: str):
    response = web.client.get(f"/video_feed{query}", buffered=False)
    web.link.wait_for_views(key)
    assert "Set-Cookie" not in response.headers, "the language of an image is not kept for pages"
    response.close()


@pytest.mark.parametrize(
    ("query", "wrong"), [("show=boxes,moustache", "moustache"), ("size=huge", "huge"), ("lang=xx", "xx")]
)
def test_an_unknown_word_is_400_and_adds_no_viewer(web: RunningApp, query: str, wrong: str):
    response = web.client.get(f"/video_feed?{query}")
    assert response.status_code == 400
    assert wrong in response.get_json()["error"]
    assert web.camera.broadcaster.viewers == 0


def test_a_snapshot_of_an_unknown_view_is_400_also_without_a_picture(web: RunningApp):
    assert web.client.get("/snapshot.jpg?size=huge").status_code == 400


def test_a_view_at_another_size_takes_no_place_from_others(web: RunningApp):
    views = [f"ids,{word}" for word in ("", "boxes", "age", "sex", "race", "mask", "blur")]
    views += [f"landmarks,{word}" for word in ("", "boxes", "age", "sex", "race", "mask", "blur", "emotion")]
    open_ones = [web.client.get(f"/video_feed?show={view}") for view in views]
    keys = set(web.link.views)
    others = [
        web.client.get(f"/video_feed?{query}", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        for query in ("size=large", "show=ids&size=small")
    ]
    assert [response.status_code for response in others] == [200, 200]
    assert set(web.link.views) == keys | {DEFAULT}
    for response in (*open_ones, *others):
        response.close()


def test_one_client_with_every_place_keeps_nobody_out(web: RunningApp):
    views = [f"ids,{word}" for word in ("", "boxes", "age", "sex", "race", "mask", "blur")]
    views += [f"landmarks,{word}" for word in ("", "boxes", "age", "sex", "race", "mask", "blur", "emotion")]
    greedy = [web.client.get(f"/video_feed?show={view}") for view in views]
    assert len(web.link.views) == MAX_VIEWS - 1
    other = {"REMOTE_ADDR": "192.0.2.7"}
    default, own = web.client.get("/video_feed"), web.client.get("/video_feed?show=sex", environ_overrides=other)
    assert (default.status_code, own.status_code) == (200, 200)
    assert len(web.link.views) == MAX_VIEWS
    body = greedy[1].iter_encoded()
    assert list(body) == [b"\r\n"], "the second view of the client with the most views gives way"
    for response in (*greedy, default, own):
        response.close()
    assert web.camera.broadcaster.viewers == 0


def test_a_place_that_everyone_is_entitled_to_is_refused(web: RunningApp):
    words = ("boxes", "ids", "emotion", "age")
    views = [",".join(word for bit, word in enumerate(words) if number >> bit & 1) for number in range(MAX_VIEWS - 1)]
    clients = [{"REMOTE_ADDR": f"192.0.2.{number}"} for number in range(MAX_VIEWS)]
    open_ones = [
        web.client.get(f"/video_feed?show={view}", environ_overrides=client)
        for view, client in zip(views, clients, strict=False)
    ]
    refused = web.client.get("/video_feed?show=sex", environ_overrides=clients[-1])
    assert refused.status_code == 503
    assert str(MAX_VIEWS) in refused.get_json()["error"]
    again = web.client.get("/video_feed?show=boxes", environ_overrides=clients[-1])
    assert again.status_code == 200
    for response in (*open_ones, again):
        response.close()
    assert web.camera.broadcaster.viewers == 0


def test_a_head_request_leaves_no_viewer(web: RunningApp):
    web.client.head("/video_feed").close()
    assert web.camera.broadcaster.viewers == 0


def test_a_snapshot_counts_as_a_viewer_while_it_waits(web: RunningApp):
    result = {}
    thread = threading.Thread(target=lambda: result.update(response=web.client.get("/snapshot.jpg?show=boxes")))
    thread.start()
    web.link.wait_for_views("boxes")
    web.publish_frame(5)
    thread.join(5)
    assert result["response"].data == fake_jpeg(5, "boxes")
    assert result["response"].mimetype == "image/jpeg"
    web.link.wait_for_views()


def test_a_snapshot_without_a_frame_is_503(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.web.routes.stream.SNAPSHOT_TIMEOUT_S", 0.05)
    response = web.client.get("/snapshot.jpg")
    assert response.status_code == 503
    assert "error" in response.get_json()
    assert web.camera.broadcaster.viewers == 0
