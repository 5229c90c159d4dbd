"""Every page: no violation of axe-core in either colour scheme; the keyboard reaches every control visibly."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ConsoleErrors, OpenPage
from tests.e2e.server import Server
from tests.e2e.test_sessions import record

# All rules of axe-core, best practices included, in one scheme; in the other those that depend on it. Details only of
# violations.
ALL_RULES = {"resultTypes": ["violations"]}
COLOUR_RULES = {**ALL_RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OPTIONS_BY_SCHEME = {"light": ALL_RULES, "dark": COLOUR_RULES}

# What the Tab key must reach: visible controls that can be used. Of radio buttons, only the chosen one.
TABBABLE = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, audio[controls], video[controls], [tabindex='0']")]
  .filter((node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({visibilityProperty: true})
    && !(node.type === "radio" && !node.checked && document.querySelector(`[name="${node.name}"]:checked`)))
  .map((node, index) => { node.dataset.tabbable = index; return index; })"""
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const style = getComputedStyle(node);
  return {
    index: Number(node.dataset.tabbable ?? -1),
    text: node.outerHTML.slice(0, 120),
    visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5,
  };
}"""


def violations(page: Page, options: dict[str, Any] = ALL_RULES, within: str | None = None) -> list[str]:
    """Rule, element and reason of each violation, in the page or in one element."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    run = "([within, options]) => axe.run(within ?? document, options).then(({ violations }) => violations)"
    found: list[dict[str, Any]] = page.evaluate(run, [within, options])
    return [
        f"{one['id']}: {node['html'][:160]} ({' '.join(node['failureSummary'].split())})"
        for one in found
        for node in one["nodes"]
    ]


def unreachable(page: Page) -> list[str]:
    """Controls that the Tab key does not reach, and those that do not show that they have the focus."""
    waiting = set(page.evaluate(TABBABLE))
    assert waiting, "the page has no control"
    problems = []
    page.evaluate("document.activeElement?.blur()")
    for _ in range(2 * len(waiting) + 10):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            if not waiting:
                break
            continue
        waiting.discard(focused["index"])
        if not focused["visible"]:
            problems.append(f"no visible focus: {focused['text']}")
    missing = page.evaluate(
        "(all) => all.map((index) => document.querySelector(`[data-tabbable='${index}']`)?.outerHTML.slice(0, 120))",
        sorted(waiting),
    )
    return problems + [f"not reached: {html}" for html in missing if html]


def wait_for(selector: str) -> Callable[[Page], None]:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def unfold_cards(page: Page) -> None:
    """Two cards have every kind of table and chart; axe-core would need a minute for all of them."""
    wait_for("#models > details")(page)
    page.evaluate("for (const id of ['model-emotion', 'model-mask']) document.getElementById(id).open = true")


def menus_and_dialogs(page: Page) -> list[str]:
    """Violations of what opens on demand: popovers, menus and dialogs."""
    found = []
    for button in page.locator("[data-discloses]:visible").all():
        button.click()
        found += violations(page, within="[data-disclosure][data-open]")
        page.keyboard.press("Escape")
    for dialog in page.locator("dialog").all():
        dialog.evaluate("(node) => node.showModal()")
        found += violations(page, within="dialog[open]")
        dialog.evaluate("(node) => node.close()")
    return found


@pytest.fixture
def session_path(demo_server: Server, open_page: OpenPage) -> str:
    page = open_page(demo_server.url)
    path = record(page, "Accessible", 2)
    page.close()
    return path


@pytest.fixture
def camera_path(demo_server: Server) -> str:
    """A link to the page on which a browser gives its camera."""
    request = urllib.request.Request(f"{demo_server.url}/api/camera-link", method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        link: str = json.load(response)["url"]
    return link.removeprefix(demo_server.url)


@pytest.mark.timeout(300)
def test_no_page_has_barriers(
    demo_server: Server, open_page: OpenPage, console_errors: ConsoleErrors, session_path: str, camera_path: str
) -> None:
    pages: dict[str, Callable[[Page], None]] = {
        "/": wait_for("#badge[data-tone=ok]"),
        "/?kiosk": wait_for("#video"),
        "/sessions": wait_for("#sessions tbody tr"),
        session_path: wait_for("#session h1"),
        "/models": unfold_cards,
        camera_path: wait_for("#start"),
        f"{session_path}/report": wait_for("html[data-ready=true] h1"),
        f"/compare?sessions={session_path.rpartition('/')[2]},{session_path.rpartition('/')[2]}": wait_for("#results"),
        "/try": wait_for("h1"),
        "/learn": wait_for("h1"),
        "/learn/windows": wait_for("#lesson[data-state=answered]"),
        "/no-such-page": wait_for("h1"),
    }
    page = open_page(demo_server.url)
    found: list[str] = []
    for path, ready in pages.items():
        page.goto(demo_server.url + path)
        ready(page)
        for scheme, options in OPTIONS_BY_SCHEME.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{path} {scheme} {problem}" for problem in violations(page, options)]
        found += [f"{path} {problem}" for problem in (*menus_and_dialogs(page), *unreachable(page))]
    page.goto(f"{demo_server.url}/?lang=ko")
    wait_for("#badge[data-tone=ok]")(page)
    found += [f"Korean {problem}" for problem in violations(page)]
    console_errors.clear()  # browsers report the 404 itself
    assert not found, "\n".join(found)
