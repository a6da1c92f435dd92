"""Sums over a stretch of moments, by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.ledger import Ledger, intervals
from posecheck.moment import Event, Moment


def moments(marks: str, dt: float = 0.5) -> list[Moment]:
    """Return a moment for each mark: ``.`` out of the pose, ``o`` good, ``x`` a fault, ``a`` only advice."""
    kinds = {".": (False, ()), "o": (True, ()), "x": (True, ("back",)), "a": (True, ("knees",))}
    return [Moment(dt * i, person=True, in_pose=kinds[m][0], faults=kinds[m][1]) for i, m in enumerate(marks)]


def summarise(told: Sequence[Moment], advice: Collection[str], accept_share: float) -> dict[str, Any]:
    return Ledger(told).summarise(advice, accept_share)


def test_an_instant_lasts_until_the_next_and_the_last_the_median() -> None:
    assert intervals(np.array([0.0, 1.0, 1.5, 2.0, 5.0])).tolist() == [1.0, 0.5, 0.5, 3.0, 0.75]
    assert intervals(np.array([3.0])).tolist() == [0.0]
    assert intervals(np.array([])).tolist() == []


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=30))
def test_intervals_add_up_to_the_time_that_passed(steps: Sequence[float]) -> None:
    times = [sum(steps[:i]) for i in range(len(steps) + 1)]
    found = intervals(np.array(times))
    assert found[:-1].sum() == pytest.approx(times[-1])
    assert found[-1] <= max(steps) + 1e-9


def test_sums() -> None:
    summary = summarise(moments("..ooxxaa.."), {"knees"}, 0.8)
    assert summary["in_pose_s"] == 3.0
    assert {name: fault["seconds"] for name, fault in summary["faults"].items()} == {"back": 1.0, "knees": 1.0}
    assert summary["accepted"] is False
    assert summary["cues"] == 0


@pytest.mark.parametrize(
    ("marks", "accepted"),
    [
        ("oooo", True),
        ("....", False),  # never in the pose
        ("oooox", True),  # four fifths are enough
        ("oooxx", False),
        ("aaaaa", True),  # advice never fails
        ("xooooooooo", True),
        ("xxxxo", False),
        ("..xx..oooooooo", True),  # the time in the pose counts, not the time beside it
    ],
)
def test_accepted(marks: str, accepted: bool) -> None:
    assert summarise(moments(marks), {"knees"}, 0.8)["accepted"] is accepted


def test_times_weigh_not_frames() -> None:
    slow = [Moment(0.0, in_pose=True), Moment(9.0, in_pose=True, faults=("back",))]
    quick = [Moment(9.0 + 0.1 * i, in_pose=True, faults=("back",)) for i in range(1, 11)]
    assert summarise([*slow, *quick], (), 0.8)["accepted"]


@pytest.mark.parametrize(("mark", "accepted"), [("o", True), ("x", False), ("a", True), (".", False)])
def test_a_photograph_has_no_time_but_a_verdict(mark: str, accepted: bool) -> None:
    summary = summarise(moments(mark), {"knees"}, 0.8)
    assert summary["accepted"] is accepted
    assert summary["in_pose_s"] == 0.0


def test_cues_are_counted_praise_and_reasons_are_not() -> None:
    told = tuple(Event(0.0, kind) for kind in ("cue", "praise", "reason", "guide", "cue"))
    assert summarise([Moment(0.0, events=told), Moment(1.0)], (), 0.8)["cues"] == 2
