"""The replay page without a browser: every state reached, and what is shown and offered in it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from posecheck import folders, models
from posecheck.judgement import Settings
from posecheck.library import Library
from posecheck.replay import replay as replay_source
from posecheck.tune import Knob
from posecheck.ui import frame, replay, tune
from posecheck.ui.replay import _in_style
from posecheck.ui.view import Words
from posecheck.ui.waiting import time_left

RECORDINGS = Path(__file__).parent / "data" / "recordings"
PATIENCE_S = 60.0


def run_page() -> None:
    """Run inside Streamlit: the page alone, without the row of pages."""
    from posecheck.ui import replay

    replay.page()


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(models, "find_model", lambda: tmp_path / "pose.task")
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(folders, "samples_folder", lambda: None)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def open_page() -> AppTest:
    page = AppTest.from_function(run_page, default_timeout=60).run()
    assert not page.exception
    return page


def prose(page: AppTest) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", " ".join(str(e.proto.body) for e in page.get("html"))))


def give(page: AppTest, name: str, data: bytes) -> AppTest:
    """Choose a file and have it looked at, to the end."""
    page.file_uploader[0].set_value((name, data, "application/octet-stream")).run()
    page.button(key="replay-go").click().run()
    return wait(page)


def wait(
    page: AppTest, until: Callable[[AppTest], bool] = lambda page: page.session_state.replay.job is None
) -> AppTest:
    deadline = time.monotonic() + PATIENCE_S
    while not until(page):
        assert time.monotonic() < deadline
        time.sleep(0.05)
        page.run()
    assert not page.exception
    return page


def timeline_of(page: AppTest) -> dict[str, Any]:
    (given,) = [e.proto.json for e in page.get("bidi_component") if e.proto.id.endswith("-replay-player")]
    return dict(json.loads(given))


def recording(name: str) -> bytes:
    return (RECORDINGS / f"{name}.npz").read_bytes()


def test_limits_are_said_beforehand(library: Library) -> None:
    page = open_page()
    assert "Up to 500 MB and 30 minutes." in page.file_uploader[0].label
    assert library.phrase("replay_private", "en") in prose(page)
    assert page.button(key="replay-go").disabled


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_control_for_a_file_is_given_her_words(
    monkeypatch: pytest.MonkeyPatch, library: Library, language: str
) -> None:
    monkeypatch.setattr(frame, "chosen_language", lambda known: language)
    style = next(str(e.proto.body) for e in open_page().get("html") if "--pc-choose" in e.proto.body)
    for name in ("choose", "drop"):
        said = re.search(rf'--pc-{name}: "([^"]*)"', style)
        assert said is not None
        letters = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), said[1])
        assert letters == library.phrase(f"replay_{name}", language)


@pytest.mark.parametrize("text", ["Let go.", 'a "b" \\ </style>'])
def test_a_sentence_stays_one_string_of_style(text: str) -> None:
    string = _in_style(text)
    assert not set(string[1:-1]) & set('"<>\n')
    assert re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), string) == f'"{text}"'


def test_without_a_model_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, library: Library) -> None:
    monkeypatch.setattr(models, "find_model", lambda: None)
    page = open_page()
    assert library.phrase("model_missing", "en") in prose(page)
    assert not page.button


def test_an_upload_becomes_a_video_a_timeline_and_files(tmp_path: Path) -> None:
    page = give(open_page(), "evening.npz", recording("downdog_bad"))
    told = prose(page)
    assert "evening.npz" in told
    assert "Downward dog. 3.4 s in the pose, 3.2 s held. Something to work on." in told
    given = timeline_of(page)
    assert given["videos"] == ["replay-video-0"]
    assert "back_rounded" in [lane["id"] for lane in given["timeline"]["lanes"]]
    assert given["timeline"]["start"] == 0.0
    saves = {element.proto.id.rpartition("-save-")[2] for element in page.get("download_button")}
    assert saves == {
        f"{kind}-0" for kind in ("report", "video", "csv", "parquet", "dictionary", "json", "recording")
    }
    # The upload itself is gone, also from this visit's folder.
    assert not list(tmp_path.rglob("evening.npz"))
    (shown,) = page.session_state.replay.shown
    assert shown.video.is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize(
    ("accepted", "cues", "verdict"),
    [(True, 0, "told_well"), (True, 1, "told_mostly"), (False, 1, "told_worth"), (False, 0, "told_worth")],
)
def test_what_was_corrected_is_not_called_done_well_alone(
    library: Library, accepted: bool, cues: int, verdict: str
) -> None:
    told = told_of(library, in_pose_s=11.0, held_s=8.0, accepted=accepted, cues=cues)
    assert told == f"Downward dog. 11.0 s in the pose, 8.0 s held. {library.phrase(verdict, 'en')}"


def test_a_single_picture_is_too_little_for_a_verdict(library: Library) -> None:
    told = told_of(library, in_pose_s=0.0, held_s=0.0, accepted=True, cues=0)
    assert told == library.phrase("told_short", "en", exercise="Downward dog")


def told_of(library: Library, **summary: object) -> str:
    """Return what is said of a recording in which somebody was in the dog, with these sums."""
    done = SimpleNamespace(
        ledger=SimpleNamespace(person=[True], in_pose=[True]),
        exercise=library.exercises["downward_dog"],
        summarise=lambda _: {"cycles": 0} | summary,
    )
    return replay._told(cast(Any, SimpleNamespace(replayed=done)), library, Words(library, "en"))


@pytest.mark.parametrize("sample", [False, True])
def test_a_correction_leads_to_its_band(
    sample: bool, library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looked: list[tuple[list[Path], str]] = []
    monkeypatch.setattr(frame, "go_to", lambda name: st.stop())
    monkeypatch.setattr(tune, "_places", lambda: {"samples": tmp_path, "practices": tmp_path / "mine"})
    monkeypatch.setattr(tune, "_look_at", lambda sources, exercise, _: looked.append(([*sources], exercise)))
    page = give(open_page(), "evening.npz", recording("downdog_bad"))
    assert "back_rounded" in timeline_of(page)["bands"]
    assert timeline_of(page)["words"]["move"] == library.phrase("timeline_move", "en")
    (shown,) = page.session_state.replay.shown
    page.session_state.replay.shown = (replace(shown, sample=sample),)
    monkeypatch.setattr(replay, "show_player", lambda *_: "back_rounded")
    page.run()
    assert not page.exception
    assert looked == [([tmp_path, *([] if sample else [shown.recording])], "downward_dog")]
    assert page.session_state.tune.knob == Knob("back_rounded", 1, "max"), (
        "against her own neutral, left for longest"
    )
    assert shown.recording.name.startswith("evening")


def test_two_are_laid_side_by_side_from_the_pose(library: Library) -> None:
    page = give(open_page(), "today.npz", recording("downdog"))
    page.button(key="replay-other").click().run()
    page = give(page, "before.npz", recording("downdog_bad"))
    given = timeline_of(page)
    assert [track["name"] for track in given["timeline"]["tracks"]] == ["today.npz", "before.npz"]
    assert given["videos"] == ["replay-video-0", "replay-video-1"]
    entered = [track["origin"] for track in given["timeline"]["tracks"]]
    assert entered == pytest.approx([2.4, 2.6], abs=0.001)
    page.selectbox(key="replay-align").select("beginning").run()
    assert [track["origin"] for track in timeline_of(page)["timeline"]["tracks"]] == [0.0, 0.0]
    page.button(key="replay-remove").click().run()
    assert [track["name"] for track in timeline_of(page)["timeline"]["tracks"]] == ["today.npz"]
    page.button(key="replay-again").click().run()
    assert library.phrase("replay_title", "en") in prose(page)


@pytest.mark.parametrize(
    ("name", "data", "sentence", "hint"),
    [
        (
            "clip.mp4",
            b"PK\x03\x04" + bytes(200),
            "clip.mp4 is an archive.",
            "Unpack it and choose the video inside.",
        ),
        (
            "clip.mp4",
            b"words" * 50,
            "clip.mp4 is not a video that can be read.",
            "Use an MP4, MOV, WebM or MKV video.",
        ),
        ("a.npz", b"PK\x03\x04" + bytes(200), "a.npz is not a landmark recording that can be read.", "--record"),
        ("clip.mov", b"\x89PNG\r\n\x1a\n" + bytes(99), "clip.mov is a picture, not a video.", "Choose a video"),
    ],
)
def test_what_cannot_be_looked_at_has_one_sentence_and_a_next_step(
    tmp_path: Path, name: str, data: bytes, sentence: str, hint: str
) -> None:
    page = give(open_page(), name, data)
    assert sentence in prose(page)
    assert hint in prose(page)
    assert page.file_uploader  # and she can choose again
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_defect_is_a_sentence_and_no_traceback(monkeypatch: pytest.MonkeyPatch, library: Library) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("posecheck.ui.replay.replay", stumble)
    page = give(open_page(), "a.npz", recording("downdog"))
    assert library.phrase("replay_failed", "en") in prose(page)


def test_stopping_stops_the_work_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Library
) -> None:
    real = replay_source
    calls: list[Settings] = []

    def slowly(
        source: Path, library: Library, settings: Settings, outputs: Any, *, reader: Any, progress: Any
    ) -> Any:
        calls.append(settings)

        def step(fraction: float | None, what: str) -> None:
            time.sleep(0.02)
            progress(fraction, what)

        return real(source, library, settings, outputs, reader=reader, progress=step)

    monkeypatch.setattr("posecheck.ui.replay.replay", slowly)
    page = open_page()
    page.file_uploader[0].set_value(("a.npz", recording("downdog"), "application/octet-stream")).run()
    page.button(key="replay-go").click().run()
    wait(page, lambda page: bool(page.session_state.replay.job.fraction))
    assert library.phrase("replay_working", "en", name="a.npz") in prose(page)
    job = page.session_state.replay.job
    page.button(key="replay-stop").click().run()
    assert job.ended
    assert page.session_state.replay.job is None
    assert library.phrase("replay_cancelled", "en") in prose(page)
    assert not list(tmp_path.rglob("*.mp4")) + list(tmp_path.rglob("*.npz"))
    assert calls == [Settings("auto", "gentle", "en")]


def test_the_next_one_is_a_file_again_where_the_last_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "samples_folder", lambda: Path(__file__).parents[1] / "sample_videos")
    page = open_page()
    assert page.segmented_control(key="replay-kind").value == "sample"
    page = give(page.segmented_control(key="replay-kind").set_value("file").run(), "a.npz", recording("downdog"))
    page.button(key="replay-again").click().run()
    assert page.segmented_control(key="replay-kind").value == "file"


def test_the_samples_are_offered_by_what_they_show(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clips = [
        {"file": "a.mp4", "exercise": "cat", "faults": [], "person": "dina"},
        {"file": "b.mp4", "exercise": "cat", "faults": [{"id": "rocking"}], "person": "bea"},
        {"file": "missing.mp4", "exercise": "cat", "faults": [], "person": "ana"},
        {"file": "a.mp4", "exercise": "unheard_of", "faults": [], "person": "ana"},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"clips": clips}), encoding="utf-8")
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.setattr(folders, "samples_folder", lambda: tmp_path)
    page = open_page()
    assert page.selectbox(key="replay-sample").options == [
        "Cat, done well (Dina)",
        "Cat: Keep your hips over your knees. (Bea)",
    ]


def test_the_time_left_is_said_in_words(library: Library) -> None:
    words = Words(library, "en")
    assert time_left(None, words) == ""
    assert time_left(1.2, words) == "about 1 second left"
    assert time_left(40, words) == "about 40 seconds left"
    assert time_left(150, words) == "about 2 minutes left"
