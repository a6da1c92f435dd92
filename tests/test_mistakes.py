"""Each check of the shipped exercises fires on exactly its own mistake."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, TWISTED, Shape, events, film, play, seated, side_body, timeline, times
from doing import (
    BODY,
    CHECKS,
    FPS,
    PRESSED,
    cat_cow,
    dog_with,
    eagle_with,
    fold_with,
    lie_with,
    lotus_with,
    seat_with,
    swing,
    watch,
)

from posecheck.body import Body
from posecheck.instants import entered
from posecheck.library import Library
from posecheck.pose import PAIRS, Pose, stack
from posecheck.rules import Assessment, assess, make_criteria
from posecheck.spec import Exercise, Quantity
from posecheck.trainer import Trainer

Key = str | tuple[str, str | float]
"""A measure as it reads; or against her own neutral, by the name of how; or its range over so many seconds."""


def assess_reading(exercise: Exercise, seen: Mapping[Key, float]) -> Assessment:
    """Judge one instant of which only these quantities are seen."""

    def value(q: Quantity) -> float:
        how = q.against or q.over
        return seen.get((q.measure, how) if how else q.measure, math.nan)

    values = np.array([value(q) for q in exercise.quantities])
    return assess(make_criteria(exercise, 0.0), values)


def told(exercise: Exercise, seen: Mapping[Key, float]) -> set[str]:
    beyond = assess_reading(exercise, seen).beyond
    return {check.id for check, out in zip(exercise.checks, beyond, strict=True) if out}


MISTAKES: list[tuple[str, str, Callable[[float], Shape], float]] = [
    ("downward_dog", "elbows_bent", dog_with(elbow=120.0), 7.0),
    ("downward_dog", "shoulders_forward", dog_with(tilt=-21.0, hip=86.0, arm=125.0, knee=156.0), 7.0),
    ("downward_dog", "hips_low", dog_with(tilt=-16.0, hip=140.0, arm=160.0, elbow=160.0, legs=0.65), 7.0),
    ("downward_dog", "back_rounded", dog_with(turn=62.0), 7.0),
    ("downward_dog", "head_lifted", dog_with(head=-40.0), 7.0),
    ("downward_dog", "stance_short", dog_with(tilt=-41.0, hip=50.0, arm=150.0, knee=165.0), 8.0),
    ("downward_dog", "stance_long", dog_with(tilt=-30.0, hip=105.0, legs=0.8), 8.0),
    ("downward_dog", "knees_bent", dog_with(tilt=-33.0, hip=55.0, arm=175.0, knee=100.0), 9.0),
    ("cat", "elbows_bent", cat_cow(elbow=125.0), 8.0),
    ("cat", "hands_misplaced", cat_cow(arm=118.0), 9.0),
    ("cat", "knees_misplaced", cat_cow(hip=131.0, knee=110.0), 9.0),
    ("cat", "rocking", cat_cow(shift=swing(0.2)), 16.0),
    ("cat", "back_dumped", cat_cow(low=-85.0), 16.0),
    ("cat", "too_fast", cat_cow(period=3.0), 16.0),
    ("cat", "head_only", cat_cow(low=-3.0, high=3.0, rest=-50.0, head=swing(35.0, start=0.0)), 16.0),
    ("cat", "too_shallow", cat_cow(low=-4.0, high=4.0, rest=-50.0), 20.0),
    ("child", "hips_lifted", fold_with(tilt=-25.0, hip=62.0, knee=85.0, arm=165.0, legs=0.8), 8.0),
    ("child", "hips_shift", fold_with(shift=0.25), 8.0),
    ("child", "head_lifted", fold_with(head=-35.0), 8.0),
    ("child", "elbows_bent", fold_with(elbow=95.0, arm=160.0), 8.0),
    ("child", "palms_lifted", fold_with(tilt=7.0, arm=178.0, hip=52.0), 8.0),
    ("child", "reach_short", fold_with(arm=131.0), 8.0),
    ("letter_t", "knee_not_crossed", lie_with(knee_up=0.4, crossed=0.0), 8.0),
    ("letter_t", "arms_not_wide", lie_with(arm=45.0), 8.0),
    ("letter_t", "elbows_bent", lie_with(elbow=105.0), 8.0),
    ("letter_t", "shoulder_lifted", lie_with(shoulders=0.2), 8.0),
    ("lotus", "leaning", lotus_with(lean=15.0), 8.0),
    ("lotus", "slumped", lotus_with(height=0.82), 8.0),
    ("lotus", "shoulders_not_lifted", lotus_with(shrugs=0.0), 11.0),
    ("lotus", "shoulders_stay_up", lotus_with(shrug=0.11), 9.0),
    ("lotus", "shoulder_follows_head", lotus_with(tilt=swing(13.0, 8.0), hitch=swing(8.0, 8.0)), 9.0),
    ("lotus", "head_tilted_too_far", lotus_with(tilt=swing(33.0, 14.0)), 10.0),
    ("lotus", "head_too_fast", lotus_with(tilt=swing(18.0, 2.4)), 8.0),
    ("eagle", "arms_not_crossed", eagle_with(elbows=0.8, wrists=0.8), 8.0),
    ("eagle", "elbows_low", eagle_with(lift=-0.35), 8.0),
    ("eagle", "shoulders_raised", eagle_with(shrug=0.12, lift=0.05), 8.0),
    ("eagle", "leaning", eagle_with(lean=16.0), 8.0),
    ("eagle", "forearms_tilted", eagle_with(tipped=35.0), 8.0),
    ("eagle", "too_fast", eagle_with(period=2.4), 14.0),
    ("eagle", "palms_pressed", eagle_with(**PRESSED), 12.0),
    ("twist", "not_turned", seat_with(twist=4.0), 9.0),
    ("twist", "head_only", seat_with(twist=4.0, head=50.0), 8.0),
    ("twist", "leaning", seat_with(lean=20.0), 8.0),
    ("twist", "collapsed", seat_with(height=0.8), 8.0),
    ("twist", "knee_dropped", seat_with(knee_up=0.0, knee_out=0.8), 8.0),
    ("twist", "hand_off_knee", seat_with(hand_on_knee=False), 8.0),
    ("twist", "hips_uneven", seat_with(hips=28.0), 8.0),
]


@pytest.mark.parametrize(
    ("name", "check", "shape", "seconds"), [pytest.param(*m, id=f"{m[0]}-{m[1]}") for m in MISTAKES]
)
def test_a_mistake_fires_its_check_and_no_other(
    name: str, check: str, shape: Callable[[float], Shape], seconds: float, library: Library
) -> None:
    moments = watch(name, library, shape, seconds, BODY[name])
    assert {fault for m in moments for fault in m.faults} == {check}
    said = events(moments, "cue")
    assert {e.id for e in said} == {check}
    found = next(c for c in library.exercises[name].checks if c.id == check)
    assert said[0].text == found.say["en"]
    if found.limits[0].measure != "cycle_period":  # cycles are too short from the first one on
        assert said[0].t >= events(moments, "entered")[0].t + found.persist - 1e-9


@pytest.mark.parametrize(
    ("lean", "height", "check"),
    [pytest.param(17.0, 0.6, "collapsed", id="sinks"), pytest.param(22.0, 1.0, "leaning", id="leans")],
)
def test_a_turned_chest_that_sinks_also_leans_and_hears_only_that_it_sank(
    lean: float, height: float, check: str, library: Library
) -> None:
    moments = watch("twist", library, seat_with(lean=lean, height=height), 8.0, seated)
    assert {fault for m in moments for fault in m.faults} == {check}


def test_a_turned_chest_that_leans_toward_the_camera_too_hears_that_it_leans(library: Library) -> None:
    toward: Shape = {"twist": 45.0, "lean": 28.0, "height": 0.72}
    moments = watch("twist", library, lambda t: toward if t > 4.0 else seat_with()(t), 8.0, seated)
    assert {fault for m in moments for fault in m.faults} == {"leaning"}


def test_a_knee_that_is_read_outward_but_not_low_has_not_dropped(library: Library) -> None:
    moments = watch("twist", library, seat_with(knee_up=0.09, knee_out=0.8), 8.0, seated)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == set()


def test_a_head_that_turns_over_a_trunk_that_sinks_is_not_told_as_well(library: Library) -> None:
    sunk: Shape = {"twist": 4.0, "height": 0.75, "head": 50.0}
    moments = watch("twist", library, lambda t: sunk if t > 4.0 else seat_with()(t), 9.0, seated)
    assert {fault for m in moments for fault in m.faults} == {"collapsed"}


@pytest.mark.parametrize(("seconds", "told"), [(5.5, False), (7.0, True)])
def test_who_sits_down_has_time_to_hear_that_she_is_to_turn(seconds: float, told: bool, library: Library) -> None:
    square: Shape = {"twist": 2.0, "hand_on_knee": True}
    moments = watch("twist", library, lambda t: square, seconds, seated)
    assert events(moments, "entered")[0].t < 1.0
    assert any("not_turned" in m.faults for m in moments) is told


def test_a_knee_beside_a_trunk_that_has_sunk_is_not_told_to_have_dropped(library: Library) -> None:
    moments = watch("twist", library, seat_with(height=0.7, knee_up=-0.1, knee_out=0.9), 9.0, seated)
    assert {fault for m in moments for fault in m.faults} == {"collapsed"}


def test_arms_out_of_sight_do_not_put_who_leans_out_of_the_twist(library: Library) -> None:
    def body(t: float, **shape: Any) -> Pose:
        return seated(t, **shape, hidden=("elbow", "wrist") if t > 4.0 else ())

    leans: Shape = {**TWISTED, "twist": 15.5, "lean": 20.0}
    moments = watch("twist", library, lambda t: leans if t > 4.0 else seat_with()(t), 9.0, body)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == {"leaning"}


def test_arms_that_sink_far_do_not_put_her_out_of_the_t(library: Library) -> None:
    sunk: Shape = {"knee_up": 0.5, "arm": 32.0}
    moments = watch("letter_t", library, lambda t: sunk if t > 3.0 else lie_with()(t), 6.0, BODY["letter_t"])
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == {"arms_not_wide"}


def test_shins_that_are_misread_do_not_hide_her_own_tabletop(library: Library) -> None:
    trainer = Trainer(library.exercises["cat"], library)
    play(trainer, film(lambda t: {**ALL_FOURS, "knee": 45.0, "turn": -50.0}, times(3.0, FPS), side_body))
    assert trainer.neutral["back_turn"] == pytest.approx(-50.0, abs=8.0)


def test_a_shoulder_that_follows_a_little_is_told_at_the_first_roll(library: Library) -> None:
    moments = watch("lotus", library, lotus_with(tilt=swing(13.0, 8.0), hitch=swing(4.0, 8.0)), 6.0, BODY["lotus"])
    assert [e.id for e in events(moments, "cue")] == ["shoulder_follows_head"]


def test_a_roll_that_is_too_wide_is_not_told_as_a_shoulder_that_follows(library: Library) -> None:
    wide = lotus_with(tilt=swing(40.0, 14.0), hitch=swing(4.5, 14.0))
    moments = watch("lotus", library, wide, 16.0, BODY["lotus"])
    assert {fault for m in moments for fault in m.faults} == {"head_tilted_too_far"}


@pytest.mark.parametrize(("period", "told"), [(6.0, set()), (2.9, {"head_too_fast"})])
def test_a_head_that_rolls_twice_as_fast_as_a_calm_one_is_told(
    period: float, told: set[str], library: Library
) -> None:
    moments = watch("lotus", library, lotus_with(shrugs=0.0, tilt=swing(18.0, period)), 9.0, BODY["lotus"])
    assert {fault for m in moments for fault in m.faults} - {"shoulders_not_lifted"} == told


@pytest.mark.parametrize(
    ("moved", "lean", "shoulders", "expected"),
    [
        (24.0, 18.0, 4.0, True),
        (23.0, 18.0, 4.0, False),  # a head that comes back upright from a calm roll
        (30.0, 24.0, 4.0, False),  # rolled too wide
        (30.0, 18.0, 4.5, False),  # the shoulders follow
        (30.0, math.nan, math.nan, True),
    ],
)
def test_a_head_is_quick_only_where_it_is_not_too_wide_and_no_shoulder_follows(
    moved: float, lean: float, shoulders: float, expected: bool, library: Library
) -> None:
    seen: dict[Key, float] = {
        ("head_tilt", 0.9): moved,
        ("head_lean", 3.0): lean,
        ("shoulder_slope", 4.0): shoulders,
    }
    assert ("head_too_fast" in told(library.exercises["lotus"], seen)) is expected


@pytest.mark.parametrize(("between", "good"), [(0.937, False), (0.96, True)])
def test_shoulders_that_come_down_only_a_little_between_lifts_stay_up(
    between: float, good: bool, library: Library
) -> None:
    exercise = library.exercises["lotus"]
    seen: dict[Key, float] = {("neck_length", "neutral_ratio"): between, ("torso_height", "neutral_ratio"): 1.05}
    at = [check.id for check in exercise.checks].index("shoulders_stay_up")
    assert bool(assess_reading(exercise, seen).within[at]) is good


@pytest.mark.parametrize(
    ("width", "head", "turn", "expected"),
    [
        (0.97, 17.0, 10.0, {"head_only"}),
        (0.93, 17.0, 10.0, set()),
        (0.97, 14.0, 10.0, set()),
        (0.97, 30.0, 17.0, {"head_only"}),
        (0.97, 30.0, 24.0, set()),
    ],
)
def test_shoulders_narrower_than_in_her_square_seat_have_turned_however_their_turn_reads(
    width: float, head: float, turn: float, expected: set[str], library: Library
) -> None:
    # A trunk that grows in the turn makes the shoulders look narrower for its length; they are as wide as before.
    seen: dict[Key, float] = {
        "head_turn": head, "twist": turn, "view_ratio": 0.69,
        ("shoulder_width", "neutral_ratio"): width, ("trunk_length", "neutral_ratio"): 1.08,
    }  # fmt: skip
    assert told(library.exercises["twist"], seen) == expected


@pytest.mark.parametrize(
    ("travel", "view", "expected"), [(19, 0.35, {"head_only"}), (28, 0.35, set()), (19, 0.4, set())]
)
def test_a_back_that_reads_a_little_restless_is_still_one_that_keeps_still(
    travel: float, view: float, expected: set[str], library: Library
) -> None:
    seen: dict[Key, float] = {
        ("back_turn", 3.0): travel, ("head_angle", 3.0): 90.0, "back_turn": -45.0, "view_ratio": view,
    }  # fmt: skip
    assert told(library.exercises["cat"], seen) == expected


@pytest.mark.parametrize(("arm", "expected"), [(165.0, 1.0), (90.0, 1.0), (10.0, 0.0)])
def test_a_hand_beside_her_head_keeps_her_in_a_letter_t(arm: float, expected: float, library: Library) -> None:
    seen: dict[Key, float] = {"trunk_tilt": 0.0, "raised_knee": 0.0, "arm_line": arm, "spine_twist": 0.0}
    assert assess_reading(library.exercises["letter_t"], seen).stays == expected


@pytest.mark.parametrize(
    ("check", "measure", "x", "expected"),
    [
        ("knee_not_crossed", "raised_knee", 0.22, "within"),  # a knee that has crossed, misread
        ("knee_not_crossed", "raised_knee", 0.31, "beyond"),  # the lowest of those that have not
        ("elbows_bent", "elbow_angle", 133.0, "beyond"),
        ("elbows_bent", "elbow_angle", 145.0, "between"),  # the highest that a bent one reads on its way
        ("elbows_bent", "elbow_angle", 148.0, "within"),
    ],
)
def test_a_letter_t_is_told_where_rendered_people_went_wrong(
    check: str, measure: str, x: float, expected: str, library: Library
) -> None:
    exercise = library.exercises["letter_t"]
    judged = assess_reading(exercise, {"arm_line": 100.0, "raised_knee": 0.0, "forearm_length": 0.4, measure: x})
    at = [c.id for c in exercise.checks].index(check)
    assert ("beyond" if judged.beyond[at] else "within" if judged.within[at] else "between") == expected


@pytest.mark.parametrize(("length", "expected"), [(0.2, set()), (0.45, {"elbows_bent"})])
def test_a_forearm_that_points_to_the_camera_does_not_tell_its_elbow(
    length: float, expected: set[str], library: Library
) -> None:
    seen: dict[Key, float] = {"elbow_angle": 100.0, "arm_line": 90.0, "forearm_length": length}
    assert told(library.exercises["letter_t"], seen) == expected


@pytest.mark.parametrize(
    ("elbow", "straighter", "expected"),
    [(164.0, -12.5, {"elbows_bent"}), (166.0, -12.5, set()), (164.0, -11.5, set()), (150.0, math.nan, set())],
)
def test_arms_of_a_cat_that_bend_a_little_are_told_against_her_own(
    elbow: float, straighter: float, expected: set[str], library: Library
) -> None:
    seen: dict[Key, float] = {"elbow_angle": elbow, ("elbow_angle", "neutral"): straighter}
    assert told(library.exercises["cat"], seen) == expected


@pytest.mark.parametrize(
    ("hip", "rise", "expected"),
    [(134.0, 0.37, {"stance_long"}), (145.0, 0.37, {"hips_low"}), (134.0, 0.24, {"hips_low"})],
)
def test_a_dog_as_wide_as_it_is_low_is_one_of_the_two(
    hip: float, rise: float, expected: set[str], library: Library
) -> None:
    seen: dict[Key, float] = {"hip_angle": hip, "hip_rise": rise, "span": 3.0}
    assert told(library.exercises["downward_dog"], seen) == expected


@pytest.mark.parametrize(("lean", "expected"), [(3.0, {"too_fast"}), (9.0, set())])
def test_who_leans_is_not_told_to_lift_slowly(lean: float, expected: set[str], library: Library) -> None:
    seen: dict[Key, float] = {"cycle_period": 3.0, ("wrists_apart", 4.0): 0.1, "lean": lean}
    assert told(library.exercises["eagle"], seen) == expected


@pytest.mark.parametrize(("apart", "counted"), [(0.08, 2), (0.33, 0)])
def test_arms_that_drift_apart_do_not_lift(apart: float, counted: int, library: Library) -> None:
    moments = watch("eagle", library, eagle_with(wrists=apart), 16.0, BODY["eagle"])
    assert moments[-1].cycles == counted


@pytest.mark.parametrize(("until", "told"), [(7.8, False), (8.8, True)])
def test_arms_of_a_cat_that_are_misread_for_a_moment_are_not_told_to_be_long(
    library: Library, until: float, told: bool
) -> None:
    arms = cat_cow(elbow=lambda t: 140.0 if 6.0 < t < until else 175.0)
    moments = watch("cat", library, arms, 10.0, side_body)
    assert any("elbows_bent" in m.faults for m in moments) is told


def test_hips_that_sink_far_do_not_put_her_out_of_the_dog(library: Library) -> None:
    sunk: Shape = {**DOG, "tilt": -7.0, "hip": 150.0, "arm": 162.0, "legs": 0.65}
    assert not entered(
        library.exercises["downward_dog"], Body.by_itself(side_body(**sunk), library.coaching.sight)
    )
    way = timeline((2.0, ALL_FOURS), (2.5, DOG), (5.0, DOG), (5.5, sunk), (99.0, sunk))
    moments = watch("downward_dog", library, way, 9.0, side_body)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == {"hips_low"}


def test_shins_that_are_misread_in_a_deep_dip_do_not_put_her_out_of_the_cat(library: Library) -> None:
    misread: Shape = {**ALL_FOURS, "knee": 30.0}
    moments = watch("cat", library, lambda t: ALL_FOURS if t < 4.0 else misread, 7.0, side_body)
    assert moments[-1].measures["hip_heel"] < 0.7
    assert all(m.in_pose and m.phase != "leave" for m in moments if m.t > 2.0)


@pytest.mark.parametrize(
    ("elbow", "share", "faults"),
    [pytest.param(152.0, 0.83, {"elbows_bent"}, id="a little bent"), pytest.param(174.0, 0.78, set(), id="long")],
)
def test_an_arm_that_points_out_of_the_picture_is_bent_where_it_is_short_and_not_straight(
    elbow: float, share: float, faults: set[str], library: Library
) -> None:
    def body(t: float, **shape: Any) -> Pose:
        pose = side_body(t, **shape)
        shoulders, drawn_in = pose.image[PAIRS["shoulder"], :], pose.image.copy()
        for name in ("elbow", "wrist") if t > 3.25 else ():
            drawn_in[PAIRS[name], :] = shoulders + share * (pose.image[PAIRS[name], :] - shoulders)
        return replace(pose, image=drawn_in)

    moments = watch("child", library, fold_with(elbow=elbow, arm=176.0), 8.0, body)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} - {"reach_short"} == faults


@pytest.mark.parametrize("head", [0.0, 35.0])
def test_a_top_that_spans_the_hollow_is_not_a_back_that_keeps_still(head: float, library: Library) -> None:
    """Taut from pelvis to shoulders it reads flat where her back is hollow, and only the rounding is seen."""
    moments = watch("cat", library, cat_cow(low=0.0, high=12.0, head=swing(head, start=0.0)), 20.0, side_body)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == set()


def shallow_then(rest: float) -> Callable[[float], Shape]:
    """Return rounds too small to count for 14 s, then a back that keeps still at ``rest``."""
    small = cat_cow(low=-4.0, high=4.0, rest=-50.0)
    return lambda t: small(t) if t < 14.0 else {**ALL_FOURS, "turn": rest}


@pytest.mark.parametrize("rest", [-50.0, 0.0])
def test_who_keeps_still_after_small_rounds_has_not_mended_them(rest: float, library: Library) -> None:
    moments = watch("cat", library, shallow_then(rest), 26.0, side_body)
    assert "too_shallow" in {e.id for e in events(moments, "cue")}
    assert events(moments, "praise") == []


def test_who_rounds_more_has_mended_it(library: Library) -> None:
    small, large = cat_cow(low=-4.0, high=4.0, rest=-50.0), cat_cow(rest=-50.0)
    moments = watch("cat", library, lambda t: small(t) if t < 14.0 else large(t - 11.0), 26.0, side_body)
    assert [e.id for e in events(moments, "praise")] == ["mended"]


@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
def test_an_outline_that_is_read_anew_in_each_picture_is_no_movement(fps: float, library: Library) -> None:
    """A back that keeps still, its turn off by 20 degrees one way or the other: nothing is seen, nothing said."""
    signs = np.random.default_rng(5).choice([-1.0, 1.0], size=1000)
    trembling = [
        side_body(t, **{**ALL_FOURS, "turn": -50.0 + 20.0 * float(sign)})
        for t, sign in zip(times(14.0, fps), signs, strict=False)
    ]
    moments = play(Trainer(library.exercises["cat"], library), trembling)
    assert list(Trainer(library.exercises["cat"], library).push_all(stack(trembling))) == moments
    assert moments[-1].in_pose
    assert "back_turn" not in moments[-1].measures
    assert moments[-1].cycles == 0
    assert {fault for m in moments for fault in m.faults} == set()


def test_a_cat_half_turned_to_the_camera_is_not_told_that_only_her_head_moves(library: Library) -> None:
    turned = cat_cow(low=-3.0, high=3.0, rest=-50.0, head=swing(35.0, start=0.0), apart=(0.4, 0.02))
    moments = watch("cat", library, turned, 16.0, side_body)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == set()


def test_the_table_of_mistakes_is_complete() -> None:
    assert sorted((name, check) for name, check, _, _ in MISTAKES) == sorted(
        (name, check) for name, checks in CHECKS.items() for check in checks
    )


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("downward_dog", "hips_low"),
        ("child", "hips_lifted"),
        ("letter_t", "knee_not_crossed"),
        ("twist", "not_turned"),
        ("twist", "head_only"),
    ],
)
def test_without_it_she_is_not_in_the_pose_so_the_clock_stands(name: str, check: str, library: Library) -> None:
    shape = next(m[2] for m in MISTAKES if m[:2] == (name, check))
    moments = watch(name, library, shape, 8.0, BODY[name])
    assert moments[-1].in_pose
    assert not moments[-1].counting
    assert moments[-1].held_s == pytest.approx(moments[35].held_s, abs=0.41)


@pytest.mark.parametrize(("turn", "rounded"), [(10.0, False), (30.0, True)])
def test_a_dog_whose_back_reads_flat_is_not_rounded_however_hollow_her_tabletop_was(
    turn: float, rounded: bool, library: Library
) -> None:
    dog = library.exercises["downward_dog"]
    seen = {("back_turn", None): turn, ("back_turn", "neutral"): 60.0, ("back_sagitta", None): 0.07}
    values = np.array([seen.get((q.measure, q.against), math.nan) for q in dog.quantities])
    beyond = assess(make_criteria(dog, 0.0), values).beyond
    assert bool(beyond[[check.id for check in dog.checks].index("back_rounded")]) is rounded


@pytest.mark.parametrize(("seconds", "stopped"), [(0.4, False), (1.2, True)])
def test_hips_that_sink_for_a_moment_do_not_stop_the_clock(
    seconds: float, stopped: bool, library: Library
) -> None:
    sunk = {**DOG, "tilt": -16.0, "hip": 140.0, "arm": 160.0, "elbow": 160.0, "legs": 0.65}
    moments = watch("downward_dog", library, lambda t: sunk if 3.0 <= t < 3.0 + seconds else DOG, 6.0, side_body)
    assert bool(events(moments, "paused")) is stopped


def test_bent_knees_are_the_remedy_for_a_rounded_back(library: Library) -> None:
    shape = dog_with(tilt=-33.0, hip=55.0, arm=175.0, knee=100.0, turn=60.0)
    moments = watch("downward_dog", library, shape, 10.0, side_body)
    assert {fault for m in moments for fault in m.faults} == {"back_rounded"}
