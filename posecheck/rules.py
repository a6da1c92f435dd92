"""Three-valued judgement: is she in the pose, and which checks are good, out, or unknown.

``assess`` is stateless and keeps leading axes: one instant or a whole recording, bit for bit the same.
``fault_step`` adds what needs time: hysteresis and persistence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from posecheck.cycles import CYCLES_TOLD_BY
from posecheck.pose import BoolArray, FloatArray
from posecheck.spec import CYCLE_PERIOD, Condition, Edge, Exercise, Limit

_TRUE, _FALSE = 1.0, 0.0
_PIECES = 10
"""A step from one instant to the next is looked at in so many pieces to see when a check went beyond."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """An exercise's bands and conditions as columns, so that all are compared at once.

    A *group* is a list of conditions that must all hold: the entry, each of its alternatives, staying in, the view
    gate, the set-up, the neutral, and the ``when`` of each movement and of each check.

    Attributes:
        exercise: What it was made from.
        limit_column: Which quantity each limit looks at, shape ``(n_limits,)``.
        limit_check: Where each check's limits begin, shape ``(n_checks,)``.
        column: Which quantity each comparison looks at, shape ``(n,)``: every condition, then every limit with
            its cue band, then every limit with its ok band.
        band: Low and high bound of each comparison, shape ``(2, n)``; infinite where there is none.
        passes: Whether an unseen one is left out.
        enough: The value that settles an unseen one: a condition without an upper bound holds from its lower one
            on; infinite elsewhere.
        start: Where the comparisons of each group begin, then of each check with its cue bands, then of each
            with its ok bands.
        group: Name of a group -> its place; a group without conditions is absent: it holds.
        when: Checks that have a ``when``, and the places of these groups, shape ``(2, n_when)``.
        moves: Whether each check asks for movement: a range over time that is large enough.
        one_view: Whether each check is judged from the exercise's own views alone.
        lookback: How far each check looks back by each quantity to see that nothing moved, seconds, shape
            ``(n_checks, n_quantities)``.
    """

    exercise: Exercise
    limit_column: NDArray[np.intp]
    limit_check: NDArray[np.intp]
    column: NDArray[np.intp]
    band: FloatArray
    passes: BoolArray
    enough: FloatArray
    start: NDArray[np.intp]
    group: dict[str, int]
    when: NDArray[np.intp]
    moves: BoolArray
    one_view: BoolArray
    lookback: FloatArray


@dataclass(frozen=True, slots=True)
class Assessment:
    """Judgement of each instant.

    Attributes:
        groups: 1 where a group of conditions holds, 0 where it fails, NaN where it is unknown,
            shape ``(..., n_groups)``.
        entered: The same for coming into the pose, shape ``(...,)``.
        stays: The same for staying in it: what lets her in keeps her in, and so does the entry's ``stay``.
        beyond: Whether each check is beyond its cue band, shape ``(..., n_checks)``.
        within: Whether each check is within its ok band; neither beyond nor within is the hysteresis.
        good: Whether each check is seen to be good: within, and not only because it rests where too little
            movement is the mistake: who keeps still has mended nothing.
        unknown: Whether each check cannot be judged: a quantity or a ``when`` is unseen, or the view is wrong.
        served: Seconds for which a check that is beyond now has been so already: a range that is too small over
            a stretch of time has lasted for that stretch, and a cycle that is too short for those that tell it.
    """

    groups: FloatArray
    entered: FloatArray
    stays: FloatArray
    beyond: BoolArray
    within: BoolArray
    good: BoolArray
    unknown: BoolArray
    served: FloatArray


def make_criteria(exercise: Exercise, strictness: float) -> Criteria:
    """Lay an exercise's bands and conditions out as columns.

    Args:
        exercise: What to judge against.
        strictness: 0 = the bands as written (gentle), 1 = only the good band is silent (standard).
    """
    column = {quantity.key: i for i, quantity in enumerate(exercise.quantities)}
    groups = _groups(exercise)
    conditions = [condition for group in groups.values() for condition in group]
    low = np.array([-np.inf if c.min is None else c.min for c in conditions])
    high = np.array([np.inf if c.max is None else c.max for c in conditions])
    limits = [limit for check in exercise.checks for limit in check.limits]
    ok, cue = np.array([limit_bounds(limit, strictness) for limit in limits]).reshape(-1, 2, 2).transpose(1, 2, 0)
    limit_column = np.array([column[limit.key] for limit in limits], dtype=np.intp)
    looked_at = np.array([column[c.key] for c in conditions], dtype=np.intp)
    condition_passes = [c.unseen == "passes" for c in conditions]
    limit_passes = [limit.unseen == "passes" for limit in limits]
    check_limits = [len(check.limits) for check in exercise.checks]
    lengths = [*map(len, groups.values()), *check_limits, *check_limits]
    when = [(i, list(groups).index(check.id)) for i, check in enumerate(exercise.checks) if check.when]
    return Criteria(
        exercise=exercise,
        limit_column=limit_column,
        limit_check=np.cumsum([0, *check_limits])[:-1],
        column=np.concatenate([looked_at, limit_column, limit_column]),
        band=np.concatenate([[low, high], cue, ok], axis=1),
        passes=np.array([*condition_passes, *limit_passes, *limit_passes], dtype=bool),
        enough=np.concatenate([np.where(np.isinf(high), low, np.inf), np.full(2 * len(limits), np.inf)]),
        start=np.cumsum([0, *lengths])[:-1],
        group={name: i for i, name in enumerate(groups)},
        when=np.array(when, dtype=np.intp).reshape(-1, 2).T,
        moves=np.array([any(x.over and x.min for x in check.limits) for check in exercise.checks], dtype=bool),
        one_view=np.array([not check.any_view for check in exercise.checks], dtype=bool),
        lookback=_lookback(exercise, column),
    )


def _groups(exercise: Exercise) -> dict[str, Sequence[Condition]]:
    """Return every group of conditions by name; those without any are left out."""
    groups: dict[str, Sequence[Condition]] = {}
    if exercise.entry:
        groups |= {"entry": exercise.entry.all}
        groups |= {f"any {i}": group for i, group in enumerate(exercise.entry.any)}
        groups |= {"stay": exercise.entry.stay}
    groups |= {"gate": exercise.framing.gate, "setup": exercise.framing.setup}
    groups["neutral"] = exercise.neutral.when if exercise.neutral else ()
    groups |= {f"cycles {movement.measure}": movement.when for movement in exercise.movements}
    groups |= {check.id: check.when for check in exercise.checks}
    return {name: group for name, group in groups.items() if group}


def _lookback(exercise: Exercise, column: Mapping[tuple[str, str, str | None, float | None], int]) -> FloatArray:
    back = np.zeros((len(exercise.checks), len(column)))
    for i, check in enumerate(exercise.checks):
        for limit in check.limits:
            if limit.min:
                cycles = CYCLES_TOLD_BY * limit.min.cue if limit.measure == CYCLE_PERIOD else 0.0
                back[i, column[limit.key]] = limit.over or cycles
    return back


def limit_bounds(limit: Limit, strictness: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (ok low, ok high), (cue low, cue high) of a limit, moved toward good by the strictness."""

    def shift(edge: Edge) -> float:
        return strictness * (edge.good - edge.ok)

    low, high = limit.min, limit.max
    return (
        (low.ok + shift(low) if low else -np.inf, high.ok + shift(high) if high else np.inf),
        (low.cue + shift(low) if low else -np.inf, high.cue + shift(high) if high else np.inf),
    )


def assess(criteria: Criteria, values: FloatArray, at_least: FloatArray | None = None) -> Assessment:
    """Judge every instant.

    Args:
        criteria: What to judge against.
        values: Every quantity of the exercise, shape ``(..., n_quantities)``, NaN where unknown.
        at_least: What a quantity that is not known yet is at least, the same shape, NaN where even that is
            unknown: enough to see that it is too large.
    """
    groups, outside, unseen = _compare(criteria, values, at_least)
    count = len(criteria.one_view)
    beyond, outside = outside[..., :count], outside[..., count:]
    applies = np.ones(beyond.shape)
    applies[..., criteria.when[0]] = groups[..., criteria.when[1]]
    rests = applies == _FALSE
    # One limit that is out decides; otherwise every limit must be seen to call the check good.
    unknown = ~rests & (np.isnan(applies) | (~beyond & unseen))
    if "gate" in criteria.group:
        unknown |= (groups[..., criteria.group["gate"]] == _FALSE)[..., None] & criteria.one_view
    within = (~outside | rests) & ~unknown
    coming_in = _entered(criteria, groups)
    return Assessment(
        groups=groups,
        entered=coming_in,
        stays=_stays(criteria, groups, coming_in),
        beyond=beyond & (applies == _TRUE) & ~unknown,
        within=within,
        good=within & ~(rests & criteria.moves),
        unknown=unknown,
        served=np.where(np.isnan(values)[..., None, :], 0.0, criteria.lookback).max(axis=-1, initial=0.0),
    )


def onset(criteria: Criteria, before: FloatArray, now: FloatArray, at_least: FloatArray) -> FloatArray:
    """Return for which share of the step between two instants each check has been beyond, up to the later one.

    Every quantity lies on a straight line from one instant to the next, so that a fault begins where its cue is
    crossed and not at the frame after: it lasts as long at 10 frames a second as at 30.

    Args:
        criteria: What to judge against.
        before: Every quantity at the instant before, shape ``(..., n_quantities)``.
        now: The same of this instant.
        at_least: As for ``assess``, of this instant.

    Returns:
        0 for a check that is not beyond, and where what it needs was unknown before; shape ``(..., n_checks)``.
    """
    share = np.linspace(0.0, 1.0, _PIECES, endpoint=False)[:, None]
    line = before[..., None, :] + share * (now - before)[..., None, :]
    beyond = assess(criteria, line, at_least[..., None, :]).beyond
    # From the end backwards, as long as it is beyond.
    lasting: FloatArray = np.cumprod(beyond[..., ::-1, :], axis=-2).sum(axis=-2) / _PIECES
    return lasting


def entered(criteria: Criteria, values: FloatArray) -> FloatArray:
    """Return whether each instant meets the entry conditions: 1, 0 or NaN, shape ``(...,)``."""
    return _entered(criteria, hold_groups(criteria, values))


def group_holds(criteria: Criteria, groups: FloatArray, name: str) -> FloatArray:
    """Return 1, 0 or NaN for one group of ``Assessment.groups``, shape ``(...,)``; 1 if it has no conditions."""
    if name not in criteria.group:
        return np.ones(groups.shape[:-1])
    return groups[..., criteria.group[name]]


def hold_groups(criteria: Criteria, values: FloatArray) -> FloatArray:
    """Return Kleene's and of each group of conditions: 0 where one fails, else NaN where one is unknown."""
    return _compare(criteria, values, None)[0]


def _compare(
    criteria: Criteria, values: FloatArray, at_least: FloatArray | None
) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Return the groups; whether each check is outside its cue bands, then its ok bands; whether it is unseen."""
    x = values[..., criteria.column]
    unseen = np.isnan(x)
    y = x if at_least is None else np.where(unseen, at_least[..., criteria.column], x)
    out = (x < criteria.band[0]) | (y > criteria.band[1])
    # What is large enough already stays so, where there is no upper bound.
    unseen &= ~(criteria.passes | (y >= criteria.enough))
    outside, unknown = _any_of_each(np.array([out, unseen]), criteria.start)
    n = len(criteria.group)
    groups = np.where(outside[..., :n], _FALSE, np.where(unknown[..., :n], np.nan, _TRUE))
    return groups, outside[..., n:], unknown[..., n : n + len(criteria.one_view)]


def _entered(criteria: Criteria, groups: FloatArray) -> FloatArray:
    """Return the entry's conditions and, if there are any, at least one of its alternatives; unknown without."""
    if criteria.exercise.entry is None:
        return np.full(groups.shape[:-1], np.nan)
    whole = groups[..., criteria.group["entry"]]
    count = len(criteria.exercise.entry.any)
    if not count:
        return whole
    first = criteria.group["any 0"]
    one = _at_least_one(groups[..., first : first + count])
    fails = (whole == _FALSE) | (one == _FALSE)
    return np.where(fails, _FALSE, np.where(np.isnan(whole) | np.isnan(one), np.nan, _TRUE))


def _stays(criteria: Criteria, groups: FloatArray, coming_in: FloatArray) -> FloatArray:
    if "stay" not in criteria.group:
        return coming_in
    return _at_least_one(np.stack([coming_in, groups[..., criteria.group["stay"]]], axis=-1))


def _at_least_one(truths: FloatArray) -> FloatArray:
    """Return Kleene's or over the last axis: 1 where one holds, else NaN where one is unknown."""
    return np.where((truths == _TRUE).any(-1), _TRUE, np.where(np.isnan(truths).any(-1), np.nan, _FALSE))


def _any_of_each(truths: BoolArray, starts: NDArray[np.intp]) -> BoolArray:
    """Return whether any of each run of columns is true, shape ``(..., n_runs)``."""
    if not len(starts):
        return np.zeros((*truths.shape[:-1], 0), dtype=bool)
    result: BoolArray = np.logical_or.reduceat(truths, starts, axis=-1)
    return result


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


NO_FAULT = FaultState()


def fault_step(
    state: FaultState,
    t: float,
    *,
    beyond: bool,
    within: bool,
    unknown: bool,
    persist: float,
    grace: float,
    served: float = 0.0,
) -> FaultState:
    """Advance one check to media time ``t``.

    A fault begins beyond the cue band and ends within the ok band. Unknown is not wrong: while the check
    cannot be judged nothing begins, and after ``grace`` seconds what stood is dropped. What begins has lasted for
    ``served`` seconds by its nature.
    """
    if unknown:
        since = t if state.unknown_since is None else state.unknown_since
        if t - since > grace:
            return FaultState(unknown_since=since)
        return replace(state, unknown_since=since)
    if within or (state.out_since is None and not beyond):
        return NO_FAULT
    since = t - served if state.out_since is None else state.out_since
    return FaultState(since, t - since >= persist)
