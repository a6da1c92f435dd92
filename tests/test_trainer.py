"""One exercise over time: what she hears, what is counted, and what happens when she leaves."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bodies import (
    ALL_FOURS,
    DOG,
    FRAME,
    SEATED,
    STANDING,
    TWISTED,
    Shape,
    dog,
    events,
    film,
    gone,
    in_phases,
    play,
    seated,
    side_body,
    still,
    timeline,
    times,
)

from posecheck.body import Body, choose_near
from posecheck.instants import assess_photograph, entered, highlight_of
from posecheck.library import Library
from posecheck.moment import Moment, PhaseNow
from posecheck.pose import MIRROR, Landmark, Pose, nobody, stack
from posecheck.quantities import name_view
from posecheck.trainer import Trainer

FPS = 10.0
BENT: Shape = {**DOG, "elbow": 120.0}


def train(library: Library, name: str = "downward_dog", **options: Any) -> Trainer:
    return Trainer(library.exercises[name], library, **options)


def kinds(moments: list[Moment], *which: str) -> list[tuple[float, str]]:
    return [(round(e.t, 3), e.kind) for e in events(moments, *which)]


def course(*stops: tuple[float, Shape]) -> Callable[[float], Shape]:
    """Return shapes that change at once: each lasts until its time."""
    return lambda t: next(shape for until, shape in stops if t < until)


# --- a hold ----------------------------------------------------------------------------------------------------


def test_two_holds_of_a_good_dog(library: Library) -> None:
    shape = course((2.0, ALL_FOURS), (11.5, DOG), (15.0, ALL_FOURS), (26.0, DOG))
    moments = play(train(library), film(shape, times(25.0, FPS)))
    told = events(moments)
    assert [e.kind for e in told] == [
        "entered", "counting", "guide", "held", "praise", "left",
        "entered", "counting", "held", "done", "praise",
    ]  # fmt: skip
    assert [e.seconds for e in told if e.kind == "held"] == pytest.approx([8.0, 8.0], abs=0.21)
    assert [e.id for e in told if e.text] == ["during", "done", "done"]
    assert moments[-1].holds == 2
    assert moments[-1].target_s == 8.0
    assert moments[-1].cycle_target is None


# --- looks -----------------------------------------------------------------------------------------------------


def test_between_two_looks_only_her_presence_and_the_time_are_new(library: Library) -> None:
    trainer = train(library)
    poses = [
        *still(dog, times(2.1, 20.0)),
        *film(course((9.0, BENT)), times(0.2, 20.0, start=2.15)),
        nobody(2.39, FRAME),
    ]
    moments = play(trainer, poses)
    at = {round(m.t, 2): m for m in moments}
    assert [m.t for m in moments if m.look] == pytest.approx(times(2.2, 5.0))
    # Her elbow is bent, but nobody has looked.
    assert replace(at[2.15], t=2.0, look=True) == replace(at[2.0], events=())
    assert at[2.2].measures["elbow_angle"] < at[2.15].measures["elbow_angle"]
    assert (at[2.39].person, at[2.39].t) == (False, 2.39)
    assert replace(at[2.39], t=2.35, person=True) == at[2.35]


def test_a_slow_camera_is_looked_at_in_every_picture(library: Library) -> None:
    assert all(moment.look for moment in play(train(library), still(dog, times(5.0, 3.0))))


def test_times_that_a_file_rounds_to_a_millisecond_are_looked_at_alike(library: Library) -> None:
    shape = course((2.0, ALL_FOURS), (6.0, BENT), (30.0, DOG))
    exact, rounded = (
        events(play(train(library), film(lambda t: shape(round(t, 3) + 1e-4), at)))
        for at in (times(12.0, 30.0), [math.floor(t * 1000) / 1000 for t in times(12.0, 30.0)])
    )
    assert [(e.kind, e.id) for e in rounded] == [(e.kind, e.id) for e in exact]
    assert [e.t for e in rounded] == pytest.approx([e.t for e in exact], abs=0.002)


def test_times_that_differ_in_their_last_digit_are_the_same(library: Library) -> None:
    """0.2 s added up fourteen times are no 2.8 s: what is compared with a time would fall on either side of it."""
    shape = course((2.1, ALL_FOURS), (6.1, BENT), (30.0, DOG))
    exact = [i / 5 for i in range(60)]
    added = np.cumsum([0.0, *[0.2] * 59]).tolist()
    assert exact != added
    one, other = (play(train(library), film(shape, at)) for at in (exact, added))
    assert one == other


@pytest.mark.parametrize("seconds", [0.2, 0.4, 0.6, 1.2])
def test_what_lasts_a_whole_number_of_looks_ends_at_the_last_of_them(library: Library, seconds: float) -> None:
    dogs = library.exercises["downward_dog"]
    assert dogs.entry is not None
    dogs = dogs.changed(entry=dogs.entry.model_copy(update={"enter_after": seconds, "exit_after": seconds}))
    shape = course((1.1, ALL_FOURS), (5.1, DOG), (99.0, ALL_FOURS))
    moments = play(Trainer(dogs, library), film(shape, times(9.0, FPS)))
    came = next(m.t for m in moments if m.phase == "enter")
    went = next(m.t for m in moments if m.phase == "leave")
    told = events(moments, "entered", "left")
    assert [event.kind for event in told] == ["entered", "left"]
    assert [event.t for event in told] == pytest.approx([came + seconds, went + seconds])


def test_a_moment_says_what_is(library: Library) -> None:
    moments = play(train(library), film(course((1.0, ALL_FOURS), (9.0, DOG)), times(4.0, FPS)))
    first, last = moments[0], moments[-1]
    assert (first.person, first.in_pose, first.phase, first.side) == (True, False, "out", None)
    assert (last.in_pose, last.phase, last.counting, last.faults, last.unknown) == (True, "hold", True, (), ())
    assert last.measures["knee_angle"] == pytest.approx(172, abs=0.5)
    assert last.held_s == pytest.approx(4.0 - 1.6, abs=0.35)


def test_a_cue_its_highlight_and_praise_once(library: Library) -> None:
    shape = course((2.0, ALL_FOURS), (6.0, BENT), (30.0, DOG))
    moments = play(train(library), film(shape, times(12.0, FPS)))
    said = [(e.kind, e.id) for e in events(moments) if e.text]
    assert said == [("guide", "during"), ("cue", "elbows_bent"), ("praise", "mended"), ("praise", "done")]
    cued = next(m for m in moments if any(e.kind == "cue" for e in m.events))
    assert cued.faults == ("elbows_bent",)
    assert cued.highlight == (Landmark.RIGHT_SHOULDER, Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST)
    assert cued.sentence is not None
    assert cued.sentence.text == "Press the floor away until your arms are long."
    mended = next(m for m in moments if any(e.id == "mended" for e in m.events))
    assert 7.5 <= mended.t < 8.5
    assert mended.highlight == ()


def test_on_the_way_out_no_new_fault_begins(library: Library) -> None:
    leaving: Shape = {**BENT, "tilt": -2.0}
    shape = course((2.0, ALL_FOURS), (5.0, DOG), (5.4, BENT), (6.3, leaving), (99.0, DOG))
    moments = play(train(library), film(shape, times(8.0, FPS)))
    assert {m.phase for m in moments if 5.65 < m.t < 6.35} == {"leave"}
    assert {fault for m in moments for fault in m.faults} == set()


def test_who_leaves_with_a_fault_is_not_praised(library: Library) -> None:
    shape = course((2.0, ALL_FOURS), (6.0, BENT), (30.0, ALL_FOURS))
    moments = play(train(library), film(shape, times(14.0, FPS)))
    assert "left" in [e.kind for e in events(moments)]
    assert events(moments, "praise") == []


def test_who_walks_off_with_a_fault_is_not_praised(library: Library) -> None:
    poses = film(course((2.0, ALL_FOURS), (30.0, BENT)), times(6.0, FPS))
    moments = play(train(library), [*poses, *gone(times(10.0, FPS, start=6.1))])
    assert events(moments, "praise") == []
    assert [e.id for e in events(moments, "reason")] == ["away"]


def test_a_fault_that_goes_out_of_sight_is_not_praised(library: Library) -> None:
    hidden = {**BENT, "hidden": ("elbow",)}
    moments = play(train(library), film(course((2.0, ALL_FOURS), (6.0, BENT), (30.0, hidden)), times(12.0, FPS)))
    assert [e.id for e in events(moments, "praise")] == ["done"]
    assert moments[-1].unknown == ("shoulders_forward", "elbows_bent")
    assert moments[-1].faults == ()


def test_a_minute_away_pauses_and_resumes(library: Library) -> None:
    poses = [
        *film(course((2.0, ALL_FOURS), (99.0, DOG)), times(6.0, FPS)),
        *gone(times(60.0, FPS, start=6.1)),
        *film(lambda _: ALL_FOURS, times(3.0, FPS, start=66.2)),
        *still(dog, times(8.0, FPS, start=69.3)),
    ]
    moments = play(train(library), poses)
    before = next(m for m in moments if m.t > 6.05).held_s
    assert before == pytest.approx(3.4, abs=0.4)
    assert {round(m.held_s, 6) for m in moments if 7.5 < m.t < 69.0} == {round(before, 6)}
    found = [kind for _, kind in kinds(moments, "away", "back", "left", "entered", "held", "paused", "counting")]
    assert found == [
        "entered", "counting", "left", "paused", "away", "back", "entered", "counting", "held",
    ]  # fmt: skip
    held = events(moments, "held")[0]
    assert held.t == pytest.approx(69.3 + 0.6 + 8.0 - before, abs=0.5)
    assert [e.id for e in events(moments) if e.id in ("away", "back")] == ["away", "back"]


# --- sides -----------------------------------------------------------------------------------------------------


def test_each_side_of_a_twist_is_a_hold_of_its_own(library: Library) -> None:
    left: Shape = {**TWISTED, "raised": "left"}
    right: Shape = {"twist": -25.0, "raised": "right"}
    away: Shape = {**SEATED, "knee_up": -0.9, "other_knee": -0.9}  # up on her feet
    shape = course((2.0, SEATED), (12.0, left), (15.0, away), (99.0, right))
    moments = play(train(library, "twist"), film(shape, times(34.0, FPS), seated))
    assert moments[110].side == "left"
    assert moments[110].held_s == pytest.approx(8.4, abs=0.6)
    second = next(m for m in moments if m.t > 15.0 and m.in_pose)
    assert (second.side, second.held_s) == ("right", 0.0)
    (held,) = events(moments, "held")
    assert held.side == "right"
    assert held.t > 30.0
    assert moments[-1].sides_s["left"] == pytest.approx(9.4, abs=0.3)
    assert moments[-1].sides_s["right"] == pytest.approx(15.0, abs=0.3)


def test_a_twist_is_done_when_both_sides_are(library: Library) -> None:
    left: Shape = {**TWISTED, "raised": "left"}
    right: Shape = {"twist": -25.0, "raised": "right"}
    shape = course((2.0, SEATED), (20.0, left), (23.0, SEATED), (42.0, left), (45.0, SEATED), (99.0, right))
    moments = play(train(library, "twist"), film(shape, times(64.0, FPS), seated))
    assert [e.side for e in events(moments, "held")] == ["left", "left", "right"]
    (done,) = events(moments, "done")
    assert done.t > 45.0


def test_turning_about_out_of_the_pose_is_not_the_other_side(library: Library) -> None:
    about: Shape = {"twist": -30.0, "raised": "right", "knee_up": -0.9, "other_knee": -0.9}  # up on her feet
    shape = course((2.0, SEATED), (8.0, TWISTED), (12.0, about), (99.0, TWISTED))
    moments = play(train(library, "twist"), film(shape, times(14.0, FPS), seated))
    before = moments[79].held_s
    assert before > 4.0
    assert not any(m.in_pose for m in moments if 9.5 < m.t < 12.0)
    assert moments[-1].side == "left"
    assert moments[-1].held_s > before + 1.0


def test_the_side_changes_within_the_pose_too(library: Library) -> None:
    shape = course((2.0, SEATED), (8.0, TWISTED), (99.0, {"twist": -25.0, "raised": "right"}))
    moments = play(train(library, "twist"), film(shape, times(10.0, FPS), seated))
    assert moments[79].side == "left"
    assert moments[-1].side == "right"
    assert moments[-1].held_s < 2.15


# --- staying in ------------------------------------------------------------------------------------------------

SUNK: Shape = {"twist": 3.0, "hand_on_knee": False, "knee_out": 0.15, "height": 0.8}
"""A twist that sinks as the model sees it: neither her turn nor her hand on the knee is read any more."""


def test_a_mistake_that_hides_what_she_came_in_by_does_not_put_her_out(library: Library) -> None:
    assert not entered(library.exercises["twist"], Body.by_itself(seated(**SUNK), library.coaching.sight))
    shape = course((2.0, SEATED), (5.0, TWISTED), (99.0, SUNK))
    moments = play(train(library, "twist"), film(shape, times(8.0, FPS), seated))
    assert {m.phase for m in moments if m.t > 4.0} == {"hold"}
    assert "collapsed" in {e.id for e in events(moments, "cue")}


def test_what_is_enough_to_stay_lets_nobody_in(library: Library) -> None:
    moments = play(train(library, "twist"), film(course((99.0, SUNK)), times(8.0, FPS), seated))
    assert not any(m.in_pose for m in moments)


def test_who_has_held_for_long_enough_is_free_to_come_out(library: Library) -> None:
    shape = course((2.0, SEATED), (19.0, TWISTED), (99.0, {**SUNK, "height": 1.0}))
    moments = play(train(library, "twist"), film(shape, times(26.0, FPS), seated))
    (held,) = events(moments, "held")
    (left,) = events(moments, "left")
    assert held.t < 19.0 < left.t < 21.0
    assert events(moments, "cue") == []


# --- what is not seen ------------------------------------------------------------------------------------------


def test_nobody_at_all(library: Library) -> None:
    moments = play(train(library), gone(times(30.0, 5)))
    assert {m.phase for m in moments} == {"away"}
    assert events(moments) == []
    assert all(m.measures == {} and m.sentence is None for m in moments)


def test_bursts_without_anybody_change_nothing(library: Library) -> None:
    whole = film(course((2.0, ALL_FOURS), (99.0, DOG)), times(9.0, FPS))
    burst = [nobody(float(p.t), FRAME) if 40 <= i < 46 or i in (60, 61, 75) else p for i, p in enumerate(whole)]
    one, other = play(train(library), whole), play(train(library), burst)
    assert kinds(other) == kinds(one)
    assert other[-1].held_s == pytest.approx(one[-1].held_s)


@pytest.mark.parametrize("at", [35, 47, 70])
def test_head_and_tail_exchanged_for_a_frame_does_not_speak(at: int, library: Library) -> None:
    poses = film(course((2.0, ALL_FOURS), (99.0, DOG)), times(9.0, FPS))
    image = poses[at].image.copy()
    image[..., 0] = FRAME[0] - image[..., 0]
    image[..., 1] = FRAME[1] - image[..., 1]  # upside down, which is what a flip looks like
    poses[at] = replace(poses[at], image=image)
    moments = play(train(library), poses)
    assert [e.kind for e in events(moments)] == ["entered", "counting", "guide"]
    assert moments[-1].faults == ()


def test_left_and_right_exchanged_for_a_frame_does_not_speak(library: Library) -> None:
    poses = film(course((2.0, ALL_FOURS), (99.0, DOG)), times(9.0, FPS))
    poses[50] = replace(
        poses[50],
        image=poses[50].image[MIRROR],
        visibility=poses[50].visibility[MIRROR],
        world=poses[50].world[MIRROR],
    )
    assert [e.kind for e in events(play(train(library), poses))] == ["entered", "counting", "guide"]


def test_seen_from_the_wrong_side_nothing_is_judged_and_it_is_said(library: Library) -> None:
    turned = {**BENT, "apart": (0.6, 0.0)}
    moments = play(train(library), film(course((2.0, ALL_FOURS), (99.0, turned)), times(8.0, FPS)))
    assert {fault for m in moments for fault in m.faults} == set()
    assert [e.id for e in events(moments, "reason", "cue")] == ["turn"]
    assert moments[-1].in_pose
    assert not moments[-1].counting
    assert len(moments[-1].unknown) == 8


def test_what_cannot_be_seen_is_asked_for(library: Library) -> None:
    hidden = {**DOG, "hidden": ("wrist", "elbow")}
    moments = play(train(library), still(side_body, times(8.0, FPS), **hidden))
    assert [e.id for e in events(moments, "reason")] == ["show_hands"]
    assert not any(m.in_pose for m in moments)


def test_who_stays_out_of_the_pose_is_told_how_to_come_in(library: Library) -> None:
    moments = play(train(library), still(side_body, times(29.0, FPS), **ALL_FOURS))
    said = events(moments, "reason")
    entry = library.exercises["downward_dog"].entry
    assert entry is not None
    assert [(e.id, e.text) for e in said] == [("come_in", entry.say["en"])] * 2
    assert [e.t for e in said] == pytest.approx([6.0, 26.0], abs=0.11)


# --- manners ---------------------------------------------------------------------------------------------------


def test_never_two_sentences_at_one_instant(library: Library) -> None:
    # The elbows are mended just as the hold is reached.
    said: Counter[str | None] = Counter()
    for mended in np.arange(9.8, 11.2, 0.2):
        shape = course((2.0, ALL_FOURS), (mended, BENT), (99.0, DOG))
        for moment in play(train(library), film(shape, times(12.0, 5))):
            texts = [event.id for event in moment.events if event.text is not None]
            assert len(texts) <= 1
            said.update(texts)
    assert said["elbows_bent"] > 0
    assert said["done"] > 0


def test_standard_is_stricter(library: Library) -> None:
    slightly = {**DOG, "elbow": 153.0}
    shape = course((2.0, ALL_FOURS), (99.0, slightly))
    found = {}
    for strictness in ("gentle", "standard"):
        moments = play(train(library, strictness=strictness), film(shape, times(6.0, FPS)))
        found[strictness] = {fault for m in moments for fault in m.faults}
    assert found == {"gentle": set(), "standard": {"elbows_bent"}}


def test_time_does_not_go_back(library: Library) -> None:
    trainer = train(library)
    trainer.push(dog(1.0))
    with pytest.raises(ValueError, match=re.escape("time must not go back: 0.5 s after 1 s")):
        trainer.push(dog(0.5))


def test_two_trainers_know_nothing_of_each_other(library: Library) -> None:
    poses = film(course((2.0, ALL_FOURS), (99.0, BENT)), times(6.0, FPS))
    alone = play(train(library), poses)
    one, other = train(library), train(library)
    both = [(one.push(p), other.push(nobody(float(p.t), FRAME)))[0] for p in poses]
    assert both == alone


# --- cat -------------------------------------------------------------------------------------------------------


def test_the_phases_of_cat_have_their_names(library: Library) -> None:
    turn = timeline((3.0, {"turn": 0.0}), (5.0, {"turn": 50.0}), (8.5, {"turn": -45.0}), (12.0, {"turn": 50.0}))
    moments = play(train(library, "cat"), film(lambda t: {**ALL_FOURS, **turn(t)}, times(12.0, FPS)))
    at = {round(m.t, 1): m.phase for m in moments}
    assert (at[0.0], at[1.0], at[5.0], at[8.5], at[12.0]) == ("enter", "hold", "cat", "cow", "cat")
    assert moments[-1].cycles == 1
    assert moments[-1].cycle_target == 6
    assert moments[-1].target_s is None


# --- phases ----------------------------------------------------------------------------------------------------

ROUND: Shape = {**ALL_FOURS, "turn": 45.0}
DIP: Shape = {**ALL_FOURS, "turn": -40.0}


def rounds(n: int, rest: float) -> Callable[[float], Shape]:
    """Return ``n`` slow rounds of cat from 3 s on, and a rest on all fours."""
    stops = [(0.0, ALL_FOURS), (3.0, ALL_FOURS)]
    for i in range(n):
        stops += [(6.0 + 6.0 * i, ROUND), (9.0 + 6.0 * i, DIP)]
    return timeline(*stops, (3.0 + 6.0 * n + rest, ALL_FOURS))


def test_one_phase_follows_another(library: Library) -> None:
    cat = in_phases(library.exercises["cat"])
    moments = play(Trainer(cat, library), film(rounds(2, 12.0), times(20.0, FPS)))
    told = [e for e in events(moments) if e.kind != "cue"]
    assert [(e.kind, e.id, e.count) for e in told] == [
        ("entered", None, None), ("counting", None, None), ("phase", "rounds", 1), ("guide", "rounds", None),
        ("cycle", "rounds", 1), ("cycle", "rounds", 2), ("phase", "rest", 2), ("guide", "rest", None),
        ("phase", "hold", 3), ("guide", "hold", None), ("counting", None, None),
        ("held", None, 1), ("done", None, None), ("praise", "done", None),
    ]  # fmt: skip
    begun = {e.id: e.t for e in told if e.kind == "phase"}
    assert begun["hold"] - begun["rest"] == pytest.approx(3.0, abs=0.21)
    assert next(e.t for e in told if e.kind == "held") - begun["hold"] == pytest.approx(2.0, abs=0.21)
    rest = next(m for m in moments if m.t > begun["rest"] + 1.0)
    assert rest.current == PhaseNow("rest", "rest", 2, 3)
    assert (rest.target_s, rest.cycle_target, rest.cycles) == (3.0, None, 0)
    assert rest.held_s == pytest.approx(1.1, abs=0.11)


def test_what_she_does_is_counted_in_any_phase(library: Library) -> None:
    cat = in_phases(library.exercises["cat"])
    cat = cat.changed(phases=cat.phases[::-1])
    moments = play(Trainer(cat, library), film(rounds(1, 1.0), times(10.0, FPS)))
    assert moments[0].current == PhaseNow("hold", "a hold", 1, 3)
    assert [(e.id, e.count) for e in events(moments, "cycle")] == [("rounds", 1)]


def test_a_phase_counts_from_its_beginning(library: Library) -> None:
    cat = in_phases(library.exercises["cat"])
    long = cat.phases[1].changed(timed={"target": "12 s", "grace": "1 s"})
    order = [long, cat.phases[0], cat.phases[2]]
    cat = cat.changed(phases=order)
    moments = play(Trainer(cat, library), film(rounds(4, 1.0), times(28.0, FPS)))
    counted = [(e.kind, e.id, e.count) for e in events(moments, "cycle", "phase")]
    assert counted == [
        ("phase", "rest", 1), ("cycle", "rounds", 1), ("phase", "rounds", 2),
        ("cycle", "rounds", 1), ("cycle", "rounds", 2), ("phase", "hold", 3), ("cycle", "rounds", 4),
    ]  # fmt: skip


def test_an_unjudged_time_runs_while_she_is_there(library: Library) -> None:
    cat = library.exercises["cat"]
    ball = cat.changed(entry=None, checks=(), neutral=None, cycles=None, timed={"target": "10 s", "grace": "4 s"})
    poses = [
        *still(dog, times(3.0, FPS)),
        *gone(times(3.0, FPS, start=3.1)),  # a ball in the way: bridged
        *still(side_body, times(2.0, FPS, start=6.2), **STANDING),
        *gone(times(30.0, FPS, start=8.3)),  # the baby needs her
        *still(dog, times(7.0, FPS, start=38.4)),
    ]
    moments = play(Trainer(ball, library), poses)
    found = [(e.kind, round(e.t, 1)) for e in events(moments) if e.kind not in ("guide", "reason")]
    assert found == [
        ("entered", 0.0), ("counting", 0.0), ("left", 12.2), ("away", 12.2), ("paused", 12.2), ("back", 39.2),
        ("entered", 39.2), ("counting", 39.2), ("done", 41.0), ("praise", 41.0),
    ]  # fmt: skip
    assert not entered(ball, Body.by_itself(stack(poses), library.coaching.sight)).any()
    assert assess_photograph(ball, library, dog()).in_pose
    assert not assess_photograph(ball, library, nobody(0.0, FRAME)).in_pose


# --- a photograph, and the stateless questions -----------------------------------------------------------------


def test_a_photograph_is_judged_at_once(library: Library) -> None:
    found = assess_photograph(library.exercises["downward_dog"], library, side_body(3.0, **BENT))
    assert (found.person, found.in_pose, found.phase, found.faults) == (True, True, "hold", ("elbows_bent",))
    assert [(e.kind, e.id, e.t) for e in found.events] == [("cue", "elbows_bent", 3.0)]
    assert found.highlight
    out = assess_photograph(library.exercises["downward_dog"], library, side_body(**{**ALL_FOURS, "elbow": 120.0}))
    assert (out.in_pose, out.phase, out.faults, out.events) == (False, "out", (), ())
    empty = assess_photograph(library.exercises["downward_dog"], library, nobody(0.0, FRAME))
    assert (empty.person, empty.in_pose, empty.phase) == (False, False, "away")


def test_entered_asks_each_instant_by_itself(library: Library) -> None:
    poses = stack([dog(0.0), side_body(0.1, **ALL_FOURS), nobody(0.2, FRAME), dog(0.3, near="left")])
    body = Body.by_itself(poses, library.coaching.sight)
    assert entered(library.exercises["downward_dog"], body).tolist() == [True, False, False, True]
    assert entered(library.exercises["cat"], body).tolist() == [False, True, False, False]
    assert entered(library.exercises["cat"], Body.by_itself(poses[1], library.coaching.sight)).tolist() is True


@pytest.mark.parametrize(
    ("pose", "view"),
    [
        (dog(), "side"),
        (seated(), "front"),
        (seated(twist=55.0), "three_quarter"),
        (nobody(0.0, FRAME), "unknown"),
        (dog(hidden=("shoulder",)), "unknown"),
    ],
)
def test_views(pose: Pose, view: str, library: Library) -> None:
    body = Body(pose, choose_near(pose.visibility), library.coaching.sight)
    assert name_view(np.atleast_1d(body.view_ratio), library.coaching.views) == view


def test_the_highlight_is_the_near_side_or_both(library: Library) -> None:
    found = library.exercises["downward_dog"]
    assert highlight_of(found, "elbows_bent", 0) == (
        Landmark.LEFT_SHOULDER,
        Landmark.LEFT_ELBOW,
        Landmark.LEFT_WRIST,
    )
    assert set(highlight_of(found, "back_rounded", 0)) == {
        Landmark.LEFT_SHOULDER,
        Landmark.RIGHT_SHOULDER,
        Landmark.LEFT_HIP,
        Landmark.RIGHT_HIP,
    }
    assert highlight_of(found, "nothing", 0) == ()
