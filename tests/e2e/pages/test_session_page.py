"""The page of a session, its report, and comparisons: every action, on sessions with known rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.domain import Box
from app.sessions.rows.records import Gap, NewSession, Observation
from app.sessions.store import SessionStore
from tests.e2e.conftest import ConsoleErrors, OpenPage, start_server
from tests.e2e.server import Server
from tests.support.sessions import session_attributes

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
PEOPLE, SECONDS = 6, 60
WIDTHS = [(1440, 900), (1024, 768), (390, 844)]
# More than the page has controls.
MAX_TABS = 200
# The number of the element that has the focus; null if none has.
FOCUSED = """() => {
  const number = [...document.body.querySelectorAll("*")].indexOf(document.activeElement);
  return number < 0 ? null : number;
}"""
FOCUS_IS_SEEN = """() => {
  const node = document.activeElement;
  const { top, bottom, width } = node.getBoundingClientRect();
  return getComputedStyle(node).outlineStyle !== "none" && width > 0 && bottom > 0 && top < innerHeight;
}"""
COUNT_CONTROLS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  .filter((node) => !node.disabled && node.checkVisibility({ visibilityProperty: true })).length"""


def probabilities(person: int, time_s: int) -> dict[str, float]:
    """Happy for 20 s from `5 * person` on, before and after that neutral."""
    is_happy = 5 * person <= time_s < 5 * person + 20
    high = 0.7 if is_happy else 0.2
    rest = {"happy": high, "neutral": 0.9 - high}
    return {label: rest.get(label, 0.02) for label in LABELS}


def observation(person: int, time_s: int) -> Observation:
    values = probabilities(person, time_s)
    estimates = {
        "emotion": ClassEstimate(values, max(values, key=values.__getitem__)),
        "age": NumberEstimate(30.0 + person),
        "sex": ClassEstimate({"male": 0.1, "female": 0.9}),
    }
    return Observation(
        person, 1000 * time_s, 30, estimates, score=0.9, box=Box(100 * person, 50, 100 * person + 80, 150)
    )


def write_session(store: SessionStore, name: str, people: int = PEOPLE) -> None:
    attributes = session_attributes(LABELS)
    session_id = store.start(NewSession(name, source="0", demo=False, attributes=attributes))["id"]
    rows = [observation(person, time_s) for person in range(1, people + 1) for time_s in range(SECONDS) if time_s != 50]
    store.add(session_id, [*rows, Gap(50, 51)])
    store.stop(session_id, SECONDS)


@pytest.fixture(scope="module")
def recorded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("recorded")
    store = SessionStore(folder)
    write_session(store, "Trailer test")
    write_session(store, "Second test", people=5)
    write_session(store, "One person", people=1)
    nobody = NewSession("Nobody", source="0", demo=False, attributes=session_attributes(LABELS))
    store.stop(store.start(nobody)["id"], 3)
    yield from start_server("demo:still", folder, fps=2)


def open_session(open_page: OpenPage, server: Server, number: int = 1, fragment: str = "") -> Page:
    page = open_page(f"{server.url}/sessions/{number}{fragment}")
    expect(page.locator("#persons tbody tr").first).to_be_visible()
    return page


def save_chart(page: Page, chart: str, format_: str, folder: Path) -> bytes:
    """Save a chart with its button; returns the content of the file."""
    with page.expect_download() as saved:
        page.locator(f"#{chart}-download [data-format={format_}]").click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path.read_bytes()


def figures(server: Server, query: str = "", session: int = 1) -> dict:
    return dict(server.get_json(f"/api/sessions/{session}/figures{query}"))


def test_people_are_named_merged_split_and_removed_and_each_edit_is_undone(
    recorded_server: Server, open_page: OpenPage
) -> None:
    before = figures(recorded_server)
    page = open_session(open_page, recorded_server)
    rows = page.locator("#persons tbody tr")
    expect(rows).to_have_count(PEOPLE)
    for number in (0, 3):
        rows.nth(number).get_by_role("checkbox").check()
    page.locator("#merge").click()
    expect(rows).to_have_count(PEOPLE - 1)
    page.locator("#undo").click()
    expect(rows).to_have_count(PEOPLE)

    rows.nth(1).get_by_role("button", name="Split").click()
    time = page.locator("#time-dialog input")
    time.fill("half past")
    page.keyboard.press("Enter")
    expect(page.locator("#time-dialog")).to_be_visible()
    time.fill("0:30")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(PEOPLE + 1)
    page.locator("#undo").click()
    expect(rows).to_have_count(PEOPLE)

    rows.nth(2).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(PEOPLE - 1)
    page.locator("#undo").click()
    expect(rows).to_have_count(PEOPLE)

    rows.nth(1).get_by_role("button", name="Name").click()
    page.locator("#text-dialog input").fill("Grace " + "H" * 60)
    page.keyboard.press("Enter")
    expect(rows.nth(1).locator(".person")).to_contain_text("Grace")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#undo").click()
    expect(rows.nth(1).locator(".person")).to_have_text("Person 2")
    expect(page.locator("#undo")).to_be_hidden()
    assert figures(recorded_server) == before


def expect_focus(page: Page, control: Locator) -> None:
    """The control has the focus, and it is seen."""
    expect(control).to_be_focused()
    assert page.evaluate(FOCUS_IS_SEEN), "the focus is not seen"


def press(page: Page, control: Locator, key: str = "Enter") -> None:
    """Press a key on a control."""
    control.focus()
    page.keyboard.press(key)


def test_every_control_is_reached_with_the_tab_key_and_its_focus_is_seen(
    recorded_server: Server, open_page: OpenPage
) -> None:
    page = open_session(open_page, recorded_server)
    expect(page.locator(".event").first).to_be_visible()
    reached = []
    while len(reached) < MAX_TABS:
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUSED)
        if place is None:  # past the last one
            break
        reached.append(place)
        assert page.evaluate(FOCUS_IS_SEEN), place
    assert len(reached) < MAX_TABS
    assert len(reached) == len(set(reached)) == page.evaluate(COUNT_CONTROLS)


def test_everything_is_done_with_the_keyboard_and_the_focus_is_never_lost(
    recorded_server: Server, open_page: OpenPage
) -> None:
    before = figures(recorded_server)
    page = open_session(open_page, recorded_server)
    plot, chips = page.locator("#timeline-plot"), page.locator("#filter-chips button")
    rows = page.locator("#persons tbody tr")
    press(page, plot, "+")
    page.wait_for_function("location.hash.includes('from=')")
    press(page, chips.first)
    expect(chips).to_have_count(0)
    expect_focus(page, plot)
    press(page, rows.nth(1).locator(".person"))
    expect(page.locator("#mean-of")).to_have_text("Person 2")
    expect_focus(page, page.locator("#persons tr[data-person='2'] .person"))
    press(page, page.locator("#filter-reset"))
    expect(page.locator("#mean-of")).to_have_text(f"{PEOPLE} people")
    expect_focus(page, plot)

    page.keyboard.press("m")
    page.keyboard.type("Onset")
    page.keyboard.press("Enter")
    markers = page.locator("#markers li")
    expect(markers).to_have_count(1)
    expect_focus(page, plot)
    press(page, markers.get_by_role("button", name="Delete"))
    expect(markers).to_have_count(0)
    expect_focus(page, page.locator("#marker-add"))

    press(page, rows.nth(1).get_by_role("button", name="Split"))
    page.keyboard.type("0:30")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(PEOPLE + 1)
    expect_focus(page, rows.nth(1).get_by_role("button", name="Split"))
    press(page, page.locator("#undo"))
    expect(rows).to_have_count(PEOPLE)
    expect_focus(page, page.locator("#persons-sort"))
    press(page, rows.nth(2).get_by_role("button", name="Remove"))
    expect(rows).to_have_count(PEOPLE - 1)
    expect_focus(page, rows.nth(2).get_by_role("button", name="Remove"))
    press(page, page.locator("#undo"))
    expect(rows).to_have_count(PEOPLE)
    for number in (0, 3):
        press(page, rows.nth(number).get_by_role("checkbox"), "Space")
    press(page, page.locator("#merge"))
    expect(rows).to_have_count(PEOPLE - 1)
    expect_focus(page, page.locator("#persons-sort"))
    press(page, page.locator("#undo"))
    expect(rows).to_have_count(PEOPLE)
    press(page, page.locator("#persons th[data-key=dominant] button"))
    expect_focus(page, page.locator("#persons th[data-key=dominant][aria-sort=ascending] button"))

    press(page, page.locator("#lanes-table summary"))
    lanes = page.locator("#lanes-table tbody tr")
    expect(lanes).to_have_count(PEOPLE)
    seen = ["Person 3", "0:00 to 0:50, 0:51 to 1:00", str(SECONDS - 1), "Neutral 66%"]
    assert lanes.nth(2).locator("th, td").all_inner_texts() == seen
    page.keyboard.press("Tab")
    expect_focus(page, page.get_by_role("region", name="Emotion of each person"))
    assert figures(recorded_server) == before


def test_one_filter_drives_the_whole_page_and_stays_in_its_address(
    recorded_server: Server, open_page: OpenPage
) -> None:
    page = open_session(open_page, recorded_server)
    page.locator("#persons .person").first.click()
    expect(page.locator("#mean-of")).to_have_text("Person 1")
    assert "people=1" in page.url
    plot = page.locator("#timeline-plot")
    plot.scroll_into_view_if_needed()
    area = plot.bounding_box()
    assert area is not None
    left = area["x"] + float(plot.evaluate("node => parseFloat(getComputedStyle(node).getPropertyValue('--gutter'))"))
    page.mouse.move(left + 5, area["y"] + 80)
    page.mouse.down()
    page.mouse.move(left + 305, area["y"] + 80, steps=4)
    page.mouse.up()
    expect(page.locator("#filter-chips li")).to_have_count(2)
    wanted = figures(recorded_server, "?" + page.url.split("#")[1])
    expect(page.locator("#histogram")).to_have_attribute(
        "aria-label", re.compile(f"Happy {wanted['histogram']['happy']}\\b")
    )
    address = page.url

    plot.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => location.href !== before", arg=address)
    page.keyboard.press("Escape")
    expect(page.locator("#filter-chips li")).to_have_count(1)
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#filter-chips li")).to_have_count(2)
    csv = page.locator("#downloads a[data-format=csv]").get_attribute("href") or ""
    assert "people=1" in csv
    assert "from=" in csv
    page.locator("#filter-reset").click()
    expect(page.locator("#mean-of")).to_have_text(f"{PEOPLE} people")
    page.locator(".event").first.click()
    page.wait_for_function("location.hash.includes('from=')")


def test_markers_and_spans_are_added_changed_and_deleted_and_cut_the_figures(
    recorded_server: Server, open_page: OpenPage, console_errors: ConsoleErrors
) -> None:
    page = open_session(open_page, recorded_server)
    page.keyboard.press("m")
    form = page.locator("#marker-dialog")
    for name, text in (("name", "Trailer 2"), ("time", "0:10"), ("end", "0:20")):
        form.locator(f"[name={name}]").fill(text)
    page.keyboard.press("Enter")
    markers = page.locator("#markers li")
    expect(markers).to_have_count(1)
    page.get_by_role("button", name="Trailer 2", exact=True).click()
    expect(page.locator("#filter-chips")).to_contain_text("During Trailer 2")
    expect(page.locator("#presence")).to_contain_text(str(PEOPLE * 10))

    markers.first.get_by_role("button", name="Change").click()
    form.locator("[name=end]").fill("0:05")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_be_visible()
    console_errors.clear()  # of the end before the start, which was refused
    expect(markers.first).to_contain_text("0:10 to 0:20")
    markers.first.get_by_role("button", name="Change").click()
    form.locator("[name=excluded]").check()
    page.keyboard.press("Enter")
    expect(markers.first).to_contain_text("excluded")
    expect(page.locator("#presence")).to_contain_text(str(PEOPLE * (SECONDS - 1 - 10)))
    page.locator("#filter-excluded").check()
    expect(page.locator("#presence")).to_contain_text(str(PEOPLE * (SECONDS - 1)))

    page.locator("#marker-names").click()
    page.locator("#marker-names-dialog [name='1']").fill("Trailer 1")
    with page.expect_response("**/api/sessions/1?figures=0"):  # with the new names
        page.locator("#marker-names-dialog [value=ok]").click()
    expect(page.locator("#marker-names-dialog")).to_be_hidden()
    page.keyboard.press("1")
    expect(form.locator("[name=name]")).to_have_value("Trailer 1")
    page.keyboard.press("Escape")
    markers.first.get_by_role("button", name="Delete").click()
    expect(markers).to_have_count(0)
    assert recorded_server.get_json("/api/sessions/1")["marker_names"] == {"1": "Trailer 1"}


def test_the_timeline_has_views_tables_and_downloads(
    recorded_server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_session(open_page, recorded_server)
    asked = page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => /(figures=0|timeline\\?.*)$/.test(name))"
        ".map(({ initiatorType }) => initiatorType)"
    )
    assert asked == ["link", "link"]  # by the head of the page, and not again
    for view in ("lines", "people", "stacked"):
        page.select_option("#timeline-view", view)
        expect(page.locator("#timeline-emotion-label")).to_be_visible(visible=view == "people")
    page.select_option("#timeline-smoothing", "15")
    for chart in ("timeline", "lanes", "histogram", "mean", "numbers"):
        for format_, start in (("png", b"\x89PNG"), ("svg", b"<svg")):
            assert save_chart(page, chart, format_, tmp_path).startswith(start)
    for chart, text in (("timeline", "Surprise"), ("lanes", "Person 6"), ("mean", "Surprise"), ("numbers", "Person 6")):
        assert text in save_chart(page, chart, "svg", tmp_path).decode(), chart
    page.locator("#timeline-table summary").click()
    expect(page.locator("#timeline-table tbody tr")).to_have_count(SECONDS)
    page.locator("#persons th[data-key=seconds] button").click()
    expect(page.locator("#persons th[data-key=seconds]")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#persons th[data-key=seconds] button")).to_be_focused()


def test_pages_of_sessions_fit_the_screen(recorded_server: Server, open_page: OpenPage) -> None:
    page = open_session(open_page, recorded_server)
    for path in (
        "/sessions/1",
        "/sessions/3",
        "/sessions/4",
        "/sessions/1/report",
        "/compare?sessions=1,2",
        "/sessions",
    ):
        page.goto(recorded_server.url + path)
        page.wait_for_load_state("networkidle")
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
    page.goto(f"{recorded_server.url}/sessions/4")
    expect(page.locator("#no-rows")).to_be_visible()


def test_the_report_is_printed_as_a4(recorded_server: Server, open_page: OpenPage) -> None:
    page = open_page(f"{recorded_server.url}/sessions/1/report?people=1,2,3,4,5,6")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#people tbody tr")).to_have_count(PEOPLE)
    expect(page.locator("#means tbody tr")).to_have_count(len(LABELS))
    happy = figures(recorded_server)["intervals"]["happy"]
    expect(page.locator("#means")).to_contain_text(f"{100 * happy[0]:.1f}%")
    pdf = page.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3
    assert re.search(rb"/MediaBox \[0 0 59[45]\.?\d* 84[12]\.?\d*\]", pdf)


def test_groups_are_compared_with_intervals_and_aligned_at_a_marker(
    recorded_server: Server, open_page: OpenPage
) -> None:
    page = open_page(f"{recorded_server.url}/sessions")
    marker = {"name": "Start", "time": 20}
    added = [
        page.request.post(f"{recorded_server.url}/api/sessions/{number}/markers", data=marker).json()
        for number in (1, 2)
    ]
    page.reload()
    for name in ("Trailer test", "Second test"):
        page.get_by_role("checkbox", name=f"Choose {name}").check()
    page.locator("#compare").click()
    expect(page.locator("#results")).to_be_visible()
    expect(page.locator("#groups li.group")).to_have_count(2)
    page.locator("#differences-table summary").click()
    expect(page.locator("#differences-table tbody tr")).to_have_count(len(LABELS))
    page.select_option("#align", "Start")
    expect(page.locator("#curves-panel")).to_be_visible()

    page.locator("#group-add").click()
    page.locator("#groups li.group").nth(2).get_by_role("button", name="Add a session").click()
    page.select_option("#part-dialog [name=session]", "3")
    page.locator("#part-dialog [value=ok]").click()
    expect(page.locator("#means-note")).to_contain_text("needs 5 people")
    page.reload()
    expect(page.locator("#groups li.group")).to_have_count(3)
    for number, one in zip((1, 2), added, strict=True):
        page.request.delete(f"{recorded_server.url}/api/sessions/{number}/markers/{one['id']}")


def test_sessions_are_found_by_text_and_tag(recorded_server: Server, open_page: OpenPage) -> None:
    page = open_session(open_page, recorded_server, 2)
    page.locator("#edit-tags").click()
    page.locator("#text-dialog input").fill("pilot, class 3")
    page.keyboard.press("Enter")
    expect(page.locator("#tags li")).to_have_text(["pilot", "class 3"])
    page.goto(f"{recorded_server.url}/sessions")
    names = page.locator("#sessions .session-name")
    expect(names).to_have_count(4)
    page.locator("#search-text").fill("second")
    expect(names).to_have_text(["Second test"])
    page.locator("#search-text").fill("")
    page.select_option("#search-tag", "pilot")
    expect(names).to_have_text(["Second test"])
    page.select_option("#search-tag", "")
    expect(names).to_have_count(4)


def test_a_session_is_exported_as_zip_and_imported_on_the_list(
    recorded_server: Server, open_page: OpenPage, console_errors: ConsoleErrors, tmp_path: Path
) -> None:
    page = open_session(open_page, recorded_server)
    page.locator("#downloads").locator("..").locator("summary").click()
    with page.expect_download() as download:
        page.locator("#download-archive").click()
    assert download.value.suggested_filename == "Trailer-test-session-1.zip"
    download.value.save_as(tmp_path / "session.zip")
    page.goto(f"{recorded_server.url}/sessions")
    page.locator("#import-file").set_input_files(tmp_path / "session.zip")
    link = page.get_by_role("link", name="Trailer test was imported")
    expect(link).to_be_visible()
    expect(page.get_by_role("link", name="Trailer test", exact=True)).to_have_count(2)
    (tmp_path / "session.zip").write_bytes(b"no archive")
    page.locator("#import-file").set_input_files(tmp_path / "session.zip")
    expect(page.locator("#toast")).to_contain_text("The archive is damaged")
    expect(page.locator("#imported")).to_be_hidden()
    console_errors.clear()  # of the refused request
    imported = page.get_by_role("link", name="Trailer test", exact=True).first.get_attribute("href") or ""
    number = int(imported.rsplit("/", 1)[1])
    assert figures(recorded_server, session=number) == figures(recorded_server)
    page.get_by_role("button", name="Delete Trailer test").first.click()
    page.locator("#delete-dialog [value=ok]").click()
    expect(page.get_by_role("link", name="Trailer test", exact=True)).to_have_count(1)
