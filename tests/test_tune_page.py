"""The tuning page without a browser: recordings in, a band moved, the counts that follow, and what is kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from threading import Event

import pytest
import streamlit as st
from bodies import ALL_FOURS, DOG, Shape, film, times
from streamlit.testing.v1 import AppTest

from posecheck import folders, models, workbench
from posecheck.errors import SourceError
from posecheck.library import Library, with_own_bands
from posecheck.pose import stack
from posecheck.recording import save_recording
from posecheck.tune import Knob
from posecheck.ui import frame, recording
from posecheck.ui.tune import _step

PATIENCE_S = 60.0
SLIDER = "tune-cue-downward_dog-elbows_bent-0-min"


def run_page() -> None:
    """Run inside Streamlit: the page alone, without the row of pages."""
    from posecheck.ui import tune

    tune.page()


def bending(elbow: float) -> Callable[[float], Shape]:
    """Return a dog whose elbows bend at 4 s."""
    return lambda t: ALL_FOURS if t < 1 else DOG if t < 4 else {**DOG, "elbow": elbow}


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Three dogs, of whom two bend the elbows, one of them slightly."""
    folder = tmp_path / "set" / "downward_dog"
    folder.mkdir(parents=True)
    for elbow in (173, 153, 125):
        save_recording(folder / f"{elbow}.npz", stack(film(bending(elbow), times(8.0, 10.0))))
    rows = [f"downward_dog/{elbow}.npz,4,8,downward_dog,elbows_bent" for elbow in (153, 125)]
    (folder.parent / "labels.csv").write_text(
        "\n".join(["path,start_s,end_s,label,faults", *rows]), encoding="utf-8"
    )
    return folder.parent


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(models, "find_model", lambda: tmp_path / "pose.task")
    monkeypatch.setattr(folders, "samples_folder", lambda: None)
    monkeypatch.setattr(folders, "recordings_folder", lambda: tmp_path / "none")
    monkeypatch.setenv("POSECHECK_BANDS", str(tmp_path / "bands"))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def prose(page: AppTest) -> str:
    body = " ".join(str(e.proto.body) for e in page.get("html")).replace("<wbr>", "")
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def look_at(folder: str) -> AppTest:
    page = AppTest.from_function(run_page, default_timeout=60).run()
    page.selectbox(key="tune-exercise").set_value("downward_dog").run()
    page.text_input(key="tune-folder").set_value(folder).run()
    return looked(page)


def looked(page: AppTest) -> AppTest:
    return waited(page.button(key="tune-go").click().run())


def waited(page: AppTest) -> AppTest:
    until = time.monotonic() + PATIENCE_S
    while page.session_state.tune.job is not None and time.monotonic() < until:
        time.sleep(0.1)
        page.run()
    assert not page.exception
    return page


def choose_elbows(page: AppTest) -> AppTest:
    return page.selectbox(key="tune-check").set_value("elbows_bent").run()


def cue(library: Library, check: str, language: str = "en") -> str:
    checks = library.exercises["downward_dog"].checks
    return next(each.say[language] for each in checks if each.id == check)


def test_without_a_model_it_says_how_to_get_one(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "find_model", lambda: None)
    page = AppTest.from_function(run_page, default_timeout=60).run()
    assert library.phrase("model_missing", "en") in prose(page)


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_a_folder_that_is_none_says_what_to_give(library: Library, folder: str) -> None:
    page = look_at(folder)
    assert library.phrase("tune_folder_next", "en") in prose(page)


def test_a_folder_without_recordings_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = look_at(str(tmp_path / "empty"))
    assert "holds no labelled video, photograph or recording" in prose(page)


def test_what_she_chose_is_there_to_go_on_from_where_it_could_not_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Event()

    def look(*_: object, **__: object) -> None:
        looking.wait(PATIENCE_S)  # the choice is not on the page meanwhile
        raise SourceError("There is nothing here.")

    monkeypatch.setattr(workbench, "load_trials", look)
    page = AppTest.from_function(run_page, default_timeout=60).run()
    page.selectbox(key="tune-exercise").set_value("downward_dog").run()
    page.text_input(key="tune-folder").set_value(str(tmp_path)).run()
    page.button(key="tune-go").click().run()
    page.run()
    looking.set()
    page = waited(page)
    assert "There is nothing here." in prose(page)
    assert page.selectbox(key="tune-exercise").value == "downward_dog"
    assert page.text_input(key="tune-folder").value == str(tmp_path)


def test_a_moved_band_is_felt_at_once_and_its_proposal_can_be_taken(recordings: Path) -> None:
    page = choose_elbows(look_at(str(recordings)))
    assert "2 of 3 Accepted 1 of 2 Mistakes caught 0 of 1 Corrected without reason" in prose(page)
    page.slider(key=SLIDER).set_value(157.0).run()
    assert "1 of 3 Accepted before: 2 2 of 2 Mistakes caught before: 1" in prose(page)
    assert "elbows_bent: elbow_angle min cue 150 -> 157" in prose(page)
    page.button(key="tune-back").click().run()
    assert "2 of 3 Accepted 1 of 2" in prose(page)
    page.button(key="tune-take").click().run()
    assert "1 of 3 Accepted before: 2 2 of 2 Mistakes caught before: 1 0 of 1" in prose(page)
    assert not page.exception


def test_the_band_she_came_for_is_the_one_to_be_moved(recordings: Path) -> None:
    page = look_at(str(recordings))
    assert page.selectbox(key="tune-check").value != "elbows_bent"
    page.session_state.tune.knob = Knob("hips_low", 1, "min")
    page.run()
    assert page.slider(key="tune-cue-downward_dog-hips_low-1-min")
    choose_elbows(page)
    assert page.slider(key=SLIDER), "she is led there once"


def test_what_is_kept_is_used_from_then_on(library: Library, recordings: Path, tmp_path: Path) -> None:
    page = choose_elbows(look_at(str(recordings)))
    assert page.button(key="tune-save").disabled
    page.slider(key=SLIDER).set_value(157.0).run()
    page.button(key="tune-save").click().run()
    assert not page.exception
    assert str(tmp_path / "bands" / "downward_dog.yaml") in prose(page)
    (limit,) = next(
        check.limits
        for check in with_own_bands(library, tmp_path / "bands").exercises["downward_dog"].checks
        if check.id == "elbows_bent"
    )
    assert limit.min is not None
    assert limit.min.cue == 157.0
    page.button(key="tune-ship").click().run()
    assert not (tmp_path / "bands" / "downward_dog.yaml").exists()
    assert library.phrase("tune_shipped", "en") in prose(page)


def test_a_place_that_cannot_be_written_is_said_and_nothing_lost(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "bands").write_text("in the way", encoding="utf-8")
    page = choose_elbows(look_at(str(recordings)))
    page.slider(key=SLIDER).set_value(157.0).run()
    page.button(key="tune-save").click().run()
    assert not page.exception
    assert "was not written" in prose(page)
    assert page.slider(key=SLIDER).value == 157.0


def test_a_file_that_cannot_be_read_is_named(recordings: Path) -> None:
    (recordings / "downward_dog" / "broken.npz").write_bytes(b"nothing")
    assert "1 file could not be read: downward_dog/broken.npz" in prose(look_at(str(recordings)))


def test_her_recorded_practices_are_offered_and_their_mistakes_are_unknown(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recording, "folder", lambda: tmp_path / "practices")
    practice = tmp_path / "practices" / "2026-11-02_09-30-00"
    practice.mkdir(parents=True)
    save_recording(practice / "1_cat.npz", stack(film(lambda t: ALL_FOURS, times(3.0, 10.0))))
    save_recording(practice / "2_downward_dog.npz", stack(film(bending(125), times(8.0, 10.0))))
    page = AppTest.from_function(run_page, default_timeout=60).run()
    page.selectbox(key="tune-exercise").set_value("downward_dog").run()
    assert page.segmented_control(key="tune-kind").options[0] == library.phrase("tune_from_practices", "en")
    page = choose_elbows(looked(page))
    said = prose(page)
    assert "0 of 1 Accepted 0 of 0 Mistakes caught 0 of 0 Corrected without reason" in said
    assert "Of 1 recording nobody has said" in said
    assert f"2026-11-02_09-30-00/2_downward_dog mistakes unknown {cue(library, 'elbows_bent')}" in said
    assert library.phrase("tune_proposal_none", "en") in said


def test_what_she_called_wrong_counts_for_that_correction_alone(library: Library, tmp_path: Path) -> None:
    place = tmp_path / "marked" / "downward_dog"
    place.mkdir(parents=True)
    save_recording(place / "2026-11-02_09-30-00_not_hips_low.npz", stack(film(bending(125), times(8.0, 10.0))))
    page = choose_elbows(look_at(str(place.parent)))
    assert "0 of 0 Mistakes caught 0 of 0 Corrected without reason" in prose(page)
    assert "Of 1 recording nobody has said whether this mistake is made" in prose(page)
    free = f"{library.phrase('tune_free', 'en')} {cue(library, 'hips_low')}"
    assert f"npz {free} {cue(library, 'elbows_bent')}" in prose(page)
    page.selectbox(key="tune-check").set_value("hips_low").run()
    assert "0 of 0 Mistakes caught 0 of 1 Corrected without reason" in prose(page)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_mistake_is_named_as_she_hears_it_and_its_id_can_be_found(
    library: Library, recordings: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(frame, "chosen_language", lambda known: language)
    page = look_at(str(recordings))
    rows = next(str(e.proto.body) for e in page.get("html") if "<table>" in e.proto.body)
    caught = re.sub("<wbr>", "", rows).split("125.npz")[1].split("</tr>")[0]
    elbows = f'<span title="elbows_bent">{cue(library, "elbows_bent", language)}</span>'
    assert caught.count(elbows) == 3, "it is made, and said before and after"
    assert "elbows_bent" not in re.sub(r"<[^>]*>", " ", caught)


@pytest.mark.parametrize(("size", "step"), [(0.0, 0.01), (0.013, 0.01), (0.3, 0.2), (0.9, 0.5), (7.0, 5.0)])
def test_the_slider_moves_in_round_steps(size: float, step: float) -> None:
    assert _step(size) == pytest.approx(step)
