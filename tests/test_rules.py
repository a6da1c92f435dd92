"""Three-valued judgement: out, good or unknown, what stands over time, and how strict it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck import rules
from posecheck.library import Library
from posecheck.pose import FloatArray
from posecheck.rules import FaultState, assess, fault_step, group_holds, hold_groups, limit_bounds, make_criteria
from posecheck.spec import Exercise, Limit

NAN = math.nan
TEXT = {"en": "Words."}
HOLD = {"hold": {"target": "8 s", "times": 1, "grace": "1 s", "resume_within": "20 s"}}
ROUNDS = {
    "cycles": {
        "measure": "back_turn", "high": "cat", "low": "cow", "rise": 0.6, "fall": 0.4, "min_range": 25,
        "forget": "20 s", "target": 6, "grace": "1 s", "source": "own",
    }
}  # fmt: skip


def an_exercise(
    checks: Sequence[Mapping[str, object]] = (),
    *,
    entry: Sequence[Mapping[str, object]] = ({"measure": "trunk_tilt", "max": -20},),
    any_of: Sequence[Sequence[Mapping[str, object]]] = (),
    stay: Sequence[Mapping[str, object]] = (),
    gate: Sequence[Mapping[str, object]] = (),
    course: Mapping[str, object] = HOLD,
) -> Exercise:
    """Return a small exercise with the given checks."""
    knees: Mapping[str, object] = {
        "id": "knees",
        "limits": [{"measure": "knee_angle", "min": {"good": 160, "ok": 150, "cue": 140}}],
    }
    common = {"priority": 1, "persist": "1 s", "say": TEXT, "source": "own"}
    return Exercise.model_validate(
        {
            "schema": "posecheck/exercise@1",
            "id": "small",
            "name": TEXT,
            "summary": TEXT,
            "framing": {"views": ["side"], "gate": list(gate), "camera": TEXT, "turn": TEXT, "show": ["head"]},
            "entry": {
                "all": list(entry),
                "any": [list(group) for group in any_of],
                "stay": list(stay),
                "enter_after": "0.5 s",
                "exit_after": "1 s",
                "say": TEXT,
                "source": "own",
            },
            **course,
            "steps": {"start": TEXT, "during": TEXT, "done": TEXT},
            "checks": [{**common, **check} for check in (checks or [knees])],
            "safety": [TEXT],
            "sources": {"own": "ourselves"},
        }
    )


def values(exercise: Exercise, **numbers: float) -> FloatArray:
    """Return every quantity, unseen unless given by its measure's name."""
    return np.array([numbers.get(q.measure, NAN) for q in exercise.quantities])


def verdict(exercise: Exercise, strictness: float = 0.0, check: int = 0, **numbers: float) -> str:
    found = assess(make_criteria(exercise, strictness), values(exercise, trunk_tilt=-45, **numbers))
    beyond, within, unknown = (bool(x[check]) for x in (found.beyond, found.within, found.unknown))
    assert beyond + within + unknown <= 1
    return "out" if beyond else "good" if within else "unknown" if unknown else "between"


# --- one check -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knee", "expected"),
    [
        (180, "good"), (150, "good"), (149.9, "between"), (140, "between"), (139.9, "out"), (0, "out"),
        (NAN, "unknown"),
    ],
)  # fmt: skip
def test_a_lower_end(knee: float, expected: str) -> None:
    assert verdict(an_exercise(), knee_angle=knee) == expected


@pytest.mark.parametrize(
    ("knee", "expected"),
    [(10, "out"), (60, "out"), (75, "between"), (90, "good"), (125, "between"), (131, "out"), (NAN, "unknown")],
)
def test_both_ends(knee: float, expected: str) -> None:
    low, high = {"good": 85, "ok": 80, "cue": 70}, {"good": 100, "ok": 120, "cue": 130}
    exercise = an_exercise([{"id": "x", "limits": [{"measure": "knee_angle", "min": low, "max": high}]}])
    assert verdict(exercise, knee_angle=knee) == expected


@pytest.mark.parametrize(
    ("knee", "elbow", "expected"),
    [
        (170, 170, "good"),
        (130, 170, "out"),
        (170, 130, "out"),
        (145, 170, "between"),
        (130, NAN, "out"),  # one limit that is out decides
        (170, NAN, "unknown"),  # but good needs every limit
        (145, NAN, "unknown"),
        (NAN, NAN, "unknown"),
    ],
)
def test_several_limits(knee: float, elbow: float, expected: str) -> None:
    edge = {"good": 160, "ok": 150, "cue": 140}
    limits = [{"measure": "knee_angle", "min": edge}, {"measure": "elbow_angle", "min": edge}]
    assert verdict(an_exercise([{"id": "x", "limits": limits}]), knee_angle=knee, elbow_angle=elbow) == expected


@pytest.mark.parametrize(
    ("knee", "elbow", "expected"),
    [(170, NAN, "good"), (130, NAN, "out"), (170, 130, "out"), (NAN, 170, "unknown"), (145, NAN, "between")],
)
def test_a_limit_that_may_go_unseen(knee: float, elbow: float, expected: str) -> None:
    edge = {"good": 160, "ok": 150, "cue": 140}
    limits = [
        {"measure": "knee_angle", "min": edge},
        {"measure": "elbow_angle", "min": edge, "unseen": "passes"},
    ]
    assert verdict(an_exercise([{"id": "x", "limits": limits}]), knee_angle=knee, elbow_angle=elbow) == expected


@pytest.mark.parametrize(
    ("knee", "elbow", "expected"),
    [
        (130, 170, "out"),
        (170, 170, "good"),
        (145, 170, "between"),
        (130, 100, "good"),  # it does not apply: nothing to correct
        (NAN, 100, "good"),
        (130, NAN, "unknown"),  # not known whether it applies
        (170, NAN, "unknown"),
    ],
)
def test_a_check_with_a_condition(knee: float, elbow: float, expected: str) -> None:
    edge = {"good": 160, "ok": 150, "cue": 140}
    check: Mapping[str, object] = {
        "id": "x",
        "limits": [{"measure": "knee_angle", "min": edge}],
        "when": [{"measure": "elbow_angle", "min": 150}],
    }
    assert verdict(an_exercise([check]), knee_angle=knee, elbow_angle=elbow) == expected


@pytest.mark.parametrize(
    ("ratio", "expected", "any_view"), [(0.1, "out", "out"), (0.6, "unknown", "out"), (NAN, "out", "out")]
)
def test_the_wrong_view_makes_unknown_not_wrong(ratio: float, expected: str, any_view: str) -> None:
    limits = [{"measure": "knee_angle", "min": {"good": 160, "ok": 150, "cue": 140}}]
    exercise = an_exercise(
        [{"id": "x", "limits": limits}, {"id": "y", "limits": limits, "any_view": True}],
        gate=[{"measure": "view_ratio", "max": 0.45, "unseen": "passes"}],
    )
    assert verdict(exercise, knee_angle=130, view_ratio=ratio) == expected
    assert verdict(exercise, check=1, knee_angle=130, view_ratio=ratio) == any_view


# --- groups of conditions and the entry ------------------------------------------------------------------------

TRUTHS = {"holds": 1.0, "fails": 0.0, "unknown": NAN}


@pytest.mark.parametrize(
    ("tilt", "hip", "expected"),
    [
        (-45, 80, "holds"),
        (-45, 170, "fails"),
        (45, 80, "fails"),
        (NAN, 80, "unknown"),
        (NAN, 170, "fails"),  # one that fails decides, whatever the other
        (NAN, NAN, "unknown"),
        (-20, 135, "holds"),  # bands are closed
    ],
)
def test_all_of_a_group(tilt: float, hip: float, expected: str) -> None:
    exercise = an_exercise(
        entry=[{"measure": "trunk_tilt", "max": -20}, {"measure": "hip_angle", "min": 35, "max": 135}]
    )
    criteria = make_criteria(exercise, 0.0)
    found = rules.entered(criteria, values(exercise, trunk_tilt=tilt, hip_angle=hip))
    np.testing.assert_equal(float(found), TRUTHS[expected])


@pytest.mark.parametrize(
    ("tilt", "knee", "elbow", "expected"),
    [
        (-45, 100, 0, "holds"),
        (-45, 0, 100, "holds"),
        (-45, 0, 0, "fails"),
        (-45, NAN, 100, "holds"),  # one alternative is enough
        (-45, NAN, 0, "unknown"),
        (-45, NAN, NAN, "unknown"),
        (45, NAN, 100, "fails"),
        (NAN, 0, 0, "fails"),
        (NAN, 100, 0, "unknown"),
    ],
)
def test_one_of_the_alternatives(tilt: float, knee: float, elbow: float, expected: str) -> None:
    exercise = an_exercise(
        any_of=[[{"measure": "knee_angle", "min": 90}], [{"measure": "elbow_angle", "min": 90}]]
    )
    criteria = make_criteria(exercise, 0.0)
    found = rules.entered(criteria, values(exercise, trunk_tilt=tilt, knee_angle=knee, elbow_angle=elbow))
    np.testing.assert_equal(float(found), TRUTHS[expected])


@pytest.mark.parametrize(
    ("tilt", "knee", "expected"),
    [
        (-30, 80, "holds"),  # what lets her in keeps her in
        (-30, NAN, "holds"),
        (-10, 100, "holds"),
        (-10, 80, "fails"),
        (-10, NAN, "unknown"),
        (NAN, 100, "holds"),
        (NAN, 80, "unknown"),
    ],
)
def test_staying_asks_for_less_than_entering(tilt: float, knee: float, expected: str) -> None:
    exercise = an_exercise(stay=[{"measure": "knee_angle", "min": 90}])
    x = values(exercise, trunk_tilt=tilt, knee_angle=knee)
    found = assess(make_criteria(exercise, 0.0), x)
    np.testing.assert_equal(float(found.stays), TRUTHS[expected])
    np.testing.assert_equal(float(found.entered), float(assess(make_criteria(an_exercise(), 0.0), x[:2]).entered))


def ranges(limit: Mapping[str, object], when: Sequence[Mapping[str, object]] = ()) -> Exercise:
    return an_exercise([{"id": "one", "limits": [limit], "when": list(when)}])


@pytest.mark.parametrize(
    ("known", "at_least", "expected"),
    [(NAN, NAN, "unknown"), (NAN, 25.0, "unknown"), (NAN, 31.0, "out"), (5.0, 5.0, "good"), (31.0, 31.0, "out")],
)
def test_a_range_that_is_too_large_already_is_not_waited_for(known: float, at_least: float, expected: str) -> None:
    exercise = ranges({"measure": "head_angle", "over": "5 s", "max": {"good": 10, "ok": 20, "cue": 30}})
    found = assess(
        make_criteria(exercise, 0.0),
        values(exercise, trunk_tilt=-45, head_angle=known),
        values(exercise, head_angle=at_least),
    )
    assert [bool(x[0]) for x in (found.beyond, found.within, found.unknown)] == [
        expected == word for word in ("out", "good", "unknown")
    ]


@pytest.mark.parametrize(("at_least", "moved"), [(10.0, NAN), (25.0, 1.0)])
def test_what_has_moved_enough_already_has_moved(at_least: float, moved: float) -> None:
    when = {"measure": "head_angle", "over": "5 s", "min": 20}
    exercise = ranges({"measure": "knee_angle", "max": {"good": 1, "ok": 2, "cue": 3}}, [when])
    criteria = make_criteria(exercise, 0.0)
    groups = assess(criteria, values(exercise), values(exercise, head_angle=at_least)).groups
    np.testing.assert_equal(float(groups[criteria.group["one"]]), moved)


@pytest.mark.parametrize(("at_least", "still"), [(10.0, NAN), (25.0, 0.0)])
def test_what_has_moved_too_far_already_is_not_still(at_least: float, still: float) -> None:
    when = {"measure": "head_angle", "over": "5 s", "max": 20}
    exercise = ranges({"measure": "knee_angle", "max": {"good": 1, "ok": 2, "cue": 3}}, [when])
    criteria = make_criteria(exercise, 0.0)
    groups = assess(criteria, values(exercise), values(exercise, head_angle=at_least)).groups
    np.testing.assert_equal(float(groups[criteria.group["one"]]), still)


def test_a_range_too_small_over_five_seconds_has_lasted_for_five_seconds() -> None:
    exercise = ranges({"measure": "back_turn", "over": "5 s", "min": {"good": 40, "ok": 30, "cue": 20}})
    criteria = make_criteria(exercise, 0.0)
    assert assess(criteria, values(exercise, back_turn=12.0)).served.tolist() == [5.0]
    assert assess(criteria, values(exercise)).served.tolist() == [0.0]
    state = FaultState()
    for served, stands in ((0.0, False), (5.0, True)):
        step = fault_step(
            state, 9.0, beyond=True, within=False, unknown=False, persist=5.0, grace=1.0, served=served
        )
        assert step.standing is stands


def test_cycles_that_are_too_short_have_lasted_as_long_as_the_two_that_tell_it_may() -> None:
    limit = {"measure": "cycle_period", "min": {"good": 6, "ok": 4.5, "cue": 4}}
    exercise = an_exercise([{"id": "one", "limits": [limit]}], course=ROUNDS)
    assert assess(make_criteria(exercise, 0.0), values(exercise, cycle_period=3.1)).served.tolist() == [6.0]


def test_a_group_without_conditions_holds() -> None:
    exercise = an_exercise()
    criteria = make_criteria(exercise, 0.0)
    groups = hold_groups(criteria, values(exercise, trunk_tilt=-45))
    assert group_holds(criteria, groups, "gate") == 1
    assert group_holds(criteria, groups, "setup") == 1
    assert group_holds(criteria, groups, "entry") == 1


@given(
    fps=st.sampled_from([5.0, 10.0, 15.0, 30.0]),
    phase=st.floats(0, 1),
    speed=st.floats(10, 200),
    bend=st.floats(5, 20),
)
def test_a_fault_begins_where_the_line_between_frames_crosses_its_cue(
    fps: float, phase: float, speed: float, bend: float
) -> None:
    """A knee that bends evenly is beyond 140 degrees from the same time on, wherever the frames fall."""
    exercise = an_exercise()
    criteria = make_criteria(exercise, 0.0)
    crossed = bend / speed
    after = math.floor((crossed + phase / fps) * fps + 1) / fps - phase / fps
    before, now = (
        values(exercise, trunk_tilt=-45, knee_angle=140 + bend - speed * t) for t in (after - 1 / fps, after)
    )
    share = float(rules.onset(criteria, before, now, np.full(len(now), NAN))[0])
    assert after - share / fps == pytest.approx(crossed, abs=0.1 / fps + 1e-9)


@pytest.mark.parametrize(
    ("before", "now", "share"),
    [(120.0, 120.0, 1.0), (NAN, 120.0, 0.0), (180.0, 150.0, 0.0), (120.0, 150.0, 0.0), (150.0, 130.0, 0.5)],
)
def test_what_was_not_seen_before_begins_now(before: float, now: float, share: float) -> None:
    exercise = an_exercise()
    x, y = (values(exercise, trunk_tilt=-45, knee_angle=knee) for knee in (before, now))
    assert rules.onset(make_criteria(exercise, 0.0), x, y, np.full(2, NAN)).tolist() == [
        pytest.approx(share, abs=0.1)
    ]


# --- laws over the shipped definitions -------------------------------------------------------------------------

NAMES = ["cat", "child", "downward_dog", "letter_t", "twist"]
numbers = st.one_of(st.floats(-200, 200), st.floats(-3, 3), st.just(NAN))


def draw_values(exercise: Exercise, data: st.DataObject) -> FloatArray:
    return np.array(
        data.draw(st.lists(numbers, min_size=len(exercise.quantities), max_size=len(exercise.quantities)))
    )


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_unknown_is_never_wrong(name: str, data: st.DataObject, exercise: Callable[[str], Exercise]) -> None:
    criteria = make_criteria(exercise(name), 0.0)
    x = draw_values(exercise(name), data)
    hides = np.array(data.draw(st.lists(st.booleans(), min_size=len(x), max_size=len(x))))
    # What the author lets pass unseen, such as the view, may change what is judged: that is meant.
    conditions = slice(len(criteria.column) - 2 * len(criteria.limit_column))
    hides[criteria.column[conditions][criteria.passes[conditions]]] = False
    hidden = np.where(hides, NAN, x)
    one, other = assess(criteria, x), assess(criteria, hidden)
    assert not (other.beyond & ~one.beyond).any()
    for found in (one, other):
        assert not (found.beyond & found.within).any()
        assert not (found.unknown & (found.beyond | found.within)).any()


@pytest.mark.parametrize("name", NAMES)
def test_who_sees_nothing_finds_nothing(name: str, exercise: Callable[[str], Exercise]) -> None:
    criteria = make_criteria(exercise(name), 0.0)
    found = assess(criteria, np.full(len(exercise(name).quantities), NAN))
    assert not found.beyond.any()
    assert np.isnan(found.entered)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_whatever_gentle_cues_standard_cues(
    name: str, data: st.DataObject, exercise: Callable[[str], Exercise], library: Library
) -> None:
    levels = library.coaching.strictness
    assert levels["gentle"] < levels["standard"]
    x = draw_values(exercise(name), data)
    gentle, standard = (assess(make_criteria(exercise(name), levels[s]), x) for s in ("gentle", "standard"))
    assert not (gentle.beyond & ~standard.beyond).any()
    assert not (standard.within & ~gentle.within).any()
    np.testing.assert_array_equal(gentle.unknown & ~standard.beyond, standard.unknown)
    np.testing.assert_array_equal(gentle.groups, standard.groups)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_a_batch_is_each_of_its_instants_bit_for_bit(
    name: str, data: st.DataObject, exercise: Callable[[str], Exercise]
) -> None:
    criteria = make_criteria(exercise(name), 1.0)
    rows = np.stack([draw_values(exercise(name), data) for _ in range(3)])
    whole = assess(criteria, rows)
    for i, row in enumerate(rows):
        one = assess(criteria, row)
        for field in ("groups", "entered", "beyond", "within", "unknown"):
            np.testing.assert_array_equal(getattr(whole, field)[i], getattr(one, field))


@pytest.mark.parametrize("name", NAMES)
def test_bands_keep_their_order_at_any_strictness(name: str, exercise: Callable[[str], Exercise]) -> None:
    for check in exercise(name).checks:
        for limit in check.limits:
            for strictness in (0.0, 0.5, 1.0):
                (ok_low, ok_high), (cue_low, cue_high) = limit_bounds(limit, strictness)
                assert cue_low <= ok_low <= ok_high <= cue_high, check.id


def test_standard_is_silent_in_the_good_band_only() -> None:
    limit = Limit.model_validate({"measure": "knee_angle", "min": {"good": 160, "ok": 150, "cue": 140}})
    assert limit_bounds(limit, 0.0) == ((150, math.inf), (140, math.inf))
    assert limit_bounds(limit, 1.0) == ((160, math.inf), (150, math.inf))
    high = Limit.model_validate({"measure": "knee_angle", "max": {"good": 20, "ok": 25, "cue": 40}})
    assert limit_bounds(high, 1.0) == ((-math.inf, 20), (-math.inf, 35))


# --- a fault over time -----------------------------------------------------------------------------------------


def run(course: Sequence[tuple[float, str]], persist: float = 1.0, grace: float = 1.0) -> list[bool]:
    """Return whether the fault stands at each instant ``(t, beyond|between|within|unknown)``."""
    state, out = FaultState(), []
    for t, what in course:
        truths = {name: name == what for name in ("beyond", "within", "unknown")}
        state = fault_step(state, t, persist=persist, grace=grace, **truths)
        out.append(state.standing)
    return out


def test_a_fault_stands_after_its_persistence() -> None:
    assert run([(0.0, "within"), (1.0, "beyond"), (1.9, "beyond"), (2.0, "beyond")]) == [False, False, False, True]
    assert run([(0.0, "beyond")], persist=0.0) == [True]


def test_between_the_bands_nothing_begins_and_nothing_ends() -> None:
    assert run([(0.0, "between"), (5.0, "between")]) == [False, False]
    assert run([(0.0, "beyond"), (0.5, "between"), (1.0, "between")]) == [False, False, True]
    assert run([(0.0, "beyond"), (1.0, "beyond"), (9.0, "between"), (9.1, "within")])[-2:] == [True, False]


def test_within_the_band_the_waiting_begins_anew() -> None:
    assert run([(0.0, "beyond"), (0.9, "within"), (1.0, "beyond"), (1.9, "beyond")])[-1] is False


def test_out_of_sight_nothing_begins() -> None:
    assert not any(run([(0.0, "unknown"), (5.0, "unknown"), (9.0, "unknown")]))


def test_out_of_sight_within_the_grace_what_stood_stands() -> None:
    course = [(0.0, "beyond"), (1.0, "beyond"), (1.5, "unknown"), (2.5, "unknown"), (2.6, "unknown")]
    assert run(course) == [False, True, True, True, False]
    assert run([*course[:3], (1.9, "beyond")])[-1] is True


def test_out_of_sight_for_longer_the_waiting_begins_anew() -> None:
    course = [(0.0, "beyond"), (1.0, "beyond"), (2.0, "unknown"), (3.1, "unknown"), (3.2, "beyond")]
    assert run(course)[-1] is False
    assert run([*course, (4.2, "beyond")])[-1] is True


def test_a_single_instant_does_not_speak() -> None:
    course = [(0.1 * i, "beyond" if i % 7 == 3 else "within") for i in range(200)]
    assert not any(run(course))


@given(
    st.lists(
        st.tuples(st.floats(0.01, 0.6), st.sampled_from(["beyond", "between", "within", "unknown"])), max_size=60
    )
)
def test_what_stands_has_been_out_for_its_persistence(course: list[tuple[float, str]]) -> None:
    t, at = 0.0, []
    for dt, what in course:
        t += dt
        at.append((t, what))
    for i, stands in enumerate(run(at)):
        if stands:
            last_good = max((j for j in range(i) if at[j][1] == "within"), default=-1)
            out = [j for j in range(last_good + 1, i + 1) if at[j][1] == "beyond"]
            assert out
            assert at[i][0] - at[out[0]][0] >= 1.0
            assert at[i][1] != "within"
