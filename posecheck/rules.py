"""Three-valued judgement: is she in the pose, and which checks are good, out, or unknown.

``assess`` is stateless and keeps leading axes: one instant or a whole recording, bit for bit the same.
``fault_step`` adds what needs time: hysteresis and persistence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from posecheck.pose import BoolArray, FloatArray
from posecheck.spec import Check, Condition, Edge, Exercise, Quantity

Values = Mapping[tuple[str, str, str | None, float | None], FloatArray]
"""Quantity key -> value over leading axes ``(...,)``, NaN where unknown."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Judgement of each instant.

    Attributes:
        entered: 1 in the pose, 0 not, NaN unknown, shape ``(...,)``.
        beyond: Whether each check is beyond its cue band, shape ``(..., n_checks)``.
        within: Whether each check is within its ok band; neither beyond nor within is the hysteresis.
        unknown: Whether each check cannot be judged: a quantity or a ``when`` is unseen, or the view is wrong.
    """

    entered: FloatArray
    beyond: BoolArray
    within: BoolArray
    unknown: BoolArray


def value_of(values: Values, quantity: Quantity) -> FloatArray:
    """Return a quantity's value, shape ``(...,)``."""
    return values[quantity.key]


def fulfilled(condition: Condition, values: Values) -> FloatArray:
    """Return 1 where the condition holds, 0 where it fails, NaN where it is unknown, shape ``(...,)``."""
    x = value_of(values, condition)
    low = -np.inf if condition.min is None else condition.min
    high = np.inf if condition.max is None else condition.max
    result = ((x >= low) & (x <= high)).astype(np.float64)
    return np.where(np.isnan(x), 1.0 if condition.unseen == "passes" else np.nan, result)


def all_of(truths: Sequence[FloatArray]) -> FloatArray:
    """Return Kleene's and: 0 where any is 0, else NaN where any is unknown, else 1; nothing at all is 1."""
    if not truths:
        return np.asarray(1.0)
    stacked = np.stack(np.broadcast_arrays(*truths))
    unknown = np.where(np.isnan(stacked).any(axis=0), np.nan, 1.0)
    return np.where((stacked == 0).any(axis=0), 0.0, unknown)


def any_of(truths: Sequence[FloatArray]) -> FloatArray:
    """Return Kleene's or: 1 where any is 1, else NaN where any is unknown, else 0."""
    return 1.0 - all_of([1.0 - truth for truth in truths])


def holds_all(conditions: Sequence[Condition], values: Values) -> FloatArray:
    """Return Kleene's and of conditions, shape ``(...,)``."""
    return all_of([fulfilled(c, values) for c in conditions])


def entered(exercise: Exercise, values: Values) -> FloatArray:
    """Return whether each instant meets the entry conditions: 1, 0 or NaN, shape ``(...,)``."""
    truths = [fulfilled(c, values) for c in exercise.entry.all]
    if exercise.entry.any:
        truths.append(any_of([holds_all(group, values) for group in exercise.entry.any]))
    return all_of(truths)


def assess(exercise: Exercise, values: Values, strictness: float) -> Assessment:
    """Judge every instant.

    Args:
        exercise: What to judge against.
        values: Every quantity of the exercise.
        strictness: 0 = the bands as written (gentle), 1 = only the good band is silent (standard).
    """
    gate = holds_all(exercise.framing.gate, values) if exercise.framing.gate else np.asarray(1.0)
    judged = [_assess_check(check, values, strictness, gate) for check in exercise.checks]
    beyond, within, unknown = (np.stack(np.broadcast_arrays(*part), axis=-1) for part in zip(*judged, strict=True))
    return Assessment(entered(exercise, values), beyond, within, unknown)


def _assess_check(
    check: Check, values: Values, strictness: float, gate: FloatArray
) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Return beyond, within, unknown of one check, each shape ``(...,)``."""
    beyonds, withins, unseens = [], [], []
    for limit in check.limits:
        x = value_of(values, limit)
        b, w = np.zeros(np.shape(x), bool), np.ones(np.shape(x), bool)
        if limit.min:
            ok, cue = bounds(limit.min, strictness)
            b, w = b | (x < cue), w & ~(x < ok)
        if limit.max:
            ok, cue = bounds(limit.max, strictness)
            b, w = b | (x > cue), w & ~(x > ok)
        beyonds.append(b)
        withins.append(w)
        unseens.append(np.isnan(x) & (limit.unseen == "unknown"))
    applies = holds_all(check.when, values) if check.when else np.asarray(1.0)
    blind = np.zeros((), bool) if check.any_view else (gate == 0)
    # One limit that is out decides; otherwise every limit must be seen to call the check good.
    seen_out = np.logical_or.reduce(beyonds)
    unknown = (
        np.where(applies == 0, False, np.isnan(applies) | (~seen_out & np.logical_or.reduce(unseens))) | blind
    )
    beyond = seen_out & (applies == 1) & ~unknown
    within = (np.logical_and.reduce(withins) | (applies == 0)) & ~unknown
    return beyond, within, unknown


def bounds(edge: Edge, strictness: float) -> tuple[float, float]:
    """Return the ok and the cue bound of one end, moved toward good by the strictness."""
    shift = strictness * (edge.good - edge.ok)
    return edge.ok + shift, edge.cue + shift


@dataclass(frozen=True, slots=True)
class FaultState:
    """One check over time.

    Attributes:
        out_since: Since when it is out (seconds), None while it is not.
        standing: Whether it has been out for its persistence: a fault.
        unknown_since: Since when it cannot be judged; None while it can.
    """

    out_since: float | None = None
    standing: bool = False
    unknown_since: float | None = None


def fault_step(
    state: FaultState, t: float, *, beyond: bool, within: bool, unknown: bool, persist: float, grace: float
) -> FaultState:
    """Advance one check to media time ``t``.

    A fault begins beyond the cue band and ends within the ok band. Unknown is not wrong: while the check
    cannot be judged nothing begins, and after ``grace`` seconds what stood is dropped.
    """
    if unknown:
        since = t if state.unknown_since is None else state.unknown_since
        if t - since > grace:
            return FaultState(unknown_since=since)
        return replace(state, unknown_since=since)
    if within or (state.out_since is None and not beyond):
        return FaultState()
    since = t if state.out_since is None else state.out_since
    return FaultState(since, t - since >= persist)
