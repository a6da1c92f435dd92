"""What may stand in the way of a practice is said in a sentence, with the next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from bodies import dog, still, times
from pages import labels, open_page, prose, shown
from seam import FakeCamera, FakeProcessor, open_practice, practised, start

from posecheck import folders, models
from posecheck.commands.page import only_page
from posecheck.errors import ModelMissingError
from posecheck.history import History
from posecheck.library import Library
from posecheck.session import Problem, Snapshot
from posecheck.spec import Exercise
from posecheck.ui import camera, practice
from posecheck.ui.view import Words

pytestmark = pytest.mark.usefixtures("ready")


def test_without_a_model_it_is_fetched_once_with_its_progress(
    library: Library, seen: FakeCamera, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[float] = []

    def obtain(progress: Callable[[float, str], None]) -> Path:
        for share in (0.0, 0.5, 1.0):
            told.append(share)
            progress(share, "Fetching")
        return tmp_path / "pose.task"

    monkeypatch.setattr(models, "find_model", lambda: None)
    monkeypatch.setattr(models, "obtain_model", obtain)
    words = Words(library, "en")
    page = open_practice()
    assert words("model_missing") in prose(page)
    assert words("model_missing_next") in prose(page)
    assert words("start") not in labels(page)
    page.button(key="fetch-model").click().run()
    assert told == [0.0, 0.5, 1.0]
    assert words("start") in labels(page)


def test_a_model_that_cannot_be_fetched_says_what_to_do(seen: FakeCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(_: object) -> Path:
        raise ModelMissingError("The model could not be fetched.", "Go online once, then try again.")

    monkeypatch.setattr(models, "find_model", lambda: None)
    monkeypatch.setattr(models, "obtain_model", offline)
    page = open_practice()
    page.button(key="fetch-model").click().run()
    assert not page.exception
    assert "The model could not be fetched." in prose(page)
    assert "Go online once, then try again." in prose(page)


def test_a_wrong_model_setting_says_what_to_do(seen: FakeCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> Path:
        raise ModelMissingError("POSECHECK_MODEL points to nothing.", "Correct it.")

    monkeypatch.setattr(models, "find_model", wrong)
    page = open_practice()
    assert "POSECHECK_MODEL points to nothing. Correct it." in " ".join(prose(page).split())


@pytest.fixture
def tab_titles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the tab was called, one after the other."""
    titles: list[str] = []
    configure = st.set_page_config

    def note(**settings: Any) -> None:
        titles.extend([settings["page_title"]] if "page_title" in settings else [])
        configure(**settings)

    monkeypatch.setattr(st, "set_page_config", note)
    return titles


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_second_server_of_her_history_leads_to_the_first(
    library: Library, place: str, tab_titles: list[str], language: str
) -> None:
    (known,) = History(place).profiles()
    History(place).change_profile(replace(known, language=language))
    says = Words(library, language)
    with only_page("http://localhost:8765"):
        page = open_page("practice")
        assert f"{says('open_already')} {says('open_already_next')} http://localhost:8765" in prose(page)
        assert says("page_title") not in prose(page)
    assert tab_titles == ["posecheck"]
    page.run()
    assert says("page_title") in prose(page), "the first has ended"
    assert tab_titles == ["posecheck", f"{says('nav_practice')} · posecheck"]
    with only_page("http://localhost:8766") as other:
        assert other == "http://localhost:8501", "which is this one"
        page.run()
        assert says("page_title") in prose(page), "it stays the only one"


@pytest.mark.usefixtures("seen")
def test_the_server_that_the_command_started_shows_its_page(library: Library) -> None:
    with only_page("http://localhost:8501"):
        assert Words(library, "en")("page_title") in prose(open_page("practice"))


def test_broken_definitions_are_listed_with_the_next_step(
    seen: FakeCamera, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tab_titles: list[str]
) -> None:
    monkeypatch.setattr(folders, "routines_folder", lambda: tmp_path)
    (tmp_path / "coaching.yaml").write_text("schema: posecheck/coaching@1\nsight: <b>no</b>\n")
    page = open_practice()
    text = prose(page)
    assert "The exercise files need a look before we can start." in text
    assert "posecheck check" in text
    assert "coaching.yaml:2" in text
    assert "no phrases (*.yaml) here" in text
    assert not page.button
    assert tab_titles == ["posecheck"]


@pytest.fixture
def bands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of her own bands, with one file that is right and one that is not."""
    folder = tmp_path / "bands"
    folder.mkdir()
    monkeypatch.setenv("POSECHECK_BANDS", str(folder))
    head = "schema: posecheck/override@1\nexercise: downward_dog\nsource: mine\nchecks:\n"
    right = "  elbows_bent: [{measure: elbow_angle, min: {good: 170, ok: 160, cue: 155}}]\n"
    (folder / "dog.yaml").write_text(head + right)
    (folder / "mine.yaml").write_text(head + right.replace("elbows_bent", "elbow_bent"))
    return folder


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_faulty_own_bands_can_be_put_aside(
    library: Library, place: str, bands: Path, tab_titles: list[str], language: str
) -> None:
    (known,) = History(place).profiles()
    History(place).change_profile(replace(known, language=language))
    page, says = open_practice(), Words(library, language)
    assert says("bands_faulty") in prose(page)
    assert says("bands_faults") in prose(page)
    assert f"{bands / 'mine.yaml'}:5: checks.elbow_bent: downward_dog has no check 'elbow_bent'." in prose(page)
    assert tab_titles == ["posecheck"]
    written = (bands / "mine.yaml").read_text()
    page.button(key="put-aside").click().run()
    assert not page.exception
    (aside,) = bands.glob("mine.yaml.*")
    assert aside.read_text() == written
    assert sorted(path.name for path in bands.glob("*.yaml")) == ["dog.yaml"], "what is right stays in use"
    assert says("bands_aside_next", where=aside) in prose(page)
    assert says("page_title") in prose(page)
    assert tab_titles[-1] == f"{says('nav_practice')} · posecheck"
    page.button(key="aside-understood").click().run()
    assert says("bands_aside_next", where=aside) not in prose(page)


@pytest.mark.usefixtures("seen")
def test_own_bands_that_cannot_be_put_aside_say_so(
    library: Library, bands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    page = open_practice()
    monkeypatch.setattr(Path, "rename", refuse)
    page.button(key="put-aside").click().run()
    assert not page.exception
    said = f"{bands / 'mine.yaml'} could not be put aside: Permission denied. Move it away by hand"
    assert said in prose(page)
    assert library.phrase("bands_faulty", "en") in prose(page)


@pytest.mark.parametrize("status", ["refused", "missing", "busy", "unsafe", "ended"])
def test_a_camera_that_gives_no_picture_says_why_and_what_next(
    library: Library, seen: FakeCamera, status: camera.Status
) -> None:
    words = Words(library, "en")
    seen.status = status
    page = start()
    assert words(f"camera_{status}") in prose(page).replace("&#x27;", "'")
    assert words(f"camera_{status}_next") in prose(page).replace("&#x27;", "'")
    assert words("start") in labels(page)
    spoken = [s["text"] for s in shown(page, "speaker")["sayings"]]
    # She may be lying on her mat when the camera stops; the others come while she is at the keyboard.
    assert spoken == ([words("camera_ended")] if status == "ended" else [])
    seen.status, seen.processor = "playing", FakeProcessor()
    page.button(key="start").click().run()
    assert seen.calls[-1]["attempt"] == 2
    assert words("stop") in labels(page)


@pytest.mark.parametrize(("status", "phrase"), [("asking", "camera_asking"), ("connecting", "camera_connecting")])
def test_while_the_camera_opens(library: Library, seen: FakeCamera, status: camera.Status, phrase: str) -> None:
    seen.status = status
    page = start()
    assert shown(page, "surface-cue")["text"] == library.phrase(phrase, "en")


def test_a_camera_that_takes_long_says_what_to_do(
    library: Library, seen: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen.status = "connecting"
    monkeypatch.setattr(practice, "SLOW_TO_CONNECT_S", -1.0)
    page = start()
    assert library.phrase("camera_slow_next", "en") in shown(page, "surface-cue")["text"]


def test_a_camera_that_stands_still_is_told_and_ends_it_by_itself(
    library: Library, seen: FakeCamera, downward_dog: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("posecheck.ui.practice.time.monotonic", lambda: now[0])
    words, presence = Words(library, "en"), library.coaching.presence
    seen.processor = FakeProcessor(practised(library, downward_dog, still(dog, times(3.0, 10))), arrived=30)
    page = start()

    def look_on(seconds: float) -> None:
        for _ in range(round(seconds)):
            now[0] += 1.0
            page.run()

    look_on(presence.still_after - 1)
    assert words("camera_still") not in shown(page, "surface-side")["note"]
    look_on(1)
    assert words("camera_still") in shown(page, "surface-side")["note"]
    assert words("camera_still") in [s["text"] for s in shown(page, "speaker")["sayings"]]
    seen.processor.arrived += 1
    look_on(1)
    assert words("camera_still") not in shown(page, "surface-side")["note"]
    now[0] += 3600.0  # asleep: nobody looked on, so nothing is known
    page.run()
    assert seen.processor.asked == []
    look_on(presence.still_ends)
    assert seen.processor.asked == [("stop",)]
    assert not seen.calls[-1]["wanted"]
    assert words("camera_ended") in prose(page)


def test_a_problem_with_the_picture_is_told_in_a_sentence(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3, problem=Problem("No pose model here.", "Fetch it.")))
    assert shown(start(), "surface-side")["note"] == "No pose model here. Fetch it."


def test_a_slow_computer_is_told(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3, slow=True))
    assert shown(start(), "surface-side")["note"] == library.phrase("slow_computer", "en")
