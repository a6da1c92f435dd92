"""A recording along its time: lanes, lines and bands of a few instants that can be worked out by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from bodies import film, times
from doing import cat_cow

from posecheck import timeline
from posecheck.judgement import Settings, judge
from posecheck.ledger import Ledger
from posecheck.library import Library
from posecheck.moment import Event, Moment, PhaseNow
from posecheck.pose import stack
from posecheck.recording import load_recording
from posecheck.spec import Check, Condition, Exercise
from posecheck.timeline import Band, Span
from posecheck.trace import follow
from posecheck.ui.view import Words

RECORDINGS = Path(__file__).parent / "data" / "recordings"


@pytest.fixture(scope="module")
def says(library: Library) -> Words:
    return Words(library, "en")


def check(name: str, measure: str, priority: int = 1, **limit: Any) -> Check:
    edges: dict[str, Any] = {}
    for end, value in limit.items():
        edges[end] = value
        if end in ("min", "max"):
            good, ok, cue = value
            edges[end] = {"good": good, "ok": ok, "cue": cue}
    return Check.model_validate(
        {
            "id": name,
            "limits": [{"measure": measure, **edges}],
            "priority": priority,
            "persist": "1 s",
            "say": {"en": f"Mind the {name}."},
            "source": "own",
        }
    )


def exercise(*checks: Check, entry: Sequence[Condition] = ()) -> Exercise:
    return cast(
        Exercise, SimpleNamespace(id="dog", checks=checks, cycles=None, entry=SimpleNamespace(all=tuple(entry)))
    )


def ledger(*moments: Mapping[str, Any]) -> Ledger:
    """Return instants half a second apart, in pose unless they say otherwise."""
    usual: dict[str, Any] = {"person": True, "in_pose": True, "phase": "hold"}
    return Ledger(Moment(i / 2, **(usual | dict(more))) for i, more in enumerate(moments))


def lane(line: timeline.Timeline, name: str) -> timeline.Lane:
    return next(lane for lane in line.lanes if lane.id == name)


def test_stretches_begin_and_end_where_the_instants_do(says: Words) -> None:
    told = ledger({"phase": "away"}, {"phase": "out"}, {"phase": "out"}, {}, {})
    spans = lane(timeline.lay_out("a", told, None, 0.0, says), "phase").spans
    assert spans == (
        Span(0.0, 0.5, "unknown", "away"),
        Span(0.5, 1.5, "rest", "out of the pose"),
        Span(1.5, 2.5, "good", "in the pose"),
    )


def test_who_is_lost_from_sight_is_not_seen_rather_than_leaving(says: Words) -> None:
    told = ledger({}, {"phase": "leave", "person": False}, {"phase": "leave"}, {"phase": "away", "person": False})
    assert lane(timeline.lay_out("a", told, None, 0.0, says), "phase").spans == (
        Span(0.0, 0.5, "good", "in the pose"),
        Span(0.5, 1.0, "unknown", "not seen"),
        Span(1.0, 1.5, "rest", "leaving"),
        Span(1.5, 2.0, "unknown", "away"),
    )


def test_seconds_count_from_the_origin(says: Words) -> None:
    cue = Event(1.0, "cue", id="knees", text="Soften your knees.")
    told = ledger({}, {}, {"events": (cue,)}, {})
    line = timeline.lay_out("a", told, exercise(), 0.0, says, origin=1.0)
    assert (line.start, line.end) == (-1.0, 1.0)
    assert line.t.tolist() == [-1.0, -0.5, 0.0, 0.5]
    assert lane(line, "said").marks == (timeline.Mark(0.0, "cue", "Soften your knees."),)
    assert lane(line, "phase").spans[0].start == -1.0


def test_a_fault_and_what_cannot_be_judged_are_one_lane(says: Words) -> None:
    told = ledger({"unknown": ("elbows",)}, {}, {"faults": ("elbows",)}, {"faults": ("elbows",)})
    line = timeline.lay_out("a", told, exercise(check("elbows", "elbow_angle", min=(155, 150, 145))), 0.0, says)
    assert lane(line, "elbows").spans == (
        Span(0.0, 0.5, "unknown", "could not be seen"),
        Span(1.0, 2.0, "fault", "Mind the elbows."),
    )


def test_a_fault_that_is_out_of_sight_is_drawn_as_not_seen(says: Words) -> None:
    standing = {"faults": ("elbows",)}
    told = ledger(standing, standing | {"unknown": ("elbows",)}, standing)
    line = timeline.lay_out("a", told, exercise(check("elbows", "elbow_angle", min=(155, 150, 145))), 0.0, says)
    assert [span.kind for span in lane(line, "elbows").spans] == ["fault", "unknown", "fault"]


def test_what_was_out_comes_first_and_what_was_never_is_left_out(says: Words) -> None:
    checks = [check(name, "elbow_angle", i, min=(155, 150, 145)) for i, name in enumerate("abcd", 1)]
    told = ledger({"unknown": ("a", "b")}, {"faults": ("c", "b")})
    line = timeline.lay_out("a", told, exercise(*checks), 0.0, says)
    assert [lane.id for lane in line.lanes] == ["phase", "said", "b", "c", "a"]


def test_holds_and_rounds_have_lanes_of_their_own(says: Words) -> None:
    held = Event(1.5, "held", seconds=1.0)
    told = ledger({}, {"counting": True}, {"counting": True}, {"events": (held,)})
    hold = lane(timeline.lay_out("a", told, None, 0.0, says), "hold")
    assert hold.spans == (Span(0.5, 1.5, "hold", "held 1.0 s"),)
    assert [(mark.t, mark.kind, mark.label) for mark in hold.marks] == [(1.5, "count", "held 1 s")]
    rounds = [{"events": (Event(i / 2, "cycle", count=i),)} for i in range(1, 4)]
    cycle = lane(timeline.lay_out("a", ledger({}, *rounds), None, 0.0, says), "cycle")
    assert [(span.start, span.end) for span in cycle.spans] == [(0.5, 1.0), (1.0, 1.5)]
    assert [mark.label for mark in cycle.marks] == ["round 1", "round 2", "round 3"]


# --- lines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strictness", "ok", "cue"),
    [(0.0, 150.0, 145.0), (1.0, 155.0, 150.0)],
)
def test_bands_of_one_end_move_with_the_strictness(says: Words, strictness: float, ok: float, cue: float) -> None:
    told = ledger({"measures": {"elbow_angle": 140.0}}, {"measures": {"elbow_angle": 170.0}})
    line = timeline.lay_out(
        "a", told, exercise(check("elbows", "elbow_angle", min=(155, 150, 145))), strictness, says
    )
    expected = [Band(-math.inf, cue, "cue"), Band(ok, 155.0, "ok"), Band(155.0, math.inf, "good")]
    assert line.lines[0].bands == tuple(band for band in expected if band.low < band.high)
    assert line.lines[0].checks == ("elbows",)
    assert line.lines[0].label == "Elbow"
    assert line.lines[0].unit == "°"


def test_checks_of_one_measure_share_a_line_with_both_ends(says: Words) -> None:
    short = check("short", "span", min=(1.9, 1.7, 1.6))
    long = check("long", "span", max=(2.5, 2.7, 2.8))
    told = ledger({"measures": {"span": 2.0}})
    (line,) = timeline.lay_out("a", told, exercise(short, long), 0.0, says).lines
    assert line.checks == ("short", "long")
    assert line.bands == (
        Band(-math.inf, 1.6, "cue"),
        Band(1.7, 1.9, "ok"),
        Band(1.9, 2.5, "good"),
        Band(2.5, 2.7, "ok"),
        Band(2.8, math.inf, "cue"),
    )


def test_unseen_is_unknown_and_no_number(says: Words) -> None:
    told = ledger({}, {"measures": {"elbow_angle": 160.0}}, {}, {})
    (line,) = timeline.lay_out(
        "a", told, exercise(check("elbows", "elbow_angle", min=(155, 150, 145))), 0.0, says
    ).lines
    np.testing.assert_array_equal(line.values, [np.nan, 160.0, np.nan, np.nan])
    assert line.unknown == ((0.0, 0.5), (1.0, 2.0))


def test_a_measure_that_is_never_seen_has_no_line(says: Words) -> None:
    line = timeline.lay_out(
        "a", ledger({}, {}), exercise(check("elbows", "elbow_angle", min=(155, 150, 145))), 0.0, says
    )
    assert line.lines == ()


def test_what_is_compared_with_her_own_neutral_is_shown_as_it_was_judged(says: Words) -> None:
    key = ("back_turn", "near", "neutral", None)
    told = ledger(*({"measures": {"back_turn": x - 20}, "derived": {key: x}} for x in (50.0, 30.0)))
    compared = check("back", "back_turn", against="neutral", max=(34, 38, 42))
    (line,) = timeline.lay_out("a", told, exercise(compared), 0.0, says).lines
    assert line.values.tolist() == [50.0, 30.0]
    assert line.label == "Curve of the back, against her own neutral"


def test_every_line_is_the_number_that_was_judged(library: Library, says: Words) -> None:
    """Ranges, differences from her neutral and seconds a round: what the trainer compared, at each instant."""
    exercise = library.exercises["cat"]
    trace, moments = follow(exercise, library, stack(film(cat_cow(period=3.0), times(20.0, 10.0))))
    laid = timeline.lay_out("a", Ledger(moments), exercise, 0.0, says)
    shown = {line.id: line.values for line in laid.lines if line.checks}
    judged = {limit.key for check in exercise.checks for limit in check.limits}
    compared = {"-".join(str(part) for part in key if part is not None): key for key in judged}
    assert "cycle_period-near" in shown
    assert {compared[name][2:] for name in shown} >= {("neutral", None), (None, 3.0), (None, None)}
    columns = dict(zip((quantity.key for quantity in exercise.quantities), trace.values.T, strict=True))
    for name, values in shown.items():
        np.testing.assert_array_equal(values, columns[compared[name]])


def test_what_counts_as_the_pose_comes_last_with_its_band(says: Words) -> None:
    condition = Condition(measure="hip_angle", min=35, max=155)
    told = ledger({"measures": {"hip_angle": 170.0, "elbow_angle": 160.0}})
    checks = exercise(check("elbows", "elbow_angle", min=(155, 150, 145)), entry=[condition])
    lines = timeline.lay_out("a", told, checks, 0.0, says).lines
    assert [line.checks for line in lines] == [("elbows",), ()]
    assert lines[1].bands == (Band(35.0, 155.0, "entry"),)
    assert lines[1].low < 155.0 < 170.0 < lines[1].high


def test_long_recordings_are_thinned_and_short_ones_are_not(says: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_POINTS", 4)
    rows = [{"measures": {"elbow_angle": float(i)}} for i in range(9)]
    checks = exercise(check("elbows", "elbow_angle", min=(155, 150, 145)))
    line = timeline.lay_out("a", ledger(*rows), checks, 0.0, says)
    assert line.lines[0].values.tolist() == [0.0, 3.0, 6.0]
    assert line.t.tolist() == [0.0, 1.5, 3.0]
    assert timeline.lay_out("a", ledger(*rows[:4]), checks, 0.0, says).t.tolist() == [0.0, 0.5, 1.0, 1.5]


# --- two --------------------------------------------------------------------------------------------------------


def test_recordings_can_be_laid_side_by_side_from_what_both_have() -> None:
    entered = (Event(0.5, "entered"),)
    rows: list[dict[str, Any]] = [
        {"phase": "out"},
        {"phase": "cow", "events": entered},
        {"phase": "cat", "side": "left"},
    ]
    assert timeline.anchors(ledger(*rows, *rows)) == {
        "beginning": 0.0,
        "entered": 0.5,
        "cow": 0.5,
        "cat": 1.0,
        "left": 1.0,
    }


def test_what_an_exercise_is_made_of_is_a_lane_and_an_anchor(says: Words) -> None:
    lift, circle = PhaseNow("lift", "Lifting", 1, 2), PhaseNow("circle", "Circling", 2, 2)
    told = ledger({"current": lift}, {"current": lift}, {"current": circle})
    assert lane(timeline.lay_out("a", told, None, 0.0, says), "course").spans == (
        Span(0.0, 1.0, "hold", "Lifting"),
        Span(1.0, 1.5, "good", "Circling"),
    )
    assert timeline.anchors(told) == {"beginning": 0.0, "lift": 0.0, "circle": 1.0}
    assert timeline.name_anchor("circle", told, says) == "Circling"
    assert timeline.name_anchor("cow", told, says) == "dipped"
    assert timeline.name_anchor("entered", told, says) == "coming into the pose"


def test_two_share_their_rows(says: Words) -> None:
    checks = exercise(check("elbows", "elbow_angle", min=(155, 150, 145)))
    first = timeline.lay_out("a", ledger({"measures": {"elbow_angle": 140.0}}, {}), checks, 0.0, says)
    second = timeline.lay_out(
        "b", ledger({}, {"faults": ("elbows",), "measures": {"elbow_angle": 170.0}}), checks, 0.0, says, origin=0.5
    )
    both = cast(dict[str, Any], timeline.describe([first, second]))
    assert (both["start"], both["end"]) == (-0.5, 1.0)
    assert [track["name"] for track in both["tracks"]] == ["a", "b"]
    (line,) = both["lines"]
    assert [part["values"] for part in line["parts"]] == [[140.0, None], [None, 170.0]]
    assert line["low"] < 140 < 170 < line["high"]
    elbows = next(lane for lane in both["lanes"] if lane["id"] == "elbows")
    assert [part["spans"] for part in elbows["parts"]] == [[], [[0.0, 0.5, "fault", "Mind the elbows."]]]


@pytest.mark.parametrize("name", ["catcow", "downdog", "downdog_bad"])
def test_real_recordings_become_plain_values(library: Library, says: Words, name: str) -> None:
    judgement = judge(load_recording(RECORDINGS / f"{name}.npz"), library, Settings())
    told = Ledger(judgement.moments)
    line = timeline.lay_out(name, told, judgement.exercise, 0.0, says)
    text = json.dumps(timeline.describe([line, line]), allow_nan=False)
    assert len(text) < 400_000
    faults = {fault for faults in told.faults for fault in faults}
    assert faults <= {lane.id for lane in line.lanes}
    assert all(len(each.values) == len(line.t) for each in line.lines)
    assert len({each.id for each in line.lines}) == len(line.lines)


def test_a_measure_without_a_name_is_called_by_its_id() -> None:
    def nothing(name: str, /, **values: object) -> str:
        raise KeyError(name)

    assert timeline.name_phase("half_circle", cast(Any, nothing)) == "half circle"


def test_every_measure_that_is_compared_has_a_name(library: Library, says: Words) -> None:
    compared = {q.measure for exercise in library.exercises.values() for q in exercise.quantities}
    assert [name for name in sorted(compared) if f"measure_{name}" not in library.phrases] == []
