"""What the judgement of a recording rests on, kept so that moved bands are judged again at once.

Which numbers are compared, and when she is in the pose, do not depend on the bands of the checks. So one run of
the trainer is enough; afterwards a band can be moved and the faults of the whole recording follow from arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from posecheck import rules
from posecheck.ledger import intervals
from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.pose import BoolArray, FloatArray, Pose
from posecheck.rules import Assessment, Criteria
from posecheck.spec import Exercise, Strictness
from posecheck.trainer import Trainer

OUTSIDE, HOLDING, LEAVING = 0, 1, 2
"""Where an instant is: nothing is judged, everything is, or nothing new begins."""
_STAGE = {"hold": HOLDING, "leave": LEAVING}


@dataclass(frozen=True, slots=True)
class Trace:
    """A recording as one exercise compares it: the T instants of it at which the trainer looked.

    Attributes:
        exercise: Judged as this.
        t: Media time in seconds, shape ``(T,)``.
        values: Every quantity of the exercise, NaN where unknown, shape ``(T, n_quantities)``.
        at_least: What a range that is not complete yet is at least, NaN where there is none, the same shape.
        stage: ``OUTSIDE``, ``HOLDING`` or ``LEAVING``, shape ``(T,)``.
        grace: Seconds that lost sight is bridged at each instant, shape ``(T,)``.
    """

    exercise: Exercise
    t: FloatArray
    values: FloatArray
    at_least: FloatArray
    stage: NDArray[np.int8]
    grace: FloatArray


def follow(
    exercise: Exercise, library: Library, pose: Pose, *, strictness: Strictness = "gentle"
) -> tuple[Trace, tuple[Moment, ...]]:
    """Return the trace of a pose over some instants, and what the trainer said of each of them.

    Args:
        exercise: To judge as.
        library: Coaching and phrases.
        pose: Instants in order of time.
        strictness: Which bands the trainer keeps to; the trace does not depend on it but through what pauses
            a hold.
    """
    trainer = Trainer(exercise, library, strictness=strictness)
    moments: list[Moment] = []
    t: list[float] = []
    values: list[FloatArray] = []
    stage: list[int] = []
    at_least: list[FloatArray] = []
    grace: list[float] = []
    for moment in trainer.push_all(pose):
        moments.append(moment)
        if not moment.look:
            continue
        t.append(moment.t)
        values.append(trainer.compared)
        stage.append(_STAGE.get(trainer.standing_in, OUTSIDE))
        at_least.append(trainer.at_least)
        grace.append(trainer.grace)
    trace = Trace(
        exercise=exercise,
        t=np.array(t),
        values=np.array(values).reshape(len(t), len(exercise.quantities)),
        stage=np.array(stage, dtype=np.int8),
        at_least=np.array(at_least).reshape(len(t), len(exercise.quantities)),
        grace=np.array(grace),
    )
    return trace, tuple(moments)


def joined(exercise: Exercise, traces: Sequence[Trace]) -> Trace:
    """Return several recordings as one, each beginning outside the pose: nothing is carried into the next.

    The first instant of each is given up for that; a trainer is never in the pose at its first instant.
    """
    stages = [np.where(np.arange(len(trace.t)) == 0, OUTSIDE, trace.stage) for trace in traces]
    width = len(exercise.quantities)
    return Trace(
        exercise=exercise,
        t=np.concatenate([trace.t for trace in traces] or [np.empty(0)]),
        values=np.concatenate([trace.values for trace in traces] or [np.empty((0, width))]),
        at_least=np.concatenate([trace.at_least for trace in traces] or [np.empty((0, width))]),
        stage=np.concatenate(stages or [np.empty(0)]).astype(np.int8),
        grace=np.concatenate([trace.grace for trace in traces] or [np.empty(0)]),
    )


def judge_again(trace: Trace, criteria: Criteria) -> tuple[Assessment, BoolArray]:
    """Return the assessment of every instant, and which checks are faults, shape ``(T, n_checks)``.

    The faults are those of ``rules.fault_step`` folded over the instants.

    Args:
        trace: Of a recording.
        criteria: Of the same exercise; its bands may be others.
    """
    verdict = rules.assess(criteria, trace.values, trace.at_least)
    verdict = replace(verdict, served=verdict.served + _beyond_before(trace, criteria, verdict.beyond))
    persist = np.array([check.persist for check in criteria.exercise.checks])
    return verdict, _standing(trace, verdict, persist)


def _beyond_before(trace: Trace, criteria: Criteria, beyond: BoolArray) -> FloatArray:
    """Return for how many seconds of the step to it each check has been beyond, where one begins to be, else 0."""
    seconds = np.zeros(beyond.shape)
    held = trace.stage == HOLDING
    step = np.diff(trace.t)
    fresh = (beyond[1:] & ~beyond[:-1]).any(axis=1)
    rows = np.flatnonzero(fresh & held[1:] & held[:-1] & (step <= trace.grace[1:]))
    share = rules.onset(criteria, trace.values[rows], trace.values[rows + 1], trace.at_least[rows + 1])
    seconds[rows + 1] = share * step[rows, None]
    return seconds


def _standing(trace: Trace, verdict: Assessment, persist: FloatArray) -> BoolArray:
    """Return ``rules.fault_step`` for all instants and checks at once, shape ``(T, n_checks)``."""
    judged = trace.stage != OUTSIDE
    unknown = verdict.unknown | (trace.stage == LEAVING)[:, None]
    known = ~unknown & judged[:, None]
    row = np.arange(len(trace.t))[:, None]
    # Unknown since the first instant after the last that was known or not judged at all.
    unknown_first = _latest(row, ~unknown | ~judged[:, None]) + 1
    lost = unknown & (trace.t[:, None] - trace.t[np.minimum(unknown_first, row)] > trace.grace[:, None])
    ends = ~judged[:, None] | (known & verdict.within) | lost
    begins = known & verdict.beyond & ~ends
    out = _latest(row, begins) > _latest(row, ends)
    # A run of "out" begins at an instant that is known; the last known one decides whether it has lasted.
    first = _latest(row, ~out) + 1
    last_known = _latest(row, known)
    first_out = np.minimum(first, row)
    since = trace.t[first_out] - np.take_along_axis(verdict.served, first_out, axis=0)
    result: BoolArray = out & (trace.t[np.maximum(last_known, 0)] - since >= persist)
    return result


def _latest(row: NDArray[np.intp], where: BoolArray) -> NDArray[np.intp]:
    """Return the row of the latest instant, up to each, where a condition held; -1 before the first."""
    return np.maximum.accumulate(np.where(where, row, -1), axis=0)


def accepted(trace: Trace, standing: BoolArray, exercise: Exercise, share: float) -> bool:
    """Return whether she was in the pose at least once, and for that share of the time without a fault.

    Args:
        trace: Of the recording.
        standing: Which checks are faults, shape ``(T, n_checks)``; advice never fails the pose.
        exercise: Whose checks.
        share: Of the time in the pose (``accept_share``).
    """
    t, inside = trace.t, trace.stage != OUTSIDE
    serious = np.array([not check.advice for check in exercise.checks], dtype=bool)
    clean = inside & ~standing[:, serious].any(axis=1)
    lasting = intervals(t)
    whole = float(lasting[inside].sum())
    # The slack is for sums of rounded times: exactly the share could fall a hair below.
    return whole > 0 and float(lasting[clean].sum()) >= share * whole - 1e-9
