"""A guided session is left, paused, skipped and stopped, and goes on where it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bodies import STANDING, all_fours, dog, seated, side_body
from mat import BRIGHT, FPS, Mat, arms_up, dosed, empty

from posecheck.library import Library
from posecheck.routine import Command
from posecheck.spec import Exercise
from posecheck.speech import Caption


def test_she_leaves_and_is_welcomed_back_where_she_was(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    twist = dosed(exercise("twist"), hold="15 s")
    one = mat(twist)
    one.until("exercise", seated, twist=0.0, hand_on_knee=False)
    one.be(seated, 7.0, twist=25.0)
    before = one.now.moment
    assert before is not None
    assert before.held_s > 2.0
    one.be(empty, 10.0)
    assert library.phrase("away", "en") in one.texts
    assert one.now.caption is not None
    assert one.now.caption.text == library.phrase("away", "en")
    one.be(seated, 3.0, twist=25.0)
    welcome = library.phrase("welcome_back_left", "en", exercise=twist.name["en"])
    assert welcome in one.texts
    assert library.phrase("back", "en") not in one.texts
    assert one.now.caption is not None
    assert one.now.caption.text == welcome
    after = one.now.moment
    assert after is not None
    assert after.held_s > before.held_s


@pytest.mark.parametrize("stage", ["exercise", "between"])
@pytest.mark.parametrize(("brightness", "phrase"), [(0.0, "camera_covered"), (30.0, "too_dark"), (BRIGHT, "away")])
def test_where_nobody_could_be_seen_it_says_so(
    library: Library,
    mat: Callable[..., Mat],
    short_dog: Exercise,
    short_twist: Exercise,
    stage: str,
    brightness: float,
    phrase: str,
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    if stage == "between":
        two.until("between", dog)
    two.be(dog, 2.0)
    two.be(empty, 10.0, brightness=brightness)
    every = {library.phrase(name, "en") for name in ("camera_covered", "too_dark", "away")}
    assert [text for text in two.texts if text in every] == [library.phrase(phrase, "en")]
    assert two.now.caption is not None
    assert two.now.caption.text == library.phrase(phrase, "en")
    two.be(empty, 0.5)  # the first pictures in the light, in which she is not found yet
    two.be(dog, 3.0)
    name = short_dog.name["en"]
    whys = ("welcome_back", "seen_again", "back", "back_in_sight")
    greetings = {why: library.phrase(why, "en", exercise=name) for why in whys}
    expected = whys[(phrase != "away") + 2 * (stage == "between")]  # what is done is not gone on with
    assert [text for text in two.texts if text in greetings.values()] == [greetings[expected]]
    assert two.now.caption is not None
    assert two.now.caption.text not in every


def test_light_again_and_still_nobody_is_away(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.until("exercise", all_fours)
    one.be(dog, 2.0)
    one.be(empty, 10.0, brightness=0.0)
    one.be(empty, library.coaching.presence.away_after + 0.5)
    assert one.now.caption == Caption(library.phrase("away", "en"), "reason")
    one.be(dog, 3.0)
    assert library.phrase("welcome_back", "en", exercise=short_dog.name["en"]) in one.texts


@pytest.mark.parametrize("stage", ["countdown", "rest", "between"])
def test_time_stands_while_she_is_away_from_a_rest(
    library: Library,
    mat: Callable[..., Mat],
    exercise: Callable[[str], Exercise],
    short_twist: Exercise,
    stage: str,
) -> None:
    twice = dosed(exercise("downward_dog"), hold="4 s", times=2)
    two = mat(twice if stage == "rest" else dosed(twice, times=1), short_twist)
    two.until("countdown", all_fours)
    if stage != "countdown":
        two.until("exercise", all_fours)
        two.until(stage, dog)
    two.be(all_fours, 1.0)
    two.be(empty, 60.0)
    left = two.now.left_s
    assert two.now.stage == stage
    assert left is not None
    assert left > 0
    assert library.phrase("away", "en") in two.texts
    going_on = library.phrase("welcome_back", "en", exercise=twice.name["en"])
    welcome = library.phrase("back", "en") if stage == "between" else going_on
    for _ in range(2):
        two.be(all_fours, 1 / FPS)  # a glimpse of somebody
        assert welcome not in two.texts
        two.be(empty, 2.0)
    two.be(all_fours, 1.5)
    assert two.now.stage == stage
    assert [text for text in two.texts if text in (library.phrase("back", "en"), going_on)] == [welcome]


def test_hidden_behind_the_ball_she_is_still_there(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    ball = exercise("fitball")
    one = mat(ball)
    one.until("exercise", seated)
    one.be(seated, 4.0)
    one.be(empty, ball.phases[0].grace - 5.0)
    one.be(seated, 3.0)
    welcomes = {library.phrase(name, "en", exercise=ball.name["en"]) for name in ("welcome_back", "away", "back")}
    assert not welcomes & set(one.texts)
    one.be(empty, ball.phases[0].grace + 5.0)
    assert library.phrase("away", "en") in one.texts


def test_hidden_behind_the_ball_she_is_counted_in_all_the_same(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(exercise("fitball"))
    while not one.shots or one.now.left_s is None or one.now.left_s > 7.0:
        one.be(seated, 1 / FPS)
    one.be(empty, 5.0)
    assert one.now.left_s == pytest.approx(2.0, abs=0.3)


def test_gone_for_very_long_ends_it_with_what_was_done(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.until("between", dog)
    gone = library.coaching.guide.gives_up_after
    two.shots.append(two.session.push(empty(two.t + gone - 5.0), BRIGHT))
    assert two.stages[-1] == "between"
    two.shots.append(two.session.push(empty(two.t + gone + 5.0), BRIGHT))
    two.kept += two.session.records()
    assert two.stages[-2:] == ["between", "finished"]
    assert two.records("session_finished")[0].outcome == "stopped"
    assert len(two.records("hold")) == 1


def test_pause_stops_time_and_says_so(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="10 s"))
    one.be(dog, 7.0)
    before = one.now
    one.session.ask("pause")
    one.be(dog, 60.0)
    assert one.now.paused
    assert one.now.moment == before.moment
    assert one.now.caption == Caption(library.phrase("paused_by_hand", "en"), "guide")
    one.session.ask("resume")
    one.be(dog, 1.0)
    assert before.moment is not None
    assert one.now.moment is not None
    assert one.now.moment.held_s == pytest.approx(before.moment.held_s + 1.0, abs=0.25)
    assert not one.now.paused
    assert one.texts[-2:] == [library.phrase("paused_by_hand", "en"), library.phrase("resumed_by_hand", "en")]


def test_arms_up_pauses_and_goes_on(library: Library, mat: Callable[..., Mat], short_dog: Exercise) -> None:
    one = mat(short_dog)
    one.until("exercise", all_fours)
    one.be(arms_up, 2.5)
    assert one.now.paused
    assert library.phrase("paused_by_sign", "en") in one.texts
    one.be(side_body, 20.0, **STANDING)
    assert one.now.paused
    one.be(arms_up, 2.5)
    assert not one.now.paused
    assert one.texts[-1] == library.phrase("resumed_by_hand", "en")


def test_arms_kept_up_skip(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.be(arms_up, 6.0)
    assert two.now.stage == "between"
    assert not two.now.paused
    assert library.phrase("on_to_the_next", "en") in two.texts
    assert two.records("exercise_finished")[0].outcome == "skipped"


def test_arms_up_starts_without_waiting_for_the_set_up(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(arms_up, 2.5, brightness=10.0)
    assert one.now.stage == "countdown"
    assert library.phrase("setup_skipped", "en") in one.texts


def test_a_camera_that_stands_right_is_not_set_up_again(
    mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    three = mat(short_dog, short_twist, short_twist)
    three.be(all_fours, 1.0)
    three.session.ask("skip")
    three.until("setup", all_fours)
    three.session.ask("skip")
    three.until("countdown", seated)
    assert three.stages == ["setup", "between", "setup", "between", "countdown"]


def test_however_short_the_rest_it_is_said_what_comes_next(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist, rest_s=0.5)
    two.until("exercise", all_fours)
    two.until("between", dog)
    two.until("setup", all_fours)
    two.be(all_fours, 3.0)
    assert library.phrase("on_to_the_next", "en") not in two.texts, "what is done was praised"
    assert library.phrase("last_exercise", "en", exercise=short_twist.name["en"]) in two.texts


def test_to_go_on_where_nothing_was_paused_says_nothing(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(all_fours, 2.0)
    one.session.ask("resume")
    one.be(all_fours, 1.0)
    assert library.phrase("resumed_by_hand", "en") not in one.texts


@pytest.mark.parametrize("command", ["skip", "start"])
def test_a_rest_can_be_cut_short(
    mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise, command: Command
) -> None:
    two = mat(short_dog, short_twist, rest_s=60.0)
    two.until("exercise", all_fours)
    two.until("between", dog)
    two.be(all_fours, 1.0)
    two.session.ask(command)
    two.be(all_fours, 0.3)
    assert (two.now.stage, two.now.position) == ("setup", 1)


def test_a_pause_in_a_rest_does_not_cut_it_short(
    mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist, rest_s=60.0)
    two.until("exercise", all_fours)
    two.until("between", dog)
    two.session.ask("pause")
    two.be(all_fours, 2.0)
    two.session.ask("resume")
    two.be(all_fours, 5.0)
    assert two.now.stage == "between"


def test_stopping_keeps_the_broken_hold_and_why(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="30 s"))
    one.be(dog, 9.0)
    one.session.ask("stop", "dizzy")
    one.be(dog, 1.0)
    one.session.stop()
    one.kept += one.session.records()
    assert [(r.kind, r.stop, r.outcome) for r in one.kept[-3:]] == [
        ("stopped_for", "dizzy", None),
        ("exercise_finished", None, "stopped"),
        ("session_finished", None, "stopped"),
    ]
    assert one.kept[-2].unfinished_s == pytest.approx(4.5, abs=1.0)
    assert one.now.stage == "finished"


def test_what_a_sleeping_computer_has_not_seen_is_no_time_in_the_pose(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="30 s"))
    one.be(dog, 9.0)
    one.t += 25.0
    one.be(dog, 1.0)
    one.session.stop()
    assert 4.0 < one.session.records()[-2].in_pose_s < 8.0


def test_nothing_is_asked_of_a_session_that_has_not_begun_or_is_over(
    mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.session.ask("skip")
    one.session.stop()
    assert one.session.records() == []
    one.be(all_fours, 1.0)
    one.session.ask("stop")
    one.be(all_fours, 1.0)
    kept = list(one.kept)
    commands: tuple[Command, ...] = ("pause", "skip", "start", "stop")
    for command in commands:
        one.session.ask(command)
        one.be(arms_up, 6.0)
    assert one.kept == kept
    assert not one.now.paused
