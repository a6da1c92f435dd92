"""What was shown against what was made: figures known by hand from synthetic bodies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bodies import ALL_FOURS, DOG, FRAME, STANDING, dog, side_body
from labelled import BENT, bent_dog, clip, labels, measure, save_set, still_dog

from posecheck.evaluate import examine
from posecheck.figures import Made, match
from posecheck.labels import Case, Mistake
from posecheck.library import Library
from posecheck.pose import nobody, stack

# --- shown against made ---------------------------------------------------------------------------------------


def found(
    runs: dict[str, list[tuple[float, float]]], cues: Sequence[tuple[str, float]], *mistakes: Mistake
) -> tuple[list[tuple[str, bool, float | None]], list[tuple[str, float]]]:
    made, alarms = match(runs, cues, mistakes, {})
    return [(m.check, m.caught, m.latency) for m in made], [(a.check, a.t) for a in alarms]


def test_a_mistake_is_caught_where_its_check_is_shown_and_latency_counts_to_the_first_cue() -> None:
    bent = Mistake("bent", 4.0, 8.0)
    assert found({"bent": [(5.0, 8.2)]}, [("bent", 5.5), ("bent", 7.5)], bent) == ([("bent", True, 1.5)], [])
    assert found({"bent": [(5.0, 8.2)]}, [], bent) == ([("bent", True, None)], [])
    assert found({}, [], bent) == ([("bent", False, None)], [])


def test_a_cue_before_the_half_way_point_comes_at_once_and_one_too_late_is_a_false_alarm() -> None:
    bent = Mistake("bent", 4.0, 8.0)
    assert found({}, [("bent", 3.6)], bent) == ([("bent", True, 0.0)], [])
    assert found({}, [("bent", 9.4)], bent) == ([("bent", True, 5.4)], [])
    assert found({}, [("bent", 9.6)], bent) == ([("bent", False, None)], [("bent", 9.6)])
    assert found({}, [("bent", 3.4)], bent) == ([("bent", False, None)], [("bent", 3.4)])


@pytest.mark.parametrize(
    ("said", "persist", "in_time"),
    [
        ([("bent", 6.5)], {"bent": 1.5}, True),
        ([("bent", 6.6)], {"bent": 1.5}, False),
        ([("bent", 6.5)], {}, False),  # no check says by when
        ([], {"bent": 1.5}, False),
    ],
)
def test_a_mistake_is_told_in_time_within_the_persistence_of_its_check_and_a_second(
    said: list[tuple[str, float]], persist: dict[str, float], in_time: bool
) -> None:
    made, _ = match({"bent": [(5.0, 8.0)]}, said, [Mistake("bent", 4.0, 8.0)], persist)
    assert [m.in_time for m in made] == [in_time]


def test_a_check_shown_all_the_time_catches_its_mistake_and_is_a_false_alarm_as_well() -> None:
    assert found({"bent": [(0.0, 12.0)]}, [], Mistake("bent", 4.0, 8.0)) == (
        [("bent", True, None)],
        [("bent", 0.0)],
    )


def test_another_check_is_a_false_alarm_and_is_noted_as_shown_instead() -> None:
    made, alarms = match({"low": [(5.0, 7.0), (9.9, 11.0)]}, [("low", 5.2)], [Mistake("bent", 4.0, 8.0)], {})
    assert made == (Made("bent", 4.0, 8.0, "", False, None, ("low",)),)
    assert [(a.check, a.t) for a in alarms] == [("low", 5.0)]  # a clip counts once, however often


def test_a_cue_repeated_while_the_fault_still_stands_belongs_to_it() -> None:
    assert found({"bent": [(5.0, 14.0)]}, [("bent", 5.5), ("bent", 13.0)], Mistake("bent", 4.0, 8.0))[1] == []


def test_labels_of_one_check_that_overlap_are_one_and_those_of_two_checks_are_two() -> None:
    mistakes = [Mistake("bent", 4.0, 8.0), Mistake("bent", 6.0, 10.0), Mistake("low", 5.0, 9.0)]
    made, alarms = match({"bent": [(9.0, 10.0)], "low": [(6.0, 9.0)]}, [], mistakes, {})
    assert [(m.check, m.start, m.end, m.caught) for m in made] == [
        ("bent", 4.0, 10.0, True),
        ("low", 5.0, 9.0, True),
    ]
    assert alarms == ()


# --- figures --------------------------------------------------------------------------------------------------


def test_the_figures_of_a_small_set_are_those_counted_by_hand(tmp_path: Path, library: Library) -> None:
    where = save_set(
        tmp_path,
        downward_dog__a=still_dog(),
        downward_dog__b=still_dog(),
        downward_dog__c=bent_dog(),
        downward_dog__d=bent_dog(),  # labelled as correct
        downward_dog__e=stack([dog()]),
        downward_dog__f=stack([side_body(**STANDING)]),  # never entered
        other__a=stack([side_body(**STANDING)]),
        other__b=stack([dog()]),
        other__c=stack([nobody(0.0, FRAME)]),
        other__d=clip((0.0, STANDING), (3.0, STANDING)),
    )
    labels(where, "downward_dog/c.npz,6,12,downward_dog,elbows_bent")
    result, figures = measure(where, library)
    assert (result.failed, result.warnings) == ((), ())
    said = figures["exercises"]["downward_dog"]
    assert said["clips"] == 6
    assert said["recall"] == pytest.approx(5 / 6, abs=1e-3)
    assert said["accepted"] == pytest.approx(3 / 5, abs=1e-3)  # a, b, e of a, b, d, e, f
    assert said["false_entries"] == {"other": 0.25}
    minutes = (still_dog().t[-1] * 2 + bent_dog().t[-1] + 3 / 15) / 60
    cues = sum(f.cues for f in result.findings if f.case.name == "downward_dog/d.npz")
    assert cues > 0
    assert said["false_cues_per_min"] == pytest.approx(cues / minutes, abs=1e-2)
    bent = figures["checks"]["downward_dog"]["elbows_bent"]
    assert {k: bent[k] for k in ("positives", "recall", "precision")} == {
        "positives": 1,
        "recall": 1.0,
        "precision": 0.5,  # c is caught, d is a false alarm
    }
    assert bent["f1"] == pytest.approx(2 / 3, abs=1e-3)
    persist = next(c.persist for c in library.exercises["downward_dog"].checks if c.id == "elbows_bent")
    assert persist - 0.5 <= bent["latency_s"] <= persist + 1.0


def test_a_figure_without_data_is_null_and_the_shape_is_the_one_promised(tmp_path: Path, library: Library) -> None:
    _, figures = measure(save_set(tmp_path, other__a=stack([side_body(**STANDING)])), library)
    assert list(figures) == ["schema", "exercises", "checks", "angles"]
    assert figures["schema"] == "posecheck/evaluation@1"
    assert set(figures["exercises"]) == set(figures["checks"]) == set(library.exercises)
    assert figures["exercises"]["downward_dog"] == {
        "clips": 0,
        "recall": None,
        "accepted": None,
        "false_entries": {"other": 0.0},
        "false_cues_per_min": None,
    }
    checks = figures["checks"]["downward_dog"]
    assert list(checks) == [check.id for check in library.exercises["downward_dog"].checks]
    assert checks["elbows_bent"] == {
        "positives": 0, "recall": None, "precision": None, "f1": None, "latency_s": None,
    }  # fmt: skip
    assert figures["angles"]["knee_angle"] == {"median_abs_error_deg": None, "n": 0}
    json.dumps(figures, allow_nan=False)


def test_a_photograph_has_mistakes_but_no_latency(tmp_path: Path, library: Library) -> None:
    where = save_set(tmp_path, downward_dog__bent=stack([dog(elbow=120.0)]))
    labels(where, "downward_dog/bent.npz,,,,elbows_bent")
    bent = measure(where, library)[1]["checks"]["downward_dog"]["elbows_bent"]
    assert bent == {"positives": 1, "recall": 1.0, "precision": 1.0, "f1": 1.0, "latency_s": None}


def test_a_correction_called_wrong_speaks_of_that_one_alone(tmp_path: Path, library: Library) -> None:
    pose = clip((0.0, BENT), (12.0, BENT))
    stamp = "downward_dog__2026-11-02_09-30-0"
    where = save_set(tmp_path, **{f"{stamp}0_not_elbows_bent": pose, f"{stamp}1_not_hips_low": pose})
    result, figures = measure(where, library)
    assert [[alarm.check for alarm in finding.alarms] for finding in result.findings] == [["elbows_bent"], []]
    said = figures["exercises"]["downward_dog"]
    assert (said["clips"], said["accepted"], said["false_cues_per_min"]) == (2, None, None)


def test_a_guided_time_that_is_not_judged_has_no_figures(tmp_path: Path, library: Library) -> None:
    guided = library.exercises["downward_dog"].model_copy(update={"entry": None, "checks": ()})
    plain = replace(library, exercises={"downward_dog": guided})
    result, figures = measure(save_set(tmp_path, downward_dog__a=stack([dog()])), plain)
    said = figures["exercises"]["downward_dog"]
    assert (said["clips"], said["recall"], said["accepted"]) == (1, None, None)
    assert result.examples == ()


def test_a_clip_that_passes_through_another_pose_is_not_entered_as_it(library: Library) -> None:
    pose = clip((0.0, ALL_FOURS), (2.0, ALL_FOURS), (3.0, DOG), (9.0, DOG))
    finding, _ = examine(Case("a", Path("a"), "downward_dog"), pose, library)
    assert "cat" in finding.entered
    assert finding.instead == frozenset()
    assert examine(Case("a", Path("a"), "cat"), pose, library)[0].instead == {"downward_dog"}
