"""axe-core finds no serious fault on any page, light or dark, wide or narrow."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bodies import ALL_FOURS, DOG, film, times
from pages import introduce
from playwright.sync_api import Browser, Page, expect, sync_playwright
from serving import serve

from posecheck.folders import cache_folder
from posecheck.history import History
from posecheck.library import Library
from posecheck.pose import stack
from posecheck.recording import save_recording
from posecheck.uploads import MOST_BYTES

pytestmark = [pytest.mark.browser, pytest.mark.model]

AXE = "axe-core@4.10.3"
AXE_SHA256 = "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292"
PAGES = ("", "practice", "progress", "settings", "replay", "tune")
PATIENCE_MS = 90_000


@pytest.fixture(scope="session")
def axe(lack: Callable[[str, str, str], Any]) -> str:
    """Return axe-core's source, fetched once by npm; skipped offline, required where browsers are."""
    folder = cache_folder() / "axe"
    packed = folder / "axe-core-4.10.3.tgz"
    if not packed.is_file() and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", AXE], cwd=folder, capture_output=True, check=False, timeout=120)
    if not packed.is_file():
        lack("POSECHECK_REQUIRE_BROWSER", "axe-core", "It is fetched by npm; go online once.")
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == AXE_SHA256, f"{packed} is not {AXE}"
    with tarfile.open(packed) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield opened
        opened.close()


Open = Callable[[str], Page]


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide-light", "narrow-dark"])
def open_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Open]:
    """Open addresses in one window, wide and light or narrow and dark."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)

    def go(address: str) -> Page:
        page.goto(address)
        return page

    yield go
    context.close()


def serious_faults(page: Page, axe: str) -> list[tuple[str, str, list[str]]]:
    """Return what axe-core finds on the page as it stands."""
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=PATIENCE_MS)
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((result) => result.violations)")
    return [
        (fault["id"], fault["help"], [node["html"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "today")
def test_no_serious_fault(open_page: Open, address: str, axe: str, name: str) -> None:
    page = open_page(f"{address}/{name}")
    page.wait_for_selector("h1")
    assert serious_faults(page, axe) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_control_for_a_file_speaks_her_language(
    browser: Browser, address: str, library: Library, language: str
) -> None:
    with browser.new_context(locale=language) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/replay")
        page.get_by_text(library.phrase("replay_from_file", language), exact=True).click()
        control = page.get_by_test_id("stFileUploaderDropzone")
        button = control.get_by_role("button", name=library.phrase("replay_choose", language), exact=True)
        expect(button).to_be_visible()
        expect(control.get_by_role("button")).to_have_count(1)
        expect(control.get_by_text("Upload", exact=True)).to_be_hidden()
        expect(control.get_by_text("per file")).to_be_hidden()
        with page.expect_file_chooser():
            button.click()
        # What Streamlit turns away by itself is said in her words as well.
        page.locator("input[type=file]").set_input_files(
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"milk"}
        )
        refused = library.phrase("replay_refused", language, most=MOST_BYTES)
        uploader = page.get_by_test_id("stFileUploader")
        alert = uploader.locator("[role=alert]")
        expect(alert).to_be_attached()
        for place in (uploader, alert):
            assert place.evaluate("e => JSON.parse(getComputedStyle(e, '::after').content)") == refused
        expect(page.get_by_text("not allowed")).to_be_hidden()


def test_no_serious_fault_from_the_first_run_to_a_day_of_rest(
    open_page: Open, axe: str, model: Path, tmp_path: Path, library: Library
) -> None:
    def say(name: str) -> str:
        return library.phrase(name, "en")

    place = str(tmp_path / "history.sqlite")
    with serve(tmp_path / "log.txt", POSECHECK_MODEL=str(model), POSECHECK_DATABASE=place) as address:
        page = open_page(address)
        expect(page.get_by_text(say("welcome_title"))).to_be_visible()
        assert serious_faults(page, axe) == []
        page.get_by_role("button", name=say("welcome_tour")).click()
        expect(page.get_by_text(say("tour_title"))).to_be_visible()
        assert serious_faults(page, axe) == []
        page.get_by_role("button", name=say("welcome_begin")).click()
        expect(page.get_by_text(say("know_title"))).to_be_visible()
        assert serious_faults(page, axe) == []
        history = History(place)
        ana = introduce(history, pain_now=None, today=None)
        page = open_page(address)
        expect(page.get_by_text(say("ask_pain_now"))).to_be_visible()
        assert serious_faults(page, axe) == []
        history.save_answers(ana.id, {"pain_now": 2, "today": ["calf"]}, date.today())
        history.close()
        page = open_page(f"{address}/today")
        expect(page.get_by_text(say("rest_title"))).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert serious_faults(page, axe) == []


def test_no_serious_fault_while_practising(open_page: Open, axe: str, model: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "history.sqlite")
    introduce(History(place))
    app = Path(__file__).with_name("states_app.py")
    found = {}
    with serve(tmp_path / "log.txt", app, POSECHECK_MODEL=str(model), POSECHECK_DATABASE=place) as address:
        for state in ("setup", "cue", "rest", "paused", "over"):
            page = open_page(f"{address}/practice?state={state}")
            page.locator("[data-test=title], .pc-closing").first.wait_for(state="attached")
            found[state] = serious_faults(page, axe)
    assert not any(found.values()), found


def test_no_serious_fault_in_what_was_found(
    open_page: Open, address: str, axe: str, tmp_path: Path, library: Library
) -> None:
    """Replay and Tune with a result, of a recording that needs no model."""

    def say(name: str) -> str:
        return library.phrase(name, "en")

    recording = tmp_path / "downward_dog" / "our_dog_of_the_twenty_third_of_november.npz"
    recording.parent.mkdir()
    save_recording(recording, stack(film(lambda t: ALL_FOURS if t < 1 else DOG, times(6.0, 10.0))))
    page = open_page(f"{address}/replay")
    page.get_by_text(say("replay_from_file"), exact=True).click()
    go = page.get_by_role("button", name=say("replay_go"), exact=True)
    expect(go).to_be_disabled()  # until then it is the one that looks at a sample
    page.locator("input[type=file]").set_input_files(recording)
    expect(go).to_be_enabled()
    go.click()
    expect(page.locator("[data-test=ruler]")).to_be_visible()
    assert page.locator(".stMain").evaluate("m => m.scrollWidth - m.clientWidth") <= 0
    assert serious_faults(page, axe) == []

    page = open_page(f"{address}/tune")
    page.get_by_label(say("tune_exercise")).first.click()
    page.get_by_role("option", name=library.exercises["downward_dog"].name["en"]).click()
    page.get_by_text(say("tune_from_folder"), exact=True).click()
    box = page.get_by_label(say("tune_folder"))
    box.fill(str(tmp_path))
    box.press("Enter")
    page.get_by_role("button", name=say("tune_go"), exact=True).click()
    expect(page.get_by_text(say("tune_values"))).to_be_visible()
    assert serious_faults(page, axe) == []
