"""The page of the chapters, its photographs and its route; the lessons run in a process of their own."""

from __future__ import annotations

import base64
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.jobs.lesson_process import MAX_REQUEST_BYTES, MAX_REQUESTS
from app.learn.chapters import CHAPTERS
from app.paths import ASSETS
from app.web.routes.learn import MAX_REQUESTS_PER_WINDOW, PHOTOS
from tests.support.web import RunningApp, running_app

PICTURE = base64.b64encode((ASSETS / "portraits" / "grace_hopper.jpg").read_bytes()).decode()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path) as web:
        yield web


def test_every_chapter_has_a_page_in_both_languages(web: RunningApp):
    for language in ("en", "ko"):
        assert web.client.get(f"/learn?lang={language}").status_code == 200
        for chapter in CHAPTERS:
            page = web.client.get(f"/learn/{chapter}?lang={language}")
            assert page.status_code == 200
            assert f'"learn_{chapter}"' in page.text
    assert "see /learn" in web.client.get("/learn/magic").get_json()["error"]


def test_the_photographs_are_those_of_the_demo(web: RunningApp):
    for name, file in PHOTOS.items():
        assert web.client.get(f"/learn/photos/{name}").data == (ASSETS / "portraits" / file).read_bytes()
    assert web.client.get("/learn/photos/secret").status_code == 404


def test_a_process_answers_and_nothing_is_kept(web: RunningApp, tmp_path: Path):
    response = web.client.post("/api/learn", json={"lesson": "pixels", "picture": PICTURE, "parameters": {"levels": 2}})
    assert response.get_json()["result"]["width"] == 120
    assert web.services.lessons.pid is not None
    assert [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith("sessions")] == []
    refused = web.client.post("/api/learn", json={"lesson": "pixels", "picture": PICTURE, "parameters": {"levels": 1}})
    assert refused.status_code == 400
    assert "give a number from 2 to 256" in refused.get_json()["error"]
    unreadable = web.client.post("/api/learn", json={"lesson": "pixels", "picture": "aaaa"})
    assert unreadable.status_code == 422


def test_a_process_that_ends_costs_one_answer(web: RunningApp):
    question = {"lesson": "pixels", "picture": PICTURE}
    assert web.client.post("/api/learn", json=question).status_code == 200
    assert web.services.lessons.pid is not None
    os.kill(web.services.lessons.pid, signal.SIGKILL)
    failed = web.client.post("/api/learn", json=question)
    assert failed.status_code == 503
    assert failed.get_json()["error"] == "the process of the lessons ended (signal 9); try again"
    assert web.client.post("/api/learn", json=question).status_code == 200


def test_without_models_a_lesson_says_why(tmp_path: Path):
    with running_app(tmp_path, models=str(tmp_path / "none")) as web:
        failed = web.client.post("/api/learn", json={"lesson": "bias", "picture": PICTURE})
    assert failed.status_code == 503
    assert "model" in failed.get_json()["error"]


def test_too_much_is_refused_before_it_is_computed(web: RunningApp):
    long = web.client.post("/api/learn", json={"lesson": "pixels", "picture": "a" * MAX_REQUEST_BYTES})
    assert long.status_code == 413
    with ExitStack() as places:
        for _ in range(MAX_REQUESTS):
            places.enter_context(web.services.lessons.place())
        answers = [web.client.post("/api/learn", json={}) for _ in range(MAX_REQUESTS_PER_WINDOW + 1)]
    assert (answers[0].status_code, answers[0].headers["Retry-After"]) == (503, "2")
    assert answers[-1].status_code == 429
    assert web.services.lessons.pid is None
