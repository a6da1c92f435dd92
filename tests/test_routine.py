"""The guided session as a pure fold over synthetic bodies: from START to the end without a hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bodies import ALL_FOURS, STANDING, all_fours, dog, in_phases, seated, side_body, timeline
from mat import Mat, cat_and_cow, dosed, empty

from posecheck.library import Library
from posecheck.routine import Plan, Session
from posecheck.session import Wishes
from posecheck.spec import Exercise, Strictness
from posecheck.speech import Caption
from posecheck.trainer import Trainer

# --- one exercise ---------------------------------------------------------------------------------------------


def test_from_set_up_to_the_end_without_a_hand(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    twice = dosed(exercise("downward_dog"), hold="6 s", times=2)
    one = mat(twice)
    one.until("exercise", all_fours)
    one.until("rest", dog)
    one.be(all_fours, 14.0)
    one.until("finished", dog)
    assert one.stages == ["setup", "countdown", "exercise", "rest", "exercise", "finished"]
    in_order = [
        library.phrase("stop_words", "en"),
        twice.framing.camera["en"],
        library.phrase("ready", "en"),
        twice.steps.start["en"],
        library.phrase("count_3", "en"),
        library.phrase("count_1", "en"),
        twice.steps.done["en"],
        library.phrase("again", "en"),
    ]
    heard = [text for text in one.texts if text in in_order]
    assert heard == [*in_order, twice.steps.done["en"]]
    assert one.chimes == ["start", "held", "done"]
    assert (one.now.holds, one.now.outcome) == (2, "done")
    assert one.now.held_s == pytest.approx(12.0, abs=0.4)
    assert one.records("exercise_finished")[0].unfinished_s == 0.0
    assert {saying.rank for saying in one.said if saying.text == twice.steps.done["en"]} == {1}
    numbers = [saying.number for saying in one.said]
    assert numbers == sorted(set(numbers))


def test_nothing_is_asked_of_her_while_she_rests(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="4 s", times=2))
    one.until("exercise", all_fours)
    one.until("rest", dog)
    assert one.now.caption == Caption(one.session.plan.items[0].exercise.steps.done["en"], "praise")
    before = len(one.texts)
    guide = library.coaching.guide
    one.be(all_fours, guide.offer_after + guide.hold_rest - 2.0)
    assert one.texts[before:] == [library.phrase("again", "en")]
    assert one.now.left_s == 0.0


def test_both_sides_are_announced(library: Library, mat: Callable[..., Mat], short_twist: Exercise) -> None:
    one = mat(short_twist)
    one.until("exercise", seated, twist=0.0, hand_on_knee=False)
    one.until("rest", seated, twist=25.0)
    one.be(seated, 8.0, twist=0.0, hand_on_knee=False)
    one.until("finished", seated, twist=-25.0, raised="right")
    sides = [library.phrase(name, "en") for name in ("side_left_said", "now_right", "side_right_said")]
    assert [text for text in one.texts if text in sides] == sides
    assert [(record.side, record.count) for record in one.records("hold")] == [("left", 1), ("right", 2)]


def test_rounds_are_counted_aloud_and_the_last_one_ends_it(
    library: Library, mat: Callable[..., Mat], short_cat: Exercise
) -> None:
    one = mat(short_cat)
    one.until("exercise", all_fours)
    one.until("finished", cat_and_cow(one.t))
    assert [record.count for record in one.records("cycle")] == [1, 2]
    assert one.chimes == ["start", "held", "done"]
    assert library.phrase("cycle_count", "en", count=1) in one.texts
    assert short_cat.steps.done["en"] in one.texts


def test_one_phase_follows_another_without_a_rest(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(in_phases(exercise("cat")))
    one.until("exercise", all_fours)
    shape = {"round": {**ALL_FOURS, "turn": 45.0}, "dip": {**ALL_FOURS, "turn": -40.0}}
    stops = [(one.t + 4.0 * i, shape["round" if i % 2 else "dip"]) for i in range(1, 5)]
    at = timeline((one.t, ALL_FOURS), *stops, (one.t + 60.0, ALL_FOURS))
    one.until("finished", lambda t: side_body(t, **at(t)), limit=60.0)
    assert one.stages == ["setup", "exercise", "finished"]  # all fours is her answer
    assert one.chimes == ["start", "held", "held", "held", "done"]
    assert [text for text in one.texts if text.startswith("Now ")] == ["Now rounds.", "Now rest.", "Now a hold."]
    assert (one.now.cycles, one.now.holds) == (2, 1)
    assert [record.count for record in one.records("cycle")] == [1, 2]


def test_she_just_begins(mat: Callable[..., Mat], short_dog: Exercise) -> None:
    """Going into the pose during the set-up is answer enough, even where the set-up finds fault."""
    one = mat(short_dog)
    one.be(dog, 7.0, brightness=10.0)
    assert one.now.stage == "exercise"
    assert one.now.moment is not None
    assert one.now.moment.held_s > 1.0


def test_when_to_stop_is_said_before_she_may_begin(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(
        short_dog, wishes=Wishes(rate=0.5)
    )  # a slow voice is still speaking when she has been in it for long
    one.until("exercise", dog)
    assert one.texts == [library.phrase("session_begins", "en"), library.phrase("stop_words", "en")]


def test_set_up_asks_for_one_thing_once_the_introduction_is_over(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(all_fours, 40.0, brightness=10.0)
    assert one.now.stage == "setup"
    assert one.now.setup is not None
    assert one.now.setup.parts["light"] == "adjust"
    assert one.now.caption == Caption(library.phrase("too_dark", "en"), "reason")
    introduction = one.texts.index(short_dog.framing.camera["en"])
    assert set(one.texts[introduction + 1 :]) == {library.phrase("too_dark", "en")}
    assert {saying.rank for saying in one.said if saying.text == library.phrase("too_dark", "en")} == {3}


def test_a_set_up_that_never_fits_does_not_hold_her_up(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.until("countdown", all_fours, brightness=10.0)
    assert library.phrase("setup_skipped", "en") in one.texts
    assert one.t > library.coaching.guide.setup_patience


def test_nobody_in_the_picture_starts_nothing(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(empty, library.coaching.guide.setup_patience + 30.0)
    assert one.now.stage == "setup"
    assert library.phrase("nobody", "en") in one.texts


def test_set_up_can_be_skipped(library: Library, mat: Callable[..., Mat], short_dog: Exercise) -> None:
    one = mat(short_dog)
    one.be(all_fours, 1.0)
    one.session.ask("start")
    one.be(all_fours, 1.0)
    assert one.now.stage == "countdown"
    assert one.texts[-1] == library.phrase("setup_skipped", "en")
    assert one.now.left_s == pytest.approx(library.coaching.setup.countdown - 1.0, abs=0.15)


def test_what_is_only_timed_begins_after_the_introduction_and_needs_no_set_up(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    ball = dosed(exercise("fitball"), lasts="5 s")
    one = mat(ball, wishes=Wishes())
    one.until("finished", side_body, limit=120.0, **STANDING)
    assert one.stages[0] == "countdown"
    assert one.texts.index(ball.framing.camera["en"]) < one.texts.index(library.phrase("count_3", "en"))
    assert one.records("exercise_finished")[0].outcome == "done"


def test_strictness_reaches_the_trainer_and_the_records(
    mat: Callable[..., Mat], short_dog: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def spy(*args: Any, strictness: Strictness = "gentle", **others: Any) -> Trainer:
        asked.append(strictness)
        return Trainer(*args, strictness=strictness, **others)

    monkeypatch.setattr("posecheck.session.Trainer", spy)
    one = mat(short_dog, wishes=Wishes("standard", talk="little"))
    one.be(dog, 5.0)
    assert asked == ["gentle", "standard"]  # the first one only looks on, before it begins
    assert one.records("exercise_started")[0].strictness == "standard"


# --- one after another ----------------------------------------------------------------------------------------


def test_a_whole_programme_without_a_hand(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_cat: Exercise, short_twist: Exercise
) -> None:
    three = mat(short_cat, short_dog, short_twist, wishes=Wishes())
    three.be(side_body, 30.0, **STANDING)
    three.until("exercise", all_fours)
    three.until("between", cat_and_cow(three.t))
    assert three.now.position == 0
    three.until("countdown", all_fours)  # the camera stays where it is: no second set-up
    assert three.now.position == 1
    three.until("exercise", all_fours)
    three.until("between", dog, elbow=120.0)
    three.until("setup", seated, twist=0.0, hand_on_knee=False)  # and moves for the twist
    three.until("exercise", seated, twist=0.0, hand_on_knee=False)
    three.until("rest", seated, twist=25.0)
    three.be(seated, 8.0, twist=0.0, hand_on_knee=False)
    three.until("finished", seated, twist=-25.0, raised="right")
    three.be(seated, 30.0)
    phrase = library.phrase
    in_order = [
        phrase("session_begins", "en"),
        phrase("stop_words", "en"),
        phrase("gesture_hint", "en"),
        phrase("first_exercise", "en", exercise="Cat"),
        short_cat.framing.camera["en"],
        phrase("next_exercise", "en", exercise="Downward dog"),
        phrase("last_exercise", "en", exercise="Seated twist"),
        phrase("camera_moves_front", "en"),
        short_twist.framing.camera["en"],
        phrase("session_finished", "en"),
        three.now.strength,
        three.now.next_time,
    ]
    assert [text for text in three.texts if text in in_order] == in_order
    kinds = [record.kind for record in three.kept if record.kind != "cue"]
    assert kinds == [
        "session_started",
        *("exercise_started", "cycle", "cycle", "exercise_finished"),
        *("exercise_started", "hold", "exercise_finished"),
        *("exercise_started", "hold", "hold", "exercise_finished"),
        "session_finished",
    ]
    started, finished = three.records("session_started")[0], three.records("session_finished")[0]
    assert started.programme == "test"
    assert started.exercises == ("cat", "downward_dog", "twist")
    assert (finished.outcome, finished.strength, finished.next_time) == (
        "done",
        three.now.strength,
        three.now.next_time,
    )
    times = [record.t for record in three.kept]
    assert times == sorted(times)
    # What goes next time is what stood out today: her elbows in the dog.
    bent = next(check.say["en"] for check in short_dog.checks if check.id == "elbows_bent")
    assert three.now.next_time == phrase("next_time_try", "en", exercise="Downward dog", cue=bent)
    assert [record.check for record in three.records("cue")] == ["elbows_bent"]
    dog_record = three.records("exercise_finished")[1]
    assert dog_record.fault_s["elbows_bent"] > 1.0
    assert dog_record.clean_s < dog_record.in_pose_s


def test_the_easier_variant_is_offered_after_two_cues(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    long_dog = dosed(exercise("downward_dog"), hold="60 s", times=1)
    check = next(c for c in long_dog.checks if c.id == "elbows_bent")
    one = mat(long_dog)
    one.be(dog, 62.0, elbow=120.0)
    cues = [(record.check, record.easier) for record in one.records("cue")]
    assert cues == [("elbows_bent", False)] * 2 + [("elbows_bent", True)]
    assert check.easier is not None
    assert check.easier["en"] in one.texts


def test_she_is_never_stuck_where_she_is_not_recognised(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    began = two.t
    two.until("between", all_fours, limit=90.0)
    guide = library.coaching.guide
    assert two.t - began == pytest.approx(guide.offer_after + guide.go_on_after, abs=1.0)
    assert two.texts.index(library.phrase("offer_to_go_on", "en")) < two.texts.index(
        library.phrase("on_to_the_next", "en")
    )
    assert two.records("exercise_finished")[0].outcome == "unseen"


def test_the_offer_is_taken_back_when_she_comes_into_the_pose(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.be(all_fours, library.coaching.guide.offer_after + 3.0)
    assert library.phrase("offer_to_go_on", "en") in two.texts
    two.until("between", dog)
    assert two.records("exercise_finished")[0].outcome == "done"


def test_away_from_the_mat_is_no_reason_to_go_on(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.be(empty, 100.0)
    assert two.now.stage == "exercise"
    assert library.phrase("offer_to_go_on", "en") not in two.texts


def test_the_end_is_kind_even_where_nothing_was_seen(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.until("finished", all_fours, limit=200.0)
    assert one.now.strength == library.phrase("strength_came", "en")
    assert one.now.next_time == library.phrase("next_time_same", "en")


# --- leaving, pausing, skipping -------------------------------------------------------------------------------


def test_it_is_over_once_all_is_said(library: Library, mat: Callable[..., Mat], short_dog: Exercise) -> None:
    one = mat(short_dog, wishes=Wishes())
    one.until("exercise", all_fours)
    one.until("finished", dog)
    assert not one.now.over
    one.be(all_fours, 15.0)
    assert one.now.over
    over_at = next(shot.t for shot in one.shots if shot.over)
    last = one.said[-1]
    assert last.text == one.now.next_time
    assert over_at >= last.t + 0.3 * len((last.text or "").split())


# --- its words ------------------------------------------------------------------------------------------------


def test_a_plan_must_have_an_exercise(library: Library) -> None:
    with pytest.raises(ValueError, match="a plan must have at least one exercise"):
        Session(Plan(()), library)
