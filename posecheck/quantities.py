"""From measures to the numbers that are compared: her own neutral, and ranges over a stretch of time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from posecheck.body import Body, MeasureSide
from posecheck.coaching import Views
from posecheck.measures import MEASURES
from posecheck.pose import FloatArray
from posecheck.spec import CYCLE_PERIOD, Condition, Exercise, Neutral, Quantity, View

HAIR_S = 1e-6
"""The difference of two times may fall so far short of the span that lies between them: they are rounded."""

Key = tuple[str, str, str | None, float | None]
MeasureKey = tuple[str, str]


def measures_of(wanted: Iterable[tuple[str, MeasureSide]], body: Body) -> dict[MeasureKey, FloatArray]:
    """Return the measures wanted, such as those of ``exercise.measures``, each with the body's leading axes."""
    return {(name, side): MEASURES[name].compute(body, side) for name, side in wanted}


def instant_values(exercise: Exercise, measures: Mapping[MeasureKey, FloatArray]) -> FloatArray:
    """Return the quantities that one instant can give; those that need time or a neutral are NaN.

    Args:
        exercise: Whose quantities.
        measures: Measure and side -> value over leading axes ``(...,)``; what was not measured is unknown.

    Returns:
        Shape ``(..., n_quantities)``, in the order of ``exercise.quantities``.
    """
    unknown = np.full(np.shape(next(iter(measures.values()), np.nan)), np.nan)
    columns = [measures.get((q.measure, q.side), unknown) if q.absolute else unknown for q in exercise.quantities]
    return np.stack(columns, axis=-1) if columns else np.zeros((*unknown.shape, 0))


def lone_values(exercise: Exercise, measures: Mapping[MeasureKey, float]) -> FloatArray:
    """Return ``instant_values`` of one instant with plain numbers for measures, shape ``(n_quantities,)``."""
    return np.array([measures[q.measure, q.side] if q.absolute else math.nan for q in exercise.quantities])


def values_for(exercise: Exercise, conditions: Iterable[Condition], body: Body) -> FloatArray:
    """Return ``instant_values`` of what some conditions look at; the rest, which may cost far more, is NaN."""
    looked_at = {(condition.measure, condition.side) for condition in conditions}
    return instant_values(exercise, measures_of([key for key in exercise.measures if key in looked_at], body))


def name_view(ratios: FloatArray, limits: Views) -> View | str:
    """Return ``side``, ``three_quarter``, ``front`` or ``unknown`` by the median of ``Body.view_ratio``."""
    ratios = ratios[np.isfinite(ratios)]
    if not len(ratios):
        return "unknown"
    ratio = float(np.median(ratios))
    if ratio <= limits.side_max:
        return "side"
    return "front" if ratio >= limits.front_min else "three_quarter"


def timed_values(
    exercise: Exercise,
    measures: Mapping[MeasureKey, float],
    neutral: Mapping[str, float],
    windows: Mapping[Key, Window],
    cycle_period: float,
) -> FloatArray:
    """Return every quantity of one instant in a stream, shape ``(n_quantities,)``."""
    values = []
    for q in exercise.quantities:
        if q.measure == CYCLE_PERIOD:
            values.append(cycle_period)
        elif q.over is not None:
            values.append(windows[q.key].range)
        else:
            values.append(against(q, measures[q.measure, q.side], neutral))
    return np.array(values)


def least_values(exercise: Exercise, windows: Mapping[Key, Window]) -> FloatArray:
    """Return what each range is at least, before its window is filled; NaN for what is no range."""
    return np.array([math.nan if q.over is None else windows[q.key].so_far for q in exercise.quantities])


def against(quantity: Quantity, x: float, neutral: Mapping[str, float]) -> float:
    """Return a value compared with the person's neutral, as the quantity asks; NaN while that is not known."""
    base = neutral.get(quantity.measure, math.nan)
    if quantity.against == "neutral":
        return x - base
    if quantity.against == "neutral_ratio":
        return x / base if base else math.nan
    return x


@dataclass(frozen=True, slots=True)
class Window:
    """The recent past of one number.

    Attributes:
        span: How far back it reaches, seconds.
        max_gap: A sample says nothing about what is later than this, seconds.
        t: The latest instant, seen or not; None before the first.
        times: Media seconds of the samples, oldest first; unseen instants are left out.
        values: Their values.
        so_far: Largest minus smallest value among those there are: the range is at least that. NaN without any.
    """

    span: float
    max_gap: float
    t: float | None = None
    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    so_far: float = math.nan

    def push(self, t: float, x: float) -> Window:
        """Return the window with one more instant and without what is too old."""
        times, values = self.times, self.values
        if not math.isnan(x):
            times, values = (*times, t), (*values, x)
        # The last sample before the span stays: with it the window is known to reach back far enough.
        start = t - self.span + HAIR_S
        first = max(bisect_right(times, start) - 1, 0)
        if times and times[first] < start - self.max_gap:
            first += 1
        times, values = times[first:], values[first:]
        recent = (_first(start, times, values), *values[1:]) if values else ()
        so_far = max(recent) - min(recent) if recent else math.nan
        return Window(self.span, self.max_gap, t, times, values, so_far)

    @property
    def range(self) -> float:
        """Largest minus smallest value; NaN until the window is filled, and while nothing is seen."""
        if self.t is None or not self.times:
            return math.nan
        if self.times[0] > self.t - self.span + HAIR_S or self.t - self.times[-1] > self.max_gap:
            return math.nan
        return self.so_far


def _first(start: float, times: Sequence[float], values: Sequence[float]) -> float:
    """Return the value at the start of a window, between its first two samples: no frame rate makes it longer."""
    if times[0] >= start or len(times) < 2:
        return values[0]
    return values[0] + (values[1] - values[0]) * (start - times[0]) / (times[1] - times[0])


@dataclass(frozen=True, slots=True)
class NeutralState:
    """The search for the person's neutral: samples while it may be one, and the values once found."""

    samples: tuple[tuple[float, tuple[float, ...]], ...] = ()
    found: tuple[tuple[str, float], ...] = ()


def neutral_step(
    state: NeutralState, t: float, measures: Mapping[MeasureKey, float], fits: bool, spec: Neutral
) -> NeutralState:
    """Look for the person's neutral: a still stretch while the definition's conditions hold.

    Args:
        state: After the instant before; once found, the neutral stays, unless a later one has more of ``most``.
        t: Media time, seconds.
        measures: Smoothed measures of this instant.
        fits: Whether the definition's conditions hold now.
        spec: What to remember and how still it must be.
    """
    if state.found and spec.most is None:
        return state
    row = tuple(measures[name, "near"] for name in spec.measures)
    if not fits or any(math.isnan(x) for x in row):
        return NeutralState(found=state.found)
    samples = _within((*state.samples, (t, row)), t, spec.settle)
    columns = list(zip(*(values for _, values in samples), strict=True))
    full = samples[0][0] <= t - spec.settle
    still = all(max(c) - min(c) <= most for c, most in zip(columns, spec.measures.values(), strict=True))
    if full and still:
        found = tuple((n, float(np.median(c))) for n, c in zip(spec.measures, columns, strict=True))
        if not state.found or _has_more(found, state.found, spec):
            return NeutralState(found=found)
    return NeutralState(samples, state.found)


def _has_more(new: tuple[tuple[str, float], ...], old: tuple[tuple[str, float], ...], spec: Neutral) -> bool:
    """Return whether a still time has more of what her neutral has the most of, beyond what it may move."""
    if spec.most is None:
        return False
    return dict(new)[spec.most] > dict(old).get(spec.most, -math.inf) + spec.measures[spec.most]


def _within(
    samples: Sequence[tuple[float, tuple[float, ...]]], t: float, span: float
) -> tuple[tuple[float, tuple[float, ...]], ...]:
    """Return the samples of the last ``span`` seconds and the one just before."""
    first = 0
    while first + 1 < len(samples) and samples[first + 1][0] <= t - span:
        first += 1
    return tuple(samples[first:])
