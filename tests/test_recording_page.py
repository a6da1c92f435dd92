"""Recording as she sees it, without a browser: the choice, the light, what was kept, and how it goes again."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from bodies import DOG, FRAME, film, times
from pages import closed, introduce, labels, open_page, practise, prose, shown
from seam import FakeCamera, FakeProcessor
from streamlit.testing.v1 import AppTest

from posecheck import folders, recorded
from posecheck.history import History
from posecheck.library import Library
from posecheck.recorder import Recorder, Recording
from posecheck.session import Snapshot
from posecheck.ui import person, recording, settings
from posecheck.ui.view import Words

NOW = datetime(2026, 11, 22, 20, 15, 3)


pytestmark = pytest.mark.usefixtures("ready")


@pytest.fixture(autouse=True)
def playing(seen: FakeCamera) -> FakeProcessor:
    """Somebody practises as soon as she has pressed Start."""
    seen.processor = FakeProcessor(Snapshot(stage="exercise", frames=3, t=1.0))
    return seen.processor


def kept(folder: Path, *, video: bool = False, now: datetime = NOW) -> Recorder:
    """Record four seconds of a downward dog."""
    made = Recorder(folder, now, video=video)
    for pose in film(lambda t: DOG, times(4.0, 10.0)):
        made.push(pose, np.full((int(FRAME[1]), int(FRAME[0]), 3), 90, np.uint8), 0, "downward_dog")
    made.finish()
    return made


def recorder_of(seen: FakeCamera) -> Recorder | None:
    """The recorder a connection gets that is made now."""
    made: Recorder | None = seen.calls[-1]["make_processor"]().recorder
    return made


def mine(place: str) -> Path:
    return folders.practices_folder() / History(place).profiles()[0].id


# --- the choice -----------------------------------------------------------------------------------------------


def test_off_unless_she_says_so(seen: FakeCamera, words: Words) -> None:
    page = open_page("practice")
    assert page.checkbox(key="record-on").value is False
    assert str(folders.practices_folder()) in prose(page)  # where it would be kept is said beforehand
    page.button(key="start").click().run()
    assert recorder_of(seen) is None
    assert not [word for word in map(words, ("light_on", "light_video")) if word in prose(page)]
    assert not folders.data_folder().exists()


def test_movements_alone_or_with_the_picture_as_she_says(seen: FakeCamera, words: Words, place: str) -> None:
    page = open_page("practice")
    page.checkbox(key="record-on").check().run()
    assert words("record_will") in prose(page)
    page.button(key="start").click().run()
    made = recorder_of(seen)
    assert made is not None
    assert not made.state.video
    assert made._parent == mine(place)
    # The next practice is asked about anew.
    page.button(key="stop").click().run()
    page.button(key="start").click().run()
    assert recorder_of(seen) is None

    page = open_page("practice")
    page.checkbox(key="record-on").check().run()
    page.checkbox(key="record-video").check().run()
    assert words("record_will_video") in prose(page)
    page.button(key="start").click().run()
    made = recorder_of(seen)
    assert made is not None
    assert made.state.video


def test_a_choice_on_one_page_is_none_on_another(seen: FakeCamera) -> None:
    page = open_page("practice")
    page.session_state["record"] = ("today", "video")  # chosen there, and not begun
    page.button(key="start").click().run()
    assert recorder_of(seen) is None


def test_it_can_be_chosen_where_the_practice_is_proposed(seen: FakeCamera) -> None:
    page = open_page()
    page.checkbox(key="record-on").check().run()
    page.button(key="start").click().run()
    assert not page.exception
    assert recorder_of(seen) is not None


def test_it_can_be_chosen_where_the_rest_of_a_practice_is_offered(seen: FakeCamera, place: str) -> None:
    practise(place, History(place).profiles()[0], 0, exercises=("cat",), outcome="stopped")
    page = open_page("practice")
    page.checkbox(key="record-on").check().run()
    page.button(key="go-on").click().run()
    assert not page.exception
    assert recorder_of(seen) is not None


def test_a_sample_is_never_recorded(seen: FakeCamera) -> None:
    page = open_page("practice")
    page.button(key="choose-downward_dog").click().run()
    page.checkbox(key="record-on").check().run()
    page.button(key="sample").click().run()
    assert recorder_of(seen) is None


# --- the light ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "phrase"),
    [
        (Recording(), "light_on"),
        (Recording(video=True), "light_video"),
        (Recording(video=True, waits=True), "light_waits"),
        (Recording(trouble="full", ended=True), "light_full"),
        (Recording(trouble="failed", ended=True), "light_failed"),
        (Recording(trouble="long", ended=True), "light_long"),
    ],
)
def test_the_light_says_in_words_how_it_stands(
    playing: FakeProcessor, words: Words, tmp_path: Path, state: Recording, phrase: str
) -> None:
    playing.recorder = Recorder(tmp_path, NOW)
    playing.recorder._state = state
    page = open_page("practice")
    page.button(key="start").click().run()
    assert not page.exception
    assert words(phrase) in prose(page)
    heard = [saying["text"] for saying in shown(page, "speaker")["sayings"]]
    assert heard == [words("record_said_off" if state.trouble else "record_said")]


def test_what_was_kept_is_said_and_can_be_deleted_at_once(
    playing: FakeProcessor, words: Words, place: str
) -> None:
    made = playing.recorder = kept(mine(place))
    page = open_page("practice")
    page.button(key="start").click().run()
    page.button(key="stop").click().run()
    assert words("record_kept", length="0:04 min") in prose(page)
    page.button(key="record-delete").click().run()
    assert made.folder is not None
    assert not made.folder.exists()
    assert words("record_deleted") in prose(page)


def test_what_is_still_being_written_is_deleted_whole(playing: FakeProcessor, place: str) -> None:
    made = playing.recorder = Recorder(mine(place), NOW)
    for pose in film(lambda t: DOG, times(1.0, 10.0)):
        made.push(pose, np.zeros((480, 640, 3), np.uint8), 0, "downward_dog")
    page = open_page("practice")
    page.button(key="start").click().run()
    page.button(key="stop").click().run()
    page.button(key="record-delete").click().run()
    made.finish()
    assert not list(mine(place).rglob("*"))
    assert made.state == Recording(seconds=made.state.seconds, ended=True), "and nothing is said to have failed"


# --- the list -------------------------------------------------------------------------------------------------


def settings_page() -> AppTest:
    return open_page("settings")


def test_nothing_recorded_is_said(seen: FakeCamera, words: Words) -> None:
    assert words("recordings_none") in prose(settings_page())


def test_recordings_are_listed_and_deleted_one_by_one(
    seen: FakeCamera, words: Words, place: str, library: Library
) -> None:
    kept(mine(place))
    kept(mine(place), video=True, now=datetime(2026, 11, 23, 7, 0, 0))
    page = settings_page()
    text = prose(page)
    name = words.of(library.exercises["downward_dog"].name)
    assert re.search(rf"22 November, 20:15 · {name} · 0:04 min · [1-9][0-9.]* kB", text)
    assert words("recordings_points") in text
    assert words("recordings_video") in text
    page.button(key="delete-2026-11-23_07-00-00").click().run()
    assert not page.exception
    assert [p.when for p in recorded.practices(mine(place))] == [NOW]


def test_recordings_go_with_everything_else(seen: FakeCamera, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(mine(place))
    marked = folders.recordings_folder() / "cat"
    marked.mkdir(parents=True)
    (marked / "2026-11-22_20-15-03_not_rocking.npz").write_bytes(b"landmarks")
    with monkeypatch.context() as m:
        m.setattr(person, "history", lambda: History(place))
        with zipfile.ZipFile(io.BytesIO(settings._tables())) as archive:
            assert [name for name in archive.namelist() if name.endswith(".npz")] == [
                f"practices/{mine(place).name}/2026-11-22_20-15-03/1_downward_dog.npz",
                "marked/cat/2026-11-22_20-15-03_not_rocking.npz",
            ]
            assert "sessions.csv" in archive.namelist()
        m.setattr(recording, "_MOST_PACKED", 10.0)
        with zipfile.ZipFile(io.BytesIO(settings._tables())) as archive:
            assert not [name for name in archive.namelist() if name.endswith(".npz")]
        assert str(folders.practices_folder()) in prose(settings_page())
    page = settings_page()
    page.button(key="delete-all").click().run()
    assert not page.exception
    assert not [path for path in folders.data_folder().rglob("*") if path.is_file()]


def test_deleting_one_person_leaves_the_others_recordings(seen: FakeCamera, place: str) -> None:
    bea = introduce(History(place), "Bea")
    for profile in History(place).profiles():
        kept(folders.practices_folder() / profile.id)
    page = closed("settings")
    page.session_state["profile"] = bea.id
    page.run()
    page.button(key="delete-person").click().run()
    assert not page.exception
    (left,) = History(place).profiles()
    assert [path.name for path in folders.practices_folder().iterdir()] == [left.id]


def test_the_replay_page_offers_what_she_recorded(seen: FakeCamera, words: Words, place: str) -> None:
    made = kept(mine(place))
    assert made.folder is not None
    page = settings_page()
    page.button(key="look-2026-11-22_20-15-03").click().run()
    assert not page.exception
    assert page.selectbox(key="replay-own").value == made.folder / "1_downward_dog.npz"
    assert words("recordings_points") in page.selectbox(key="replay-own").options[0]
    assert words("replay_go") in labels(page)
    assert not page.button(key="replay-go").disabled


# --- her own bands --------------------------------------------------------------------------------------------


def test_own_bands_in_use_are_said_quietly(
    seen: FakeCamera, words: Words, library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bands = tmp_path / "bands"
    bands.mkdir()
    monkeypatch.setenv("POSECHECK_BANDS", str(bands))
    name = words.of(library.exercises["downward_dog"].name)
    page = open_page("practice")
    page.button(key="choose-downward_dog").click().run()
    assert words("own_bands", names=name) not in prose(page)
    (bands / "downward_dog.yaml").write_text(
        "schema: posecheck/override@1\nexercise: downward_dog\nsource: test\nchecks:\n"
        "  elbows_bent: [{measure: elbow_angle, min: {good: 150, ok: 145, cue: 140}}]\n",
        encoding="utf-8",
    )
    page.run()
    assert words("own_bands", names=name) in prose(page)
