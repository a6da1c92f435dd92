"""The tuning page in a real browser: a slider moves, the counts follow, and what is kept is in use at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from bodies import ALL_FOURS, DOG, Shape, film, times
from playwright.sync_api import expect, sync_playwright
from serving import PATIENCE_S, QUIET, note, wait_for

from posecheck.library import Library, with_own_bands
from posecheck.pose import stack
from posecheck.recording import save_recording

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_a_moved_band_is_felt_kept_and_in_use(
    chromium: Path, address: str, cache: Path, tmp_path: Path, library: Library
) -> None:
    folder = tmp_path / "downward_dog"
    folder.mkdir()
    check = next(c for c in library.exercises["downward_dog"].checks if c.id == "elbows_bent")
    band = check.limits[0].min
    assert band is not None
    for elbow in (166.0, band.cue + 3):  # both are accepted as the band is shipped

        def shape(t: float, elbow: float = elbow) -> Shape:
            return ALL_FOURS if t < 1 else DOG if t < 4 else {**DOG, "elbow": elbow}

        save_recording(folder / f"{elbow:.0f}.npz", stack(film(shape, times(8.0, 10.0))))
    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=[*QUIET])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("request", lambda request: note(asked, request.url))
        page.goto(f"{address}/tune")

        def say(name: str) -> str:
            return library.phrase(name, "en")

        def choose(label: str, option: str) -> None:
            page.get_by_label(say(label)).first.click()
            page.get_by_role("option", name=option).click()

        choose("tune_exercise", library.exercises["downward_dog"].name["en"])
        page.get_by_text(say("tune_from_folder"), exact=True).click()
        box = page.get_by_label(say("tune_folder"))
        box.fill(str(tmp_path))
        box.press("Enter")
        page.get_by_role("button", name=say("tune_go"), exact=True).click()
        cue = next(c.say["en"] for c in library.exercises["downward_dog"].checks if c.id == "elbows_bent")
        expect(page.get_by_text(say("tune_values"))).to_be_visible(timeout=3 * PATIENCE_S * 1000)
        choose("tune_check", cue)
        accepted = page.locator("[data-count=accepted] b")
        expect(accepted).to_have_text("2 of 2")

        slider = page.locator("[class*=elbows_bent-0-min] input[type=range]")
        expect(slider).to_be_visible()

        def moved() -> bool:
            slider.press("End")  # again where the page was just being drawn anew
            page.wait_for_timeout(1000)
            return (accepted.text_content() or "") != "2 of 2"

        wait_for(moved, "the counts did not follow the slider")

        page.get_by_role("button", name=say("tune_save"), exact=True).click()
        expect(page.get_by_role("button", name=say("tune_ship"), exact=True)).to_be_visible()
        own = with_own_bands(library, cache / "bands").exercises["downward_dog"]
        assert own != library.exercises["downward_dog"]

        # The practice page judges by them, and says so.
        practice = browser.new_page(viewport={"width": 1280, "height": 900})
        practice.set_default_timeout(PATIENCE_S * 1000)
        practice.goto(f"{address}/practice")
        name = library.exercises["downward_dog"].name["en"]
        practice.get_by_role("button", name=name, exact=True).press("Enter")
        in_use = practice.get_by_text(library.phrase("own_bands", "en", names=name))
        expect(in_use).to_be_visible()
        page.get_by_role("button", name=say("tune_ship"), exact=True).click()
        expect(page.get_by_text(say("tune_shipped"))).to_be_visible()
        assert with_own_bands(library, cache / "bands").exercises == library.exercises
        practice.get_by_role("button", name=name, exact=True).press("Enter")
        expect(in_use).to_have_count(0)
        browser.close()
    assert not asked, f"the page asked for things from elsewhere: {asked}"
