"""The language of a page: query, cookie, `Accept-Language`, and the texts that the page embeds."""

import json
import re

import pytest

from app.translations.dictionary import LANGUAGES, load_dictionary
from tests.support.web import RunningApp, running_app

KOREAN_BROWSER = {"Accept-Language": "ko-KR,ko;q=0.9,en-US;q=0.8"}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory):
    with running_app(tmp_path_factory.mktemp("language")) as web:
        yield web


def language_of(html: str) -> str:
    (language,) = re.findall(r'<html lang="(\w+)">', html)
    return language


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("", "", "", "en"),
        ("", "", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "", "fr,en;q=0.5", "en"),
        ("", "", "fr", "en"),
        ("", "en", "ko", "en"),
        ("?lang=ko", "en", "en", "ko"),
        ("?lang=xx", "ko", "en", "ko"),
        ("?lang=xx", "yy", "zz", "en"),
    ],
)
def test_query_goes_before_cookie_before_browser(
    web: RunningApp, query: str, cookie: str, accepted: str, language: str
):
    client = web.client
    if cookie:
        client.set_cookie("language", cookie)
    assert language_of(client.get(f"/models{query}", headers={"Accept-Language": accepted}).text) == language


def test_a_chosen_language_is_kept(web: RunningApp):
    client = web.client
    response = client.get("/sessions?lang=ko")
    assert "SameSite=Lax" in response.headers["Set-Cookie"]
    assert language_of(client.get("/").text) == "ko"
    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" not in client.get("/?lang=xx").headers


def test_the_other_language_is_linked_with_the_query_of_the_page(web: RunningApp):
    html = web.client.get("/sessions?lang=en&kiosk=1&x=%22%3E").text
    (url,) = re.findall(r'<a href="([^"]*)" lang="ko"', html)
    assert url == "/sessions?lang=ko&amp;kiosk=1&amp;x=%22%3E"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/sessions", "/models", "/sessions/7"])
def test_a_page_embeds_the_texts_of_its_language(web: RunningApp, path: str, language: str):
    html = web.client.get(f"{path}?lang={language}").text
    (embedded,) = re.findall(r'<script type="application/json" id="texts">(.*?)</script>', html, re.DOTALL)
    content = json.loads(embedded)
    assert content["language"] == language
    assert content["texts"]["base"] == load_dictionary(language).areas["base"]
    assert load_dictionary(language).text("base.sessions") in html
