"""The page for one picture: dropped on the stage, chosen, pasted, refused; nothing stays."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import Page, expect

from app.paths import ASSETS
from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.server import Server

PORTRAIT = ASSETS / "portraits" / "eileen_collins.png"
# Dispatches an event with a file, as the browser does after a drop or paste.
SEND_FILE = """([selector, type, name, content]) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/png" }));
  const options = { bubbles: true, cancelable: true };
  const event = type === "paste" ? new ClipboardEvent(type, { ...options, clipboardData: transfer })
                                 : new DragEvent(type, { ...options, dataTransfer: transfer });
  document.querySelector(selector).dispatchEvent(event);
}"""


def send_file(page: Page, selector: str, type: str, content: bytes = PORTRAIT.read_bytes()) -> None:
    page.evaluate(SEND_FILE, [selector, type, "a.png", base64.b64encode(content).decode()])


def expect_the_portrait(page: Page) -> None:
    expect(page.locator(".face-box")).to_have_count(1, timeout=30_000)  # the first one loads the models
    expect(page.locator(".face__title")).to_contain_text("Happy")
    expect(page.locator(".face__values")).to_contain_text("perceived female")
    assert page.locator(".picture__image").evaluate("image => image.naturalWidth") == 512


def test_a_picture_is_analysed_and_nothing_is_kept(
    demo_server: Server, open_page: OpenPage, console_errors: ConsoleErrors, tmp_path: Path
):
    page = open_page(demo_server.url)
    page.locator("#stage").wait_for()
    send_file(page, "#stage", "dragenter")
    expect(page.locator("#stage.is-target")).to_be_visible()
    send_file(page, "#stage", "drop")
    page.wait_for_url("**/try")
    expect_the_portrait(page)
    box, image = page.locator(".face-box").bounding_box(), page.locator(".picture__image").bounding_box()
    assert box is not None
    assert image is not None
    centre = (box["x"] + box["width"] / 2 - image["x"]) / image["width"]
    assert 0.38 < centre < 0.50, "the face is at (178, 63, 268, 176) of 512"
    assert page.evaluate("indexedDB.databases()") == []
    page.reload()
    expect(page.locator("#result")).to_be_hidden()
    send_file(page, "body", "paste")
    expect_the_portrait(page)
    assert list(tmp_path.rglob("*")) == []
    assert not list((demo_server.data / "jobs").glob("*"))

    broken = tmp_path / "broken.jpg"
    broken.write_text("words")
    page.locator("#file").set_input_files(broken)
    expect(page.locator("#failure")).to_contain_text("Cannot read the image")
    console_errors.clear()  # the browser logs the status 422
    page.locator("#file").set_input_files(PORTRAIT)
    expect(page.locator("#failure")).to_be_hidden()
    expect(page.locator("#note")).to_have_text("1 face")


def test_the_page_fits_a_telephone_in_both_languages(demo_server: Server, open_page: OpenPage):
    for language, title in (("en", "Try a picture"), ("ko", "사진으로 해 보기")):
        page = open_page(f"{demo_server.url}/try?lang={language}", width=390, height=844)
        expect(page.locator("h1")).to_have_text(title)
        page.locator("#file").set_input_files(PORTRAIT)
        expect(page.locator(".face-box")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("#file").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className").startswith("face-box")
