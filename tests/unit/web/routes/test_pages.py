"""The pages: toggles and descriptions that the templates render."""

import html
import json
import re
from pathlib import Path

import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.kinds import ClassAttribute
from app.translations.dictionary import load_dictionary
from app.web.routes.pages import MAX_TOGGLES_IN_ROW, arrange_toggles
from tests.support.web import RunningApp, running_app

ENGLISH = load_dictionary("en")
OVERLAYS = ["boxes", "landmarks", "ids", "blur"]
EVIL = "</script><script>alert(1)</script>"


def glasses(**fields: object) -> ClassAttribute:
    return ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("no", "yes"), **fields)  # type: ignore[arg-type]


def with_attributes(*added: ClassAttribute, served: tuple[str, ...] = ()) -> AttributeSet:
    own = AttributeSet().attributes
    return AttributeSet((*own, *added), frozenset(served))


def overlays(toggles: list) -> list[str]:
    return [toggle.overlay for toggle in toggles]


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path) as web:
        yield web


def embedded_descriptions(page: str) -> list[dict]:
    (text,) = re.findall(r'<script type="application/json" id="attributes">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_only_served_attributes_have_a_toggle():
    row, menu = arrange_toggles(with_attributes(glasses(), served=("age", "glasses")), ENGLISH)
    assert overlays(row) == ["boxes", "landmarks", "ids", "age", "glasses", "blur"]
    assert [toggle.is_on for toggle in row] == [True, False, False, True, False, False]
    assert menu == []


def test_without_models_there_are_the_toggles_of_the_overlays():
    assert overlays(arrange_toggles(AttributeSet(), ENGLISH)[0]) == OVERLAYS


def test_toggles_that_are_off_at_first_move_into_a_menu_if_the_row_is_full():
    served = ("emotion", "age", "sex", "race", "mask", "glasses")
    row, menu = arrange_toggles(with_attributes(glasses(), served=served), ENGLISH)
    assert overlays(row) == ["boxes", "emotion", "age", "sex", "blur"]
    assert overlays(menu) == ["landmarks", "ids", "race", "mask", "glasses"]
    assert len(row) <= MAX_TOGGLES_IN_ROW


def test_an_attribute_that_is_shown_by_default_stays_in_the_row():
    served = ("emotion", "age", "sex", "race", "mask", "glasses")
    row, _ = arrange_toggles(with_attributes(glasses(shown_by_default=True), served=served), ENGLISH)
    assert "glasses" in overlays(row)


@pytest.mark.parametrize("path", ["/", "/sessions", "/models", "/sessions/7"])
def test_every_page_embeds_the_descriptions_of_the_interface(web: RunningApp, path: str):
    descriptions = web.client.get("/api/attributes").get_json()["attributes"]
    assert embedded_descriptions(web.client.get(path).text) == descriptions


def test_a_korean_page_has_toggles_and_descriptions_in_korean(web: RunningApp):
    web.services.attributes = with_attributes(glasses(), served=("emotion", "sex", "glasses"))
    page = web.client.get("/?lang=ko").text
    described = {one["name"]: one for one in embedded_descriptions(page)}
    assert (described["sex"]["title"], described["emotion"]["texts"]["happy"]) == ("겉보기 성별", "행복")
    assert described["glasses"]["title"] == "Glasses"
    titles = re.findall(r'data-show="(\w+)"[^>]*>(.*?)</button>', page)
    assert {("boxes", "상자"), ("sex", "겉보기 성별"), ("glasses", "Glasses")} <= set(titles)


def test_titles_and_notes_of_a_card_cannot_add_markup(web: RunningApp):
    attribute = ClassAttribute(name="x", title=EVIL, position=1000, labels=("a", "b"), note=EVIL)
    web.services.attributes = with_attributes(attribute, served=("x",))
    page = web.client.get("/").text
    assert "<script>alert" not in page
    assert embedded_descriptions(page)[-1]["note"] == EVIL


def test_the_page_of_a_session_has_the_attributes_of_its_time(web: RunningApp):
    web.camera.attributes = with_attributes(glasses(), served=("emotion", "glasses"))
    web.start_vision()
    assert web.send_event(web.connect_page(), "session_start", {})["ok"]
    described = {one["name"]: one for one in embedded_descriptions(web.client.get("/sessions/1").text)}
    assert described["glasses"]["labels"] == ["no", "yes"]
    assert [name for name, one in described.items() if one["served"]] == ["emotion", "glasses"]
    assert "glasses" not in str(embedded_descriptions(web.client.get("/").text))


BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "code", "line"),
    [
        ("/nothing?a=1", 404, "there is nothing at /nothing; check the address"),
        (
            "/<script>alert(1)</script>",
            404,
            "there is nothing at /&lt;script&gt;alert(1)&lt;/script&gt;; check the address",
        ),
        ("/api/sessions/99", 404, "there is no session 99; see the list of sessions"),
        ("/video_feed?show=moustache", 400, "unknown view &#39;moustache&#39;"),
    ],
)
def test_an_error_is_a_page_for_browsers_and_a_line_for_others(web: RunningApp, path: str, code: int, line: str):
    page = web.client.get(path, headers={"Accept": BROWSER_ACCEPT, "Accept-Language": "ko"})
    assert (page.status_code, page.mimetype) == (code, "text/html")
    assert line in page.text
    assert "<h1>요청을 처리하지 못했습니다</h1>" in page.text
    for accept in ("*/*", "application/json", "image/avif,image/webp,*/*;q=0.8", ""):
        answer = web.client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (code, "application/json")
        assert html.unescape(line) in answer.get_json()["error"]


@pytest.mark.parametrize(("language", "name"), [("en", "Live face analysis"), ("ko", "실시간 얼굴 분석")])
def test_the_manifest_makes_the_page_installable(web: RunningApp, language: str, name: str):
    response = web.client.get(f"/manifest.webmanifest?lang={language}")
    assert response.content_type == "application/manifest+json"
    manifest = json.loads(response.data)
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == (name, "/", "standalone")
    for icon in manifest["icons"]:
        assert web.client.get(icon["src"]).content_type.startswith(icon["type"])
    assert {icon["sizes"] for icon in manifest["icons"]} == {"any", "192x192", "512x512"}


def test_the_kiosk_has_no_header_links_to_follow_and_no_tools(web: RunningApp):
    def toolbar(query: str) -> str:
        return re.findall(r'<div class="toolbar"[^>]*>', web.client.get(f"/{query}").text)[0]

    assert "hidden" in toolbar("?kiosk")
    assert "hidden" not in toolbar("")
