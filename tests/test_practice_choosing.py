"""The practice page before it starts: choosing, what is shown of an exercise, settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pages
import pytest
from pages import labels, prose, shown
from seam import FakeCamera, FakeProcessor, open_practice

from posecheck import folders
from posecheck.history import History
from posecheck.library import Library
from posecheck.session import Wishes
from posecheck.ui import figures
from posecheck.ui.view import Words, dose, hold_dose

pytestmark = pytest.mark.usefixtures("ready")


@pytest.mark.usefixtures("seen")
def test_a_definition_changed_meanwhile_is_read_at_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = shutil.copytree(folders.routines_folder(), tmp_path / "routines")
    monkeypatch.setenv("POSECHECK_ROUTINES", str(mine))
    page = open_practice()
    file = mine / "exercises" / "downward_dog.yaml"
    shipped = file.read_text(encoding="utf-8")
    file.write_text(shipped.replace('name: {en: "Downward dog"', 'name: {en: "Upside-down V"'), encoding="utf-8")
    page.run()
    assert page.button(key="choose-downward_dog").label == "Upside-down V"
    file.write_text(shipped.replace("priority: 4", "priority: soon"), encoding="utf-8")
    page.run()
    assert "downward_dog.yaml:" in prose(page)
    file.write_text(shipped, encoding="utf-8")
    page.run()
    assert page.button(key="choose-downward_dog").label == "Downward dog"


def test_first_run_offers_the_exercises_and_one_button(library: Library, seen: FakeCamera) -> None:
    page = open_practice()
    words = Words(library, "en")
    text = prose(page)
    for exercise in library.exercises.values():
        assert words.of(exercise.name) in text
        assert words.of(exercise.summary) in text
        assert dose(exercise, words) in text
    assert words("page_private") in text
    assert words("start") in labels(page)
    assert seen.calls[0]["wanted"] is False  # a stream wanted at its first mount opens connections that race


@pytest.mark.parametrize(
    ("name", "times", "said"),
    [
        ("downward_dog", 1, "15 seconds, 1 time"),
        ("downward_dog", 2, "15 seconds, 2 times"),
        ("twist", 2, "15 seconds on each side"),
        ("twist", 4, "15 seconds, 2 times on each side"),
    ],
)
def test_how_often_is_said_for_each_side_where_there_are_two(
    library: Library, words: Words, name: str, times: int, said: str
) -> None:
    assert hold_dose(library.exercises[name], 15.4, times, words) == said


def test_choosing_shows_where_the_laptop_goes(library: Library, seen: FakeCamera) -> None:
    page = open_practice()
    words = Words(library, "en")
    page.button(key="choose-twist").click().run()
    assert words.of(library.exercises["twist"].framing.camera) in prose(page)
    assert words("placement_front") in prose(page)
    for line in library.exercises["twist"].safety:
        assert words.of(line) in prose(page)
    page.button(key="choose-cat").click().run()
    assert words("placement_side") in prose(page)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_laptop_is_drawn_where_it_stands(library: Library, seen: FakeCamera, place: str, side: str) -> None:
    words, history = Words(library, "en"), History(place)
    history.save_preferences(history.profiles()[0].id, {"laptop": side})
    page = open_practice()
    drawn = (
        figures.draw_from_above("side", words("placement_distance")),
        figures.draw_from_beside("downward_dog", words("placement_height_side")),
    )
    page.button(key="choose-downward_dog").click().run()
    shown_now = " ".join(str(element.proto.body) for element in page.get("html"))
    assert words(f"placement_side_{side}") in prose(page)
    # As drawn by default she has the laptop on her left.
    assert all((drawing in shown_now) is (side == "left") for drawing in drawn)
    page.button(key="choose-lotus").click().run()
    assert words("placement_front") in prose(page)


def test_settings_reach_the_trainer_and_survive_the_change_of_pages(place: str, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor()
    (known,) = History(place).profiles()
    History(place).save_preferences(known.id, {"strictness": "standard"})
    page = open_practice()
    page.button(key="start").click().run()
    page.button_group(key="voice-choice").set_value("quiet").run()
    assert seen.processor.wishes == Wishes("standard")
    assert shown(page, "speaker")["voice"] == "quiet"
    page.button(key="stop").click().run()
    page.button(key="start").click().run()
    assert seen.processor.wishes == Wishes("standard")
    assert shown(page, "speaker")["voice"] == "quiet"


@pytest.mark.parametrize("exercise", ["downward_dog", "cat"])
def test_a_sample_plays_in_the_place_of_the_camera(seen: FakeCamera, exercise: str) -> None:
    page = open_practice()
    page.button(key=f"choose-{exercise}").click().run()
    page.button(key="sample").click().run()
    assert seen.calls[-1]["wanted"]
    assert seen.calls[-1]["clip"].is_file()


def test_an_exercise_without_a_sample_offers_none(
    library: Library, seen: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posecheck.folders.samples_folder", lambda: None)
    page = open_practice()
    page.button(key="choose-twist").click().run()
    assert Words(library, "en")("sample") not in labels(page)


def test_a_programme_can_be_named_in_the_address(library: Library, seen: FakeCamera) -> None:
    page = pages.open_page("practice", programme="five_minutes")
    assert library.programmes["five_minutes"].name["en"] in prose(page)
    assert library.phrase("start", "en") in labels(page)
    assert True not in [call["wanted"] for call in seen.calls]
    assert library.phrase("page_title", "en") in prose(pages.open_page("practice", programme="nonsense"))


def test_every_exercise_has_a_drawing_of_its_own(library: Library) -> None:
    assert set(library.exercises) <= set(figures.FIGURES)
