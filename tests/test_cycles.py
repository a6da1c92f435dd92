"""Counting a movement between two ends: waves of any size, place and speed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from bodies import times
from hypothesis import given
from hypothesis import strategies as st

from posecheck.cycles import CycleState, CycleTimes, step

NUMBERS = CycleTimes(rise=0.6, fall=0.4, min_range=25.0, forget=40.0)


def run(
    instants: Sequence[float], wave: Callable[[float], float], numbers: CycleTimes = NUMBERS
) -> tuple[CycleState, list[float]]:
    """Return the last state and when each cycle was completed."""
    state, done = CycleState(), []
    for t in instants:
        state, completed = step(state, t, wave(t), numbers)
        if completed:
            done.append(t)
    return state, done


def cosine(size: float, period: float = 6.0, middle: float = 0.0) -> Callable[[float], float]:
    """Return a wave from its low end up and back: at ``period`` it is low again."""
    return lambda t: middle - size / 2 * math.cos(2 * math.pi * t / period)


def rest_then(start: float, wave: Callable[[float], float]) -> Callable[[float], float]:
    return lambda t: wave(max(0.0, t - start))


def test_an_end_is_stayed_at_from_when_she_came_to_it_and_not_to_the_other() -> None:
    patient = replace(NUMBERS, stays=0.3)
    state = CycleState()
    for t, x in ((0.0, 0.0), (0.1, 60.0), (0.2, 0.0), (0.4, 0.0)):
        state, _ = step(state, t, x, patient)
    assert state.halves == 0
    state, _ = step(state, 0.5, 0.0, patient)
    assert (state.halves, state.turns) == (1, (0.2,))


def test_a_value_that_is_off_for_a_moment_is_no_end() -> None:
    """A wave whose third rise is foreseen by one sample."""
    calm = cosine(60.0)
    instants = times(20.0, 10)
    plain, done = run(instants, calm)

    def spiked(t: float) -> float:
        return 25.0 if abs(t - 12.0) < 0.01 else calm(t)

    assert run(instants, spiked)[0].halves == plain.halves + 2
    state, steady = run(instants, spiked, replace(NUMBERS, stays=0.25))
    assert (state.halves, state.turns) == (plain.halves, plain.turns)  # from when she came, not later
    assert steady == pytest.approx([t + 0.25 for t in done], abs=0.06)


@pytest.mark.parametrize("size", [26.0, 40.0, 100.0, 180.0])
@pytest.mark.parametrize("middle", [-80.0, 0.0, 30.0])
def test_small_and_large_movers_count_alike(size: float, middle: float) -> None:
    state, done = run(times(30.0, 15), cosine(size, middle=middle))
    assert state.count == 5
    assert [round(t / 6.0) for t in done] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("size", [5.0, 24.0])
def test_under_the_smallest_range_nothing_moves(size: float) -> None:
    state, done = run(times(60.0, 15), cosine(size))
    assert (state.count, done, state.end) == (0, [], None)


def test_starting_high_counts_like_starting_low() -> None:
    for sign in (1.0, -1.0):
        state, done = run(times(24.0, 15), cosine(sign * 60.0))
        assert state.count == 4
        assert done[0] == pytest.approx(6.0, abs=1.5)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_from_the_middle_either_way_first(sign: float) -> None:
    state, done = run(times(30.0, 15), lambda t: sign * 40 * math.sin(2 * math.pi * t / 6.0))
    assert state.count in (4, 5)  # the last one may still be on its way
    assert done[0] < 6.1
    assert all(abs((b - a) - 6.0) < 0.3 for a, b in pairwise(done[1:]))


def test_resting_first_makes_no_cycle() -> None:
    state, done = run(times(80.0, 15), rest_then(50.0, cosine(60.0)))
    assert state.count == 5
    assert done[0] > 54.0


def test_the_phase_is_the_end_she_is_at() -> None:
    state = CycleState()
    ends = []
    for t in times(12.0, 15):
        state, _ = step(state, t, cosine(60.0)(t), NUMBERS)
        ends.append(state.end)
    assert ends[0] is None
    at = {t: end for t, end in zip(times(12.0, 15), ends, strict=True)}
    assert [at[t] for t in (3.0, 6.0, 9.0, 12.0)] == ["high", "low", "high", "low"]


def test_a_slow_drift_is_no_cycle_and_hides_none() -> None:
    drifting = run(times(120.0, 10), lambda t: 0.5 * t)
    assert drifting[0].count == 0
    moving = run(times(60.0, 10), lambda t: 0.5 * t + cosine(60.0)(t))
    assert moving[0].count == 10


def test_a_pause_at_an_end_loses_nothing() -> None:
    def wave(t: float) -> float:
        return cosine(60.0)(min(t, 3.0) if t < 15.0 else t - 12.0)

    state, done = run(times(24.0, 10), wave)
    assert state.count == 2
    assert done[0] > 15.0


def test_a_smaller_mover_after_a_large_one_is_found_again() -> None:
    def wave(t: float) -> float:
        return cosine(160.0)(t) if t < 12.0 else cosine(40.0, middle=-60.0)(t)

    _, done = run(times(80.0, 10), wave)
    # The large range ends at 12 s and is forgotten 40 s later.
    assert len([t for t in done if t > 12.0 + 40.0]) >= 4


@given(st.lists(st.floats(-12.4, 12.4), min_size=1, max_size=200))
def test_noise_under_the_smallest_range_counts_nothing(noise: list[float]) -> None:
    state, done = CycleState(), 0
    for i, x in enumerate(noise):
        state, completed = step(state, 0.1 * i, x, NUMBERS)
        done += completed
    assert (done, state.halves) == (0, 0)


@given(st.floats(30, 150), st.floats(4, 12), st.integers(1, 6), st.sampled_from([5.0, 10.0, 15.0, 30.0]))
def test_any_frame_rate_counts_the_same(size: float, period: float, n: int, fps: float) -> None:
    state, done = run(times(n * period + 0.3, fps), cosine(size, period))
    assert state.count == n
    # The low phase begins a little before the low end: within a quarter of the cycle, and one interval.
    for i, t in enumerate(done):
        assert (i + 1) * period - period / 4 <= t <= (i + 1) * period + 1 / fps


@given(st.lists(st.floats(0.02, 0.4), min_size=60, max_size=160))
def test_irregular_times_count_the_same(steps: list[float]) -> None:
    instants = np.cumsum([0.0, *steps]).tolist()
    state, _ = run(instants, cosine(80.0, 5.0))
    # The low phase begins up to a quarter of a cycle before the low end.
    assert int(instants[-1] / 5.0) <= state.count <= int(instants[-1] / 5.0 + 0.25)


@given(st.floats(-200, 200), st.floats(30, 100))
def test_the_same_wave_higher_up_counts_the_same(middle: float, size: float) -> None:
    one = run(times(20.0, 10), cosine(size))[0]
    other = run(times(20.0, 10), cosine(size, middle=middle))[0]
    assert (one.count, one.end) == (other.count, other.end)


@given(st.lists(st.floats(-60, 60), min_size=2, max_size=100))
def test_the_upside_down_wave_has_the_same_halves(values: list[float]) -> None:
    numbers = CycleTimes(rise=0.6, fall=0.4, min_range=25.0, forget=40.0)
    one, other = CycleState(), CycleState()
    for i, x in enumerate(values):
        one, _ = step(one, 0.2 * i, x, numbers)
        other, _ = step(other, 0.2 * i, -x, numbers)
    swap = {"high": "low", "low": "high", None: None}
    assert other.halves == one.halves
    assert other.end == swap[one.end]


def test_unseen_instants_change_nothing() -> None:
    seen, _ = run(times(12.0, 10), cosine(60.0))
    gaps, _ = run(times(12.0, 10), lambda t: math.nan if int(t * 10) % 3 == 1 else cosine(60.0)(t))
    assert gaps.count == seen.count == 2
    state = CycleState()
    assert step(state, 0.0, math.nan, NUMBERS) == (state, False)


@pytest.mark.parametrize("period", [3.0, 6.0, 10.0])
def test_the_period_is_the_slower_of_the_last_two_cycles(period: float) -> None:
    def after(seconds: float, wave: Callable[[float], float]) -> float:
        return run(times(seconds, 20), wave)[0].period(seconds)

    assert math.isnan(after(1.4 * period, cosine(60.0, period)))
    assert after(4.5 * period, cosine(60.0, period)) == pytest.approx(period, abs=0.1)

    def speeding_up(t: float) -> float:
        return cosine(60.0, 6.0)(t) if t < 12.0 else cosine(60.0, 2.0)(t - 12.0)

    # One fast cycle is not yet too fast: the slower of two counts.
    assert after(14.2, speeding_up) > 4
    assert after(18.0, speeding_up) == pytest.approx(2.0, abs=0.1)


def test_who_has_stopped_is_not_too_fast() -> None:
    state, _ = run(times(12.0, 20), rest_then(0.0, lambda t: cosine(60.0, 2.0)(min(t, 8.0))))
    assert state.period(8.5) == pytest.approx(2.0, abs=0.2)
    assert state.period(12.0) > 7.0


def test_time_passes_unseen_too() -> None:
    # After a long time out of sight the old range has faded: where she is now is the new middle.
    state, _ = run(times(12.0, 10), cosine(100.0))
    state, _ = step(state, 100.0, 0.0, NUMBERS)
    assert (state.lows, state.highs) == (((100.0, 0.0),), ((100.0, 0.0),))
