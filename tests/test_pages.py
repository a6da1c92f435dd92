"""The practice page without a browser: the camera replaced at its seam, every state reached and read."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pages
import pytest
from aiortc.mediastreams import MediaStreamError
from bodies import FRAME, all_fours, dog, gone, still, times
from pages import introduce, labels, prose, shown
from streamlit.testing.v1 import AppTest

from posecheck import folders, models
from posecheck.errors import ModelMissingError
from posecheck.history import History
from posecheck.library import Library
from posecheck.live import LiveProcessor
from posecheck.pose import Pose, nobody
from posecheck.recent import Corrections
from posecheck.recorder import Recorder
from posecheck.routine import Item, Plan, Session, with_dose
from posecheck.session import Problem, Settings, Snapshot
from posecheck.spec import Exercise
from posecheck.ui import camera, figures, practice
from posecheck.ui.clip import ClipTrack, samples_of
from posecheck.ui.view import Words, dose


@dataclass
class FakeProcessor:
    """Stands where the connection's processor would; shows one snapshot."""

    shown: Snapshot = field(default_factory=Snapshot)
    settings: Settings | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)
    corrections: Corrections = field(default_factory=Corrections)
    recorder: Recorder | None = None

    arrived: int = 0

    def ask(self, *command: str) -> None:
        self.asked.append(command)

    def stop(self, *why: str) -> None:
        self.asked.append(("stop", *why))

    def snapshot(self) -> Snapshot:
        return self.shown

    def update(self, settings: Settings) -> None:
        self.settings = settings


@dataclass
class FakeCamera:
    """Stands where ``camera.live_camera`` is, and writes down how it was called."""

    status: camera.Status = "playing"
    processor: FakeProcessor | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, key: str, **call: Any) -> camera.Camera:
        self.calls.append(call)
        if not call["wanted"]:
            return camera.Camera("idle")
        return camera.Camera(self.status, cast(LiveProcessor | None, self.processor))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> FakeCamera:
    fake = FakeCamera()
    monkeypatch.setattr(camera, "live_camera", fake)
    return fake


@pytest.fixture(autouse=True)
def _ready(place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The model is here, and she has said that all is well today."""
    monkeypatch.setattr(models, "find_model", lambda: tmp_path / "pose.task")
    introduce(History(place))


def open_page() -> AppTest:
    return pages.open_page("practice")


def start(exercise: str = "downward_dog") -> AppTest:
    page = open_page()
    page.button(key=f"choose-{exercise}").click().run()
    page.button(key="start").click().run()
    assert not page.exception
    return page


@pytest.mark.usefixtures("seen")
def test_a_definition_changed_meanwhile_is_read_at_the_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = shutil.copytree(folders.routines_folder(), tmp_path / "routines")
    monkeypatch.setenv("POSECHECK_ROUTINES", str(mine))
    page = open_page()
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


def practised(
    library: Library, exercise: Exercise, poses: Iterable[Pose], settings: Settings | None = None
) -> Snapshot:
    """The snapshot after some poses, as from a connection that plays."""
    return played(library, Plan((Item(exercise),), introduce=False), poses, settings)


def played(
    library: Library,
    plan: Plan,
    poses: Iterable[Pose],
    settings: Settings | None = None,
    brightness: float = 120.0,
) -> Snapshot:
    """The snapshot of a plan after some poses."""
    fold = Session(plan, library, settings)
    snapshot = Snapshot()
    for pose in poses:
        snapshot = fold.push(pose, brightness)
    return replace(snapshot, frames=100, frame_size=(round(FRAME[0]), round(FRAME[1])))


# --- choosing -------------------------------------------------------------------------------------------------


def test_first_run_offers_the_exercises_and_one_button(library: Library, seen: FakeCamera) -> None:
    page = open_page()
    words = Words(library, "en")
    text = prose(page)
    for exercise in library.exercises.values():
        assert words.of(exercise.name) in text
        assert words.of(exercise.summary) in text
        assert dose(exercise, words) in text
    assert words("page_private") in text
    assert words("start") in labels(page)
    assert seen.calls[0]["wanted"] is False  # a stream wanted at its first mount opens connections that race


def test_choosing_shows_where_the_laptop_goes(library: Library, seen: FakeCamera) -> None:
    page = open_page()
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
    page = open_page()
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


def test_settings_reach_the_trainer_and_survive_the_change_of_pages(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor()
    page = open_page()
    page.button_group(key="voice-choice").set_value("quiet").run()
    page.button_group(key="strictness-choice").set_value("standard").run()
    page.button(key="start").click().run()
    assert seen.processor.settings == Settings("standard")
    assert shown(page, "speaker")["voice"] == "quiet"
    page.button(key="stop").click().run()
    page.button(key="start").click().run()
    assert seen.processor.settings == Settings("standard")
    assert shown(page, "speaker")["voice"] == "quiet"


@pytest.mark.parametrize("exercise", ["downward_dog", "cat"])
def test_a_sample_plays_in_the_place_of_the_camera(seen: FakeCamera, exercise: str) -> None:
    page = open_page()
    page.button(key=f"choose-{exercise}").click().run()
    page.button(key="sample").click().run()
    assert seen.calls[-1]["wanted"]
    assert seen.calls[-1]["clip"].is_file()


def test_an_exercise_without_a_sample_offers_none(
    library: Library, seen: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posecheck.folders.samples_folder", lambda: None)
    page = open_page()
    page.button(key="choose-twist").click().run()
    assert Words(library, "en")("sample") not in labels(page)


def test_the_manifest_says_which_clips_show_an_exercise(tmp_path: Path) -> None:
    assert samples_of("twist", tmp_path) == []
    (tmp_path / "manifest.json").write_text("[]")
    assert samples_of("twist", tmp_path) == []
    clips = [
        {"file": "bent.mp4", "exercise": "twist", "faults": [{"id": "leaning"}]},
        {"file": "other.mp4", "exercise": "cat", "faults": []},
        {"file": "straight.mp4", "exercise": "twist", "faults": []},
        {"file": "gone.mp4", "exercise": "lotus", "faults": []},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"clips": clips}))
    for name in ("bent.mp4", "other.mp4", "straight.mp4"):
        (tmp_path / name).touch()
    assert samples_of("twist", tmp_path) == [tmp_path / "straight.mp4", tmp_path / "bent.mp4"]
    assert samples_of("lotus", tmp_path) == []


# --- what may stand in the way --------------------------------------------------------------------------------


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
    page = open_page()
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
    page = open_page()
    page.button(key="fetch-model").click().run()
    assert not page.exception
    assert "The model could not be fetched." in prose(page)
    assert "Go online once, then try again." in prose(page)


def test_a_wrong_model_setting_says_what_to_do(seen: FakeCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> Path:
        raise ModelMissingError("POSECHECK_MODEL points to nothing.", "Correct it.")

    monkeypatch.setattr(models, "find_model", wrong)
    page = open_page()
    assert "POSECHECK_MODEL points to nothing. Correct it." in " ".join(prose(page).split())


def test_broken_definitions_are_listed_with_the_next_step(
    seen: FakeCamera, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folders, "routines_folder", lambda: tmp_path)
    (tmp_path / "coaching.yaml").write_text("schema: posecheck/coaching@1\nsight: <b>no</b>\n")
    page = open_page()
    text = prose(page)
    assert "The exercise files need a look before we can start." in text
    assert "posecheck check" in text
    assert "coaching.yaml:2" in text
    assert "no phrases (*.yaml) here" in text
    assert not page.button


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
def test_faulty_own_bands_can_be_put_aside(library: Library, place: str, bands: Path, language: str) -> None:
    (known,) = History(place).profiles()
    History(place).change_profile(replace(known, language=language))
    page, says = open_page(), Words(library, language)
    assert says("bands_faulty") in prose(page)
    assert f"{bands / 'mine.yaml'}:5: checks.elbow_bent: downward_dog has no check 'elbow_bent'." in prose(page)
    written = (bands / "mine.yaml").read_text()
    page.button(key="put-aside").click().run()
    assert not page.exception
    (aside,) = bands.glob("mine.yaml.*")
    assert aside.read_text() == written
    assert sorted(path.name for path in bands.glob("*.yaml")) == ["dog.yaml"], "what is right stays in use"
    assert says("bands_aside_next", where=aside) in prose(page)
    assert says("page_title") in prose(page)
    page.button(key="aside-understood").click().run()
    assert says("bands_aside_next", where=aside) not in prose(page)


@pytest.mark.usefixtures("seen")
def test_own_bands_that_cannot_be_put_aside_say_so(
    library: Library, bands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    page = open_page()
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


# --- practising -----------------------------------------------------------------------------------------------


@pytest.fixture
def downward_dog(exercise: Callable[[str], Exercise]) -> Exercise:
    return exercise("downward_dog")


def test_set_up_turns_green_part_by_part(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    seen.processor = FakeProcessor(
        practised(library, downward_dog, still(all_fours, times(0.5, 10), hidden=["ankle"]))
    )
    page = start()
    parts = {part["label"]: part["state"] for part in shown(page, "surface-side")["parts"]}
    assert parts["Head"] == "ok"
    assert parts["Hips"] == "ok"
    assert parts["Feet"] != "ok"
    assert library.phrase("skip_setup", "en") in labels(page)
    page.button(key="skip-setup").click().run()
    assert seen.processor.asked == [("start",)]


@pytest.mark.parametrize(
    ("poses", "brightness", "phrase"),
    [
        (gone(times(3.0, 10)), 120.0, "nobody"),
        (still(all_fours, times(3.0, 10)), 10.0, "too_dark"),
    ],
    ids=["nobody in the picture", "too dark"],
)
def test_set_up_says_one_thing(
    library: Library, seen: FakeCamera, downward_dog: Exercise, poses: list[Pose], brightness: float, phrase: str
) -> None:
    plan = Plan((Item(downward_dog),), introduce=False)
    seen.processor = FakeProcessor(played(library, plan, poses, brightness=brightness))
    page = start()
    assert shown(page, "surface-cue")["text"] == library.phrase(phrase, "en")
    assert [s["text"] for s in shown(page, "speaker")["sayings"]] == [library.phrase(phrase, "en")]


def test_a_wrong_view_asks_her_to_turn(
    library: Library, seen: FakeCamera, exercise: Callable[[str], Exercise]
) -> None:
    twist = exercise("twist")
    seen.processor = FakeProcessor(practised(library, twist, still(all_fours, times(4.0, 10))))
    page = start("twist")
    assert shown(page, "surface-cue")["text"] == twist.framing.turn["en"]


def test_the_count_in(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    seconds = library.coaching.setup.ready_after + 1.0
    seen.processor = FakeProcessor(practised(library, downward_dog, still(all_fours, times(seconds, 10))))
    page = start()
    assert int(shown(page, "surface-side")["ring"]["number"]) in range(5, 9)
    assert shown(page, "surface-cue")["text"] == library.phrase("ready", "en")


def test_a_hold_that_counts(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    seen.processor = FakeProcessor(practised(library, downward_dog, still(dog, times(7.0, 10))))
    page = start()
    side = shown(page, "surface-side")
    assert downward_dog.hold is not None
    assert side["ring"]["running"]
    assert int(side["ring"]["number"]) >= 2
    moment = seen.processor.shown.moment
    assert moment is not None
    assert side["ring"]["share"] == pytest.approx(moment.held_s / downward_dog.hold.target)
    assert side["title"] == library.phrase("clock_runs", "en")
    assert shown(page, "surface-cue")["aspect"] == pytest.approx(FRAME[0] / FRAME[1])


def test_a_fault_is_shown_and_spoken_in_the_same_words(
    library: Library, seen: FakeCamera, downward_dog: Exercise
) -> None:
    bent = still(dog, times(9.0, 10), elbow=120.0)
    seen.processor = FakeProcessor(practised(library, downward_dog, bent))
    page = start()
    (check,) = [c for c in downward_dog.checks if c.id == "elbows_bent"]
    cue = shown(page, "surface-cue")
    spoken = [s["text"] for s in shown(page, "speaker")["sayings"]]
    assert check.say["en"] in spoken
    assert (cue["text"], cue["tone"]) == (check.say["en"], "cue")


def test_nobody_in_the_picture_waits(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    poses = [*still(dog, times(7.0, 10)), *gone(times(20.0, 10, 7.1))]
    seen.processor = FakeProcessor(practised(library, downward_dog, poses))
    page = start()
    assert shown(page, "surface-cue")["text"] == library.phrase("away", "en")
    assert not shown(page, "surface-side")["ring"]["running"]
    assert int(shown(page, "surface-side")["ring"]["number"]) >= 2
    assert shown(page, "surface-side")["title"] == library.phrase("clock_waits", "en")


def test_pause_and_go_on(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    seen.processor = FakeProcessor(practised(library, downward_dog, still(dog, times(7.0, 10))))
    page = start()
    page.button(key="pause").click().run()
    seen.processor.shown = replace(seen.processor.shown, paused=True)
    page.run()
    assert page.button(key="pause").label == library.phrase("go_on", "en")
    assert shown(page, "surface-side")["title"] == library.phrase("paused", "en")
    page.button(key="pause").click().run()
    page.button(key="skip").click().run()
    assert seen.processor.asked == [("pause",), ("resume",), ("skip",)]


def test_the_end_lets_the_camera_go_and_keeps_one_strength_and_one_thing_for_next_time(
    library: Library, seen: FakeCamera, downward_dog: Exercise
) -> None:
    snapshot = practised(library, downward_dog, still(dog, times(7.0, 10)))
    finished = replace(snapshot, stage="finished", strength="Calm and steady.", next_time="Press the floor away.")
    seen.processor = FakeProcessor(finished)
    page = start()
    side = shown(page, "surface-side")
    assert (side["title"], side["line"]) == ("Calm and steady.", "Press the floor away.")
    assert library.phrase("pause", "en") not in labels(page)
    seen.processor.shown = replace(finished, over=True)
    page.run()
    assert not seen.calls[-1]["wanted"]
    for sentence in (library.phrase("closing_title", "en"), "Calm and steady.", "Press the floor away."):
        assert sentence in prose(page)
    page.button(key="closed").click().run()
    assert library.phrase("begin", "en") in labels(page)


def test_a_correction_that_was_wrong_is_kept_without_a_picture(
    library: Library, seen: FakeCamera, downward_dog: Exercise, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folders, "recordings_folder", lambda: tmp_path / "recordings")
    poses = still(dog, times(4.0, 10))
    snapshot = practised(library, downward_dog, poses)
    seen.processor = FakeProcessor(snapshot)
    for pose in poses:
        seen.processor.corrections.push(pose)
    for check in ("elbows_bent", "head_lifted"):
        seen.processor.corrections.note("downward_dog", check)
    page = start()
    page.button(key="stop").click().run()
    assert library.phrase("marking_title", "en") in {e.label for e in page.expander}
    page.button(key="mark-downward_dog-elbows_bent").click().run()
    assert not page.exception
    (kept,) = (tmp_path / "recordings" / "downward_dog").iterdir()
    assert kept.name.endswith("_not_elbows_bent.npz")
    assert library.phrase("marking_kept", "en") in prose(page)
    (tmp_path / "recordings" / "downward_dog").rename(tmp_path / "away")
    (tmp_path / "recordings" / "downward_dog").write_text("in the way", encoding="utf-8")
    page.button(key="mark-downward_dog-head_lifted").click().run()
    assert "was not written" in prose(page)
    assert page.button(key="mark-downward_dog-head_lifted")


def test_stopping_in_the_middle_can_be_gone_on_with(
    library: Library, seen: FakeCamera, exercise: Callable[[str], Exercise]
) -> None:
    plan = Plan((Item(exercise("cat")), Item(exercise("twist"))), "evening", {"en": "For the evening"})
    snapshot = played(library, plan, still(all_fours, times(3.0, 10)))
    page = pages.closed("practice")
    page.session_state["plan"] = plan
    seen.processor = FakeProcessor(replace(snapshot, position=1))
    page.run()
    assert "For the evening" in prose(page)
    assert [words in prose(page) for words in ("Cat", "Seated twist", "Downward dog")] == [True, True, False]
    page.button(key="start").click().run()
    assert shown(page, "surface-side")["name"] == library.phrase(
        "name_of", "en", exercise="Seated twist", number=2, count=2
    )
    page.button(key="stop").click().run()
    assert seen.processor.asked[-1] == ("stop",)
    assert library.phrase("closing_stopped", "en") in prose(page)
    again = page.button(key="start")
    assert again.label == library.phrase("again_from", "en", exercise="Seated twist")
    seen.processor = FakeProcessor()
    again.click().run()
    assert shown(page, "surface-side")["name"] == "Seated twist"


def test_what_happens_is_written_down_and_asked_after(
    library: Library, seen: FakeCamera, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        company = False

        def detect(self, image: object, t: float) -> Pose:
            return nobody(t, FRAME)

        def close(self) -> None: ...

    monkeypatch.setattr(practice, "Landmarker", lambda *_, **__: Blind())
    seen.processor = FakeProcessor(Snapshot(frames=3))
    page = start()
    processor = seen.calls[-1]["make_processor"]()
    processor.recv(av.VideoFrame(64, 48, "rgb24"))
    processor.on_ended()
    history = History(place)
    (known,) = history.profiles()
    (session,) = history.sessions(known.id)
    assert (session.pain_before, session.pain_after, session.outcome) == (3, None, "stopped")
    assert [done.exercise for done in session.exercises] == ["downward_dog"]
    page.button(key="stop").click().run()
    assert library.phrase("after_pain", "en") in {group.label for group in page.button_group}


def test_a_sample_is_not_written_down(seen: FakeCamera, place: str) -> None:
    page = open_page()
    page.button(key="choose-cat").click().run()
    page.button(key="sample").click().run()
    assert seen.calls[-1]["wanted"]
    assert page.session_state["writer"] is None


def test_a_stop_word_ends_it_and_says_what_to_do(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3))
    page = start()
    page.button(key="stop-dizzy").click().run()
    assert seen.processor.asked == [("stop", "dizzy")]
    assert not seen.calls[-1]["wanted"]
    assert library.phrase("stop_dizzy_do", "en") in prose(page)
    assert library.phrase("start", "en") not in labels(page)


def test_a_programme_can_be_named_in_the_address(library: Library, seen: FakeCamera) -> None:
    page = pages.open_page("practice", programme="five_minutes")
    assert library.programmes["five_minutes"].name["en"] in prose(page)
    assert library.phrase("start", "en") in labels(page)
    assert True not in [call["wanted"] for call in seen.calls]
    assert library.phrase("page_title", "en") in prose(pages.open_page("practice", programme="nonsense"))


def test_the_rest_announces_what_comes_next(
    library: Library, seen: FakeCamera, exercise: Callable[[str], Exercise], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan((Item(with_dose(exercise("downward_dog"), hold_s=2.0, times=1)), Item(exercise("twist"))))
    snapshot = played(library, replace(plan, introduce=False), still(dog, times(7.0, 10)))
    assert snapshot.stage == "between"
    seen.processor = FakeProcessor(snapshot)
    page = pages.closed("practice")
    page.session_state["plan"] = plan
    page.run()
    page.button(key="start").click().run()
    side = shown(page, "surface-side")
    assert side["title"] == library.phrase("next_is", "en", exercise="Seated twist")
    assert side["figure"]["strokes"] == [list(stroke) for stroke in figures.figure("twist").strokes]


def test_the_breath_line_goes_with_the_hold(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    seen.processor = FakeProcessor(practised(library, downward_dog, still(dog, times(7.0, 10))))
    page = start()
    shown_breath = shown(page, "surface-breath")
    assert shown_breath["breath"]["inhale"] == library.coaching.breath.inhale
    assert 0 <= shown_breath["breath"]["at"] <= 8.0
    assert shown_breath["running"]
    seen.processor.shown = replace(seen.processor.shown, paused=True)
    page.run()
    assert not shown(page, "surface-breath")["running"]


def test_a_problem_with_the_picture_is_told_in_a_sentence(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3, problem=Problem("No pose model here.", "Fetch it.")))
    assert shown(start(), "surface-side")["note"] == "No pose model here. Fetch it."


def test_a_slow_computer_is_told(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3, slow=True))
    assert shown(start(), "surface-side")["note"] == library.phrase("slow_computer", "en")


def test_every_exercise_has_a_drawing_of_its_own(library: Library) -> None:
    assert set(library.exercises) <= set(figures.FIGURES)


# --- the sample clip ------------------------------------------------------------------------------------------


def test_a_clip_goes_on_for_ever_with_times_that_only_rise(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None:
        return None

    async def run(track: ClipTrack, n: int) -> list[av.VideoFrame]:
        return [await track.recv() for _ in range(n)]

    monkeypatch.setattr("posecheck.ui.clip.asyncio.sleep", at_once)
    folder = folders.samples_folder()
    assert folder is not None
    track = ClipTrack(folder / "downdog.mp4", lead_s=1.0, pause_s=0.4, stay_s=2.0)
    frames = asyncio.run(run(track, 15 + 90 + 30 + 6 + 90 + 1))
    times = [frame.time for frame in frames]
    assert all(b - a == pytest.approx(1 / 15, abs=1e-3) for a, b in itertools.pairwise(times))
    first, last = frames[0].to_ndarray(format="rgb24"), frames[15 + 89].to_ndarray(format="rgb24")
    assert np.array_equal(frames[14].to_ndarray(format="rgb24"), first)  # the lead
    assert np.array_equal(frames[15 + 90 + 29].to_ndarray(format="rgb24"), last)  # the stay
    assert np.array_equal(frames[15 + 90 + 30 + 5].to_ndarray(format="rgb24"), first)  # and again
    track.stop()
    with pytest.raises(MediaStreamError):
        asyncio.run(track.recv())
