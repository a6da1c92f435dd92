"""The settings page: who, voice, answers, a professional's word, and her data."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from pages import closed, introduce, open_page, prose
from streamlit.util import calc_hash

from posecheck import models
from posecheck.diary import Profile
from posecheck.history import History
from posecheck.library import Library
from posecheck.recent import Corrections
from posecheck.routine import Item, Plan
from posecheck.session import Snapshot
from posecheck.ui import camera, person, settings
from posecheck.ui.preferences import CHOICES, Preferences
from posecheck.ui.view import Words


@pytest.fixture(autouse=True)
def _no_camera(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(camera, "live_camera", lambda key, **_: camera.Camera("idle"))
    monkeypatch.setattr(models, "find_model", lambda: tmp_path / "pose.task")


@pytest.fixture
def ana(place: str) -> Profile:
    return introduce(History(place))


def test_every_choice_has_its_word(words: Words) -> None:
    for name, choices in CHOICES.items():
        assert words(name)
        for choice in choices:
            assert words(settings._label(name, choice))
    for name, choices in CHOICES.items():
        assert getattr(Preferences(), name) in choices


@pytest.mark.parametrize(
    ("name", "value"), [("voice", "quiet"), ("rate", 0.8), ("talk", "little"), ("strictness", "standard")]
)
def test_what_she_prefers_is_remembered(ana: Profile, name: str, value: object) -> None:
    page = open_page("settings")
    page.button_group(key=f"choose-{name}").set_value(value).run()
    assert not page.exception
    again = open_page("settings")
    assert again.button_group(key=f"choose-{name}").value == value
    assert again.session_state[f"pref_{name}"] == value
    again.button_group(key=f"choose-{name}").set_value(None).run()  # tapped once more
    assert not again.exception
    assert again.session_state[f"pref_{name}"] == value


def test_each_person_has_her_own(place: str, ana: Profile) -> None:
    page = open_page("settings")
    page.button_group(key="choose-voice").set_value("mute").run()
    page.button(key="add").click().run()
    page.text_input(key="new-name").set_value("Bea").run()
    page.button(key="add-now").click().run()
    assert not page.exception
    assert [profile.name for profile in History(place).profiles()] == ["Ana", "Bea"]
    assert page.session_state["pref_voice"] == "on"


def test_what_one_person_chose_to_do_is_not_the_next_ones(place: str, ana: Profile, library: Library) -> None:
    bea = introduce(History(place), "Bea")
    page = closed("settings")
    hers = {"plan": Plan((Item(library.exercises["cat"]),)), "proposal": "fitball", "checked": 0, "later": "some"}
    page.session_state["profile"] = ana.id
    for name, value in hers.items():
        page.session_state[name] = value
    page.run()
    assert all(name in page.session_state for name in hers)
    page.button_group(key="choose-person").set_value(bea.id).run()
    assert page.session_state["profile"] == bea.id
    assert not [name for name in hers if name in page.session_state]


@pytest.mark.parametrize("leaves", [True, False])
def test_what_one_person_broke_off_is_not_gone_on_with_by_the_next(
    place: str, ana: Profile, library: Library, words: Words, leaves: bool
) -> None:
    bea = introduce(History(place), "Bea")
    page = closed("settings")
    plan = Plan((Item(library.exercises["cat"]), Item(library.exercises["twist"])), "five_minutes")
    broken_off = {"plan": plan, "position": 1, "closing": Snapshot(frames=3), "corrections": Corrections()}
    for name, value in {"profile": ana.id, **broken_off}.items():
        page.session_state[name] = value
    page.run()
    if leaves:
        page.button(key="delete-person").click().run()
    else:
        page.button_group(key="choose-person").set_value(bea.id).run()
    page._page_hash = calc_hash("practice")
    page.run()
    assert not page.exception
    assert words("closing_stopped") not in prose(page)
    assert words("page_title") in prose(page)
    assert "corrections" not in page.session_state


def test_a_name_can_be_changed(place: str, ana: Profile) -> None:
    page = open_page("settings")
    page.text_input(key=f"name-{ana.id}").set_value("Anja").run()
    assert [profile.name for profile in History(place).profiles()] == ["Anja"]


def test_answers_can_be_changed(place: str, ana: Profile) -> None:
    page = open_page("settings")
    page.radio(key="about-birth").set_value("caesarean").run()
    assert History(place).answers(ana.id, date.today(), ())["birth"] == "caesarean"


def test_todays_questions_can_be_answered_again_after_a_slip(place: str, words: Words) -> None:
    introduce(History(place), today=["fever"])
    assert words("rest_title") in prose(open_page())
    page = open_page("settings")
    page.button(key="answer-again").click().run()
    assert not page.exception
    page.button_group(key="now-0-pain_now").set_value(3)
    page.checkbox(key="now-0-today-none").check()
    page.button(key="save").click().run()
    assert words("rest_title") not in prose(page)
    assert words("begin") in {button.label for button in page.button}


def test_a_professionals_word_opens_what_waited(place: str, words: Words) -> None:
    ana = introduce(History(place), conditions=["wrists"])
    page = open_page("settings")
    page.text_input(key="word-by").set_value("my physiotherapist").run()
    page.button_group(key="word-allows").set_value(True).run()
    page.button(key="word-keep").click().run()
    (word,) = History(place).clearances(ana.id)
    assert (word.allows, word.by, word.exercises) == (True, "my physiotherapist", None)
    assert "my physiotherapist" in prose(page)
    practice = open_page("practice")
    practice.button(key="choose-cat").click().run()
    assert words("start") in {button.label for button in practice.button}


# --- her data --------------------------------------------------------------------------------------------------


def test_it_says_where_everything_is(place: str, ana: Profile) -> None:
    assert place in prose(open_page("settings"))


def test_export_is_one_click_each(place: str, ana: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page("settings")
    assert {button.proto.id.rsplit("-", 2)[-2:][0] for button in page.get("download_button")} == {"export"}
    monkeypatch.setattr(person, "history", lambda: History(place))
    with zipfile.ZipFile(io.BytesIO(settings._tables())) as archive:
        assert "answers.csv" in archive.namelist()
        assert b"birth" in archive.read("answers.csv")
    assert json.loads(History(place).export_json())["profiles"][0]["name"] == "Ana"


def test_delete_everything_asks_once_and_leaves_nothing(place: str, ana: Profile, words: Words) -> None:
    page = open_page("settings")
    assert words("delete_all_sure") in prose(page)
    page.button(key="delete-all").click().run()
    assert not page.exception
    assert words("welcome_title") in prose(page)
    assert History(place).profiles() == ()
    assert b"birth_date" not in Path(place).read_bytes()


def test_what_cannot_be_deleted_yet_is_said_and_is_still_there(place: str, ana: Profile, words: Words) -> None:
    page = open_page("settings")
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page.button(key="delete-all").click().run()
    assert not page.exception
    assert words("history_locked") in prose(page)
    assert words("delete_later") in prose(page)
    assert History(place).profiles() == (ana,)


def test_after_deleting_everything_she_is_greeted_like_anybody(place: str, ana: Profile, words: Words) -> None:
    page = closed("settings")
    page.session_state["greeted"] = True
    page.run()
    page._page_hash = ""
    page.button(key="delete-all").click().run()
    assert words("welcome_title") in prose(page)


def test_deleting_one_person_leaves_the_other(place: str, ana: Profile) -> None:
    introduce(History(place), "Bea")
    page = open_page("settings")
    page.button(key="delete-person").click().run()
    assert not page.exception
    assert len(History(place).profiles()) == 1
