"""The practice page while she practises, and at the end: every state reached and read, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import av
import pages
import pytest
import streamlit as st
from bodies import FRAME, all_fours, dog, gone, still, times
from mat import dosed
from pages import labels, prose, shown
from seam import FakeCamera, FakeProcessor, open_practice, played, practised, start

from posecheck import folders
from posecheck.history import History
from posecheck.library import Library
from posecheck.pose import Pose, nobody
from posecheck.routine import Item, Plan
from posecheck.session import Snapshot
from posecheck.spec import Exercise
from posecheck.ui import figures, practice, recording
from posecheck.ui.view import Words

pytestmark = pytest.mark.usefixtures("ready")


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


@pytest.mark.parametrize(
    ("seconds", "voice", "told"), [(0.5, "on", True), (0.5, "mute", False), (7.0, "on", False)]
)
def test_a_browser_without_her_voice_is_told_of_while_she_is_not_in_the_pose(
    library: Library, seen: FakeCamera, downward_dog: Exercise, seconds: float, voice: str, told: bool
) -> None:
    seen.processor = FakeProcessor(practised(library, downward_dog, still(dog, times(seconds, 10))))
    page = pages.closed("practice")
    page.session_state["voiceless"] = True
    page.session_state["pref_voice"] = voice
    page.session_state["exercise"] = "downward_dog"
    page.run()
    page.session_state["pref_voice"] = voice
    page.button(key="start").click().run()
    assert (shown(page, "surface-side")["note"] == library.phrase("voice_none", "en")) is told


def test_pause_and_go_on(library: Library, seen: FakeCamera, downward_dog: Exercise) -> None:
    seen.processor = FakeProcessor(practised(library, downward_dog, still(dog, times(7.0, 10))))
    page = start()
    assert shown(page, "surface-side")["ring"]["running"]
    assert shown(page, "surface-breath")["breath"]
    page.button(key="pause").click().run()
    seen.processor.shown = replace(seen.processor.shown, paused=True)
    page.run()
    assert page.button(key="pause").label == library.phrase("go_on", "en")
    assert shown(page, "surface-side")["title"] == library.phrase("paused", "en")
    assert not shown(page, "surface-side")["ring"]["running"]
    assert shown(page, "surface-breath")["breath"] is None
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
    going_on = seen.calls[-1]["make_processor"]()._session.plan
    assert [item.exercise.id for item in going_on.items] == ["twist"]


def test_what_she_says_of_today_meanwhile_closes_the_way_on(seen: FakeCamera, place: str) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3))
    page = start()
    page.button(key="stop").click().run()
    assert "start" in {button.key for button in page.button}
    history = History(place)
    history.save_answers(history.profiles()[0].id, {"today": ["fever"]}, date.today())
    page.run()
    assert {button.key for button in page.button} == {"closed"}


def test_a_plan_with_an_exercise_that_waits_does_not_begin_by_itself(
    seen: FakeCamera, place: str, words: Words, exercise: Callable[[str], Exercise]
) -> None:
    history = History(place)
    history.save_answers(history.profiles()[0].id, {"conditions": ["wrists"]}, date.today())
    page = pages.closed("practice")
    page.session_state["plan"] = Plan((Item(exercise("twist")), Item(exercise("cat"))))
    page.session_state["begin"] = "today"
    page.run()
    assert True not in [call["wanted"] for call in seen.calls]
    assert words("gate_locked", exercise="Cat") in prose(page)


@pytest.mark.parametrize("wish", [{"begin": "today"}, {"tour_clip": "downward_dog"}], ids=["begin", "sample"])
def test_a_wish_to_begin_outlives_a_run_that_is_broken_off(
    seen: FakeCamera, monkeypatch: pytest.MonkeyPatch, wish: dict[str, object]
) -> None:
    """On a busy computer the browser may ask for another run before the first is done."""
    looks = iter(range(100))

    def broken_off(*_: object) -> None:
        if next(looks) == 0:
            st.rerun()

    monkeypatch.setattr(recording, "consent", broken_off)
    page = pages.closed("practice")
    page.session_state["record"] = ("today", "video")
    for name, value in wish.items():
        page.session_state[name] = value
    page.run()
    assert next(looks) == 2
    assert seen.calls[-1]["wanted"]
    assert [page.session_state[name] for name in ("begin", "tour_clip", "record")] == [None] * 3


class Blind:
    """A landmarker that finds nobody."""

    company = False

    def detect(self, image: object, t: float) -> Pose:
        return nobody(t, FRAME)

    def close(self) -> None: ...


@pytest.mark.parametrize(("names", "wanted"), [(("twist", "cat"), True), (("twist", "eagle"), False)])
def test_the_outline_is_asked_for_where_any_exercise_to_come_needs_it(
    seen: FakeCamera,
    exercise: Callable[[str], Exercise],
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, ...],
    wanted: bool,
) -> None:
    asked: list[bool] = []

    def open_landmarker(*_: object, silhouette: bool, **__: object) -> Blind:
        asked.append(silhouette)
        return Blind()

    monkeypatch.setattr(practice, "Landmarker", open_landmarker)
    seen.processor = FakeProcessor()
    page = pages.closed("practice")
    page.session_state["plan"] = Plan(tuple(Item(exercise(name)) for name in names), "evening", {"en": "Evening"})
    page.run().button(key="start").click().run()
    processor = seen.calls[-1]["make_processor"]()
    processor.recv(av.VideoFrame(64, 48, "rgb24"))
    processor.on_ended()
    assert asked == [wanted]


def test_what_happens_is_written_down_and_asked_after(
    library: Library, seen: FakeCamera, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert library.phrase("closing_kept", "en") not in prose(page), "the question says it"
    page.button_group(key=f"after-{session.id}").set_value(3).run()
    page.button(key="after-save").click().run()
    assert "start" in {button.key for button in page.button}
    history.set_pain_after(session.id, 6)
    page.run()
    assert "start" not in {button.key for button in page.button}, "it hurts more: nothing to go on with"


def test_a_sample_is_not_written_down(seen: FakeCamera, place: str) -> None:
    page = open_practice()
    page.button(key="choose-cat").click().run()
    page.button(key="sample").click().run()
    assert seen.calls[-1]["wanted"]
    assert page.session_state["writer"] is None
    assert not seen.calls[-1]["make_processor"]()._session.plan.introduce
    seen.processor = FakeProcessor(Snapshot(frames=3))
    page.run()
    page.button(key="stop").click().run()
    assert "closed" not in {button.key for button in page.button}, "it was not hers: nothing to look back on"


def test_a_stop_word_ends_it_and_says_what_to_do(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3))
    page = start()
    page.button(key="stop-dizzy").click().run()
    assert seen.processor.asked == [("stop", "dizzy")]
    assert not seen.calls[-1]["wanted"]
    assert library.phrase("stop_dizzy_do", "en") in prose(page)
    assert {button.key for button in page.button} == {"closed"}, "nothing to go on with"


def test_what_the_baby_needs_can_be_gone_on_after(library: Library, seen: FakeCamera) -> None:
    seen.processor = FakeProcessor(Snapshot(frames=3))
    page = start()
    page.button(key="stop-baby").click().run()
    assert library.phrase("stop_baby_do", "en") in prose(page)
    assert {button.key for button in page.button} == {"start", "closed"}
    page.button(key="start").click().run()
    page.button(key="stop").click().run()
    assert library.phrase("stop_baby_do", "en") not in prose(page), "that was before"


def test_the_rest_announces_what_comes_next(
    library: Library, seen: FakeCamera, exercise: Callable[[str], Exercise], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan((Item(dosed(exercise("downward_dog"), hold="2 s", times=1)), Item(exercise("twist"))))
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
