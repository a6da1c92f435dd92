"""On a phone, what begins, ends or pauses a practice is within reach without scrolling."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from pages import introduce
from playwright.sync_api import Locator, Page, expect, sync_playwright
from serving import PATIENCE_S, QUIET, serve, wait_for

from posecheck.history import History
from posecheck.library import Library

pytestmark = [pytest.mark.browser, pytest.mark.model]

SCREENS = ((390, 844), (375, 667), (1280, 720))  # phones, and the smallest usual laptop
FROM_TOP = "document.querySelector('.stMain').scrollTop"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pausing_finishing_and_what_is_not_right_are_within_reach(
    chromium: Path, model: Path, tmp_path: Path, library: Library, language: str
) -> None:
    place = str(tmp_path / "history.sqlite")
    introduce(History(place), language=language)
    app = Path(__file__).with_name("states_app.py")
    with (
        serve(tmp_path / "log.txt", app, POSECHECK_MODEL=str(model), POSECHECK_DATABASE=place) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=str(chromium), args=QUIET)
        for width, height in SCREENS:
            page = browser.new_context(viewport={"width": width, "height": height}).new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            for state in ("setup", "cue", "slow"):
                page.goto(f"{address}/practice?state={state}&language={language}")
                for name in ("pause", "skip", "stop", "something_hurts"):
                    button = page.locator(".st-key-controls button", has_text=library.phrase(name, language))
                    expect(button).to_be_visible()
                    # A page that is still being laid out moves; where it comes to rest counts.
                    wait_for(
                        partial(is_within_reach, page, button), f"{name} in {state} at {width} is out of reach"
                    )
            page.locator(".st-key-controls .stPopover button").click()
            for reason in library.safety.stop:
                name = library.phrase(f"stop_{reason.id}", language)
                stop = page.get_by_role("button", name=name, exact=True)
                expect(stop).to_be_visible()
                wait_for(partial(is_within_reach, page, stop), f"{name} at {width} is out of reach")
        browser.close()


def is_within_reach(page: Page, button: Locator) -> bool:
    """Return whether a finger finds all of a button where the page stands: large enough, and nothing over it."""
    box, window = button.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    inside = box["x"] >= 0 and box["x"] + box["width"] <= window["width"] and box["y"] >= 0
    inside = inside and box["y"] + box["height"] <= window["height"] and box["height"] >= 44
    on_top = button.evaluate("(b, [x, y]) => b.contains(document.elementFromPoint(x, y))", [across, down])
    return inside and bool(on_top)


def test_the_way_to_begin_is_within_reach_however_much_is_proposed(chromium: Path, address: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=QUIET)
        for width, height in SCREENS:
            page = browser.new_context(viewport={"width": width, "height": height}).new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            page.goto(address)
            begin = page.locator(".st-key-start button")
            expect(begin).to_be_visible()
            wait_for(
                partial(is_within_reach, page, begin), f"the way to begin at {width} x {height} is out of reach"
            )
        browser.close()


def test_a_long_path_keeps_within_the_page(chromium: Path, address: str, tmp_path: Path, library: Library) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=QUIET)
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(f"{address}/practice")
        page.get_by_text(library.phrase("record_title", "en"), exact=True).click()
        expect(page.get_by_text(library.phrase("record_on", "en"), exact=True)).to_be_visible()
        assert (
            page.evaluate(
                "(() => { const p = document.querySelector('.stMain'); return p.scrollWidth - p.clientWidth })()"
            )
            <= 0
        )
        browser.close()


def test_what_follows_answers_begins_at_its_top_and_for_a_screen_reader_at_its_heading(
    chromium: Path, model: Path, tmp_path: Path, library: Library
) -> None:
    """The last answer stands at the bottom of a long page; the next question does not."""
    place = str(tmp_path / "history.sqlite")
    introduce(History(place), pain_now=None, today=None)
    with (
        serve(tmp_path / "log.txt", POSECHECK_MODEL=str(model), POSECHECK_DATABASE=place) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=str(chromium), args=QUIET)
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(address)
        page.locator(".st-key-ask-now-0-pain_now").get_by_text("3", exact=True).click()
        go_on = page.get_by_role("button", name=library.phrase("go_on", "en"), exact=True)
        go_on.click()  # one answer is still open: she stays where she is told so
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.evaluate(FROM_TOP) > 0
        page.get_by_text(library.phrase("answer_today_none", "en"), exact=True).click()
        go_on.click()
        expect(page.locator(".st-key-start button")).to_be_visible()
        wait_for(lambda: page.evaluate(FROM_TOP) == 0, "what is proposed begins out of sight")
        wait_for(lambda: page.evaluate("document.activeElement.tagName") == "H1", "its heading is not read")
        # And so does another proposal, chosen far below.
        page.locator(".st-key-cards button").last.click()
        wait_for(lambda: page.evaluate(FROM_TOP) == 0, "what was chosen is shown out of sight")
        browser.close()
