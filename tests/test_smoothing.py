"""The One Euro filter against the published algorithm written out for one number, and the near-side latch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.smoothing import (
    EuroParameters,
    EuroState,
    LatchState,
    RestLimits,
    RestState,
    euro_start,
    euro_step,
    latch_step,
    rest_step,
)


class PublishedFilter:
    """Casiez, Roussel, Vogel 2012, algorithm 1, for one number with the true time between samples."""

    def __init__(self, min_cutoff: float, beta: float, d_cutoff: float) -> None:
        self.min_cutoff, self.beta, self.d_cutoff = min_cutoff, beta, d_cutoff
        self.t: float | None = None
        self.x = self.dx = 0.0

    def __call__(self, t: float, x: float) -> float:
        if self.t is None:
            self.t, self.x, self.dx = t, x, 0.0
            return x
        te = t - self.t
        edx = self.low_pass(te, self.d_cutoff, (x - self.x) / te, self.dx)
        cutoff = self.min_cutoff + self.beta * abs(edx)
        self.x, self.dx, self.t = self.low_pass(te, cutoff, x, self.x), edx, t
        return self.x

    @staticmethod
    def low_pass(te: float, cutoff: float, x: float, hat: float) -> float:
        tau = 1.0 / (2.0 * math.pi * cutoff)
        alpha = 1.0 / (1.0 + tau / te)
        return alpha * x + (1.0 - alpha) * hat


def parameters(n: int, min_cutoff: float = 1.0, beta: float = 0.05, d_cutoff: float = 1.0) -> EuroParameters:
    return EuroParameters(np.full(n, min_cutoff), np.full(n, beta), np.full(n, d_cutoff))


def run(times: Sequence[float], values: Sequence[float], p: EuroParameters, max_gap: float = 1e9) -> list[float]:
    state, out = euro_start(1), []
    for t, x in zip(times, values, strict=True):
        state, y = euro_step(state, t, np.array([x]), p, max_gap)
        out.append(float(y[0]))
    return out


steps = st.lists(st.tuples(st.floats(0.005, 0.4), st.floats(-200, 200)), min_size=1, max_size=40)


@given(steps, st.floats(0.1, 5), st.floats(0, 5), st.floats(0.2, 5), st.sampled_from([0.0, -3.0, 1e5]))
def test_it_is_the_published_filter(
    samples: list[tuple[float, float]], min_cutoff: float, beta: float, d_cutoff: float, start: float
) -> None:
    times = [start, *(start + np.cumsum([dt for dt, _ in samples])[:-1])]
    values = [x for _, x in samples]
    published = PublishedFilter(min_cutoff, beta, d_cutoff)
    expected = [published(float(t), x) for t, x in zip(times, values, strict=True)]
    found = run([float(t) for t in times], values, parameters(1, min_cutoff, beta, d_cutoff))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_by_hand() -> None:
    # 1 Hz at rest, no speed: alpha = 1 / (1 + 1 / (2 pi 0.1)) = 0.3859 after a tenth of a second.
    assert run([0.0, 0.1], [0.0, 1.0], parameters(1, beta=0.0)) == pytest.approx([0.0, 0.38587], abs=1e-5)


def test_zero_is_a_time_like_any_other() -> None:
    # The packaged filter takes a first t of 0.0 for no time and guesses the frame rate.
    values = [0.0, 1.0, 0.5, 0.9]
    at_zero = run([0.0, 0.03, 0.09, 0.2], values, parameters(1))
    later = run([7.0, 7.03, 7.09, 7.2], values, parameters(1))
    assert at_zero == pytest.approx(later)


def test_the_first_sample_and_the_first_after_a_gap_come_as_they_are() -> None:
    found = run([0.0, 0.1, 0.2, 0.8], [5.0, 6.0, 6.0, 40.0], parameters(1), max_gap=0.5)
    assert found[0] == 5.0
    assert 5.0 < found[2] < 6.0
    assert found[3] == 40.0


def test_after_a_gap_no_speed_is_left() -> None:
    fresh = run([0.0, 0.1], [40.0, 41.0], parameters(1), max_gap=0.5)
    after = run([0.0, 0.1, 0.2, 0.8, 0.9], [0.0, 90.0, 180.0, 40.0, 41.0], parameters(1), max_gap=0.5)
    assert after[3:] == pytest.approx(fresh)


def test_a_gap_is_measured_from_the_last_seen_sample() -> None:
    nan = math.nan
    short = run([0.0, 0.2, 0.4, 0.5], [0.0, nan, nan, 1.0], parameters(1), max_gap=0.5)
    long = run([0.0, 0.2, 0.4, 0.6], [0.0, nan, nan, 1.0], parameters(1), max_gap=0.5)
    assert 0.0 < short[3] < 1.0
    assert long[3] == 1.0


@given(st.lists(st.one_of(st.floats(-90, 90), st.just(math.nan)), min_size=1, max_size=30))
def test_an_unseen_sample_is_passed_on_and_forgotten(values: list[float]) -> None:
    times = [0.07 * i for i in range(len(values))]
    found = run(times, values, parameters(1))
    assert [math.isnan(y) for y in found] == [math.isnan(x) for x in values]
    seen = [(t, x) for t, x in zip(times, values, strict=True) if not math.isnan(x)]
    without = run([t for t, _ in seen], [x for _, x in seen], parameters(1))
    assert [y for y in found if not math.isnan(y)] == without


@given(st.lists(st.tuples(*[st.one_of(st.floats(-90, 90), st.just(math.nan))] * 3), min_size=1, max_size=20))
def test_many_numbers_at_once_are_each_by_itself(rows: list[tuple[float, float, float]]) -> None:
    p = EuroParameters(np.array([1.0, 0.5, 2.0]), np.array([0.05, 3.0, 0.0]), np.array([1.0, 1.0, 0.3]))
    times = [0.2 * i for i in range(len(rows))]
    state, together = euro_start(3), []
    for t, row in zip(times, rows, strict=True):
        state, y = euro_step(state, t, np.array(row), p, 0.5)
        together.append(y)
    for i in range(3):
        alone = EuroParameters(p.min_cutoff[i : i + 1], p.beta[i : i + 1], p.d_cutoff[i : i + 1])
        found = run(times, [row[i] for row in rows], alone, max_gap=0.5)
        np.testing.assert_array_equal([y[i] for y in together], found)


@given(steps)
def test_it_never_leaves_what_it_was_given(samples: list[tuple[float, float]]) -> None:
    times = np.cumsum([dt for dt, _ in samples]).tolist()
    values = [x for _, x in samples]
    for i, y in enumerate(run(times, values, parameters(1))):
        assert min(values[: i + 1]) - 1e-9 <= y <= max(values[: i + 1]) + 1e-9


def test_two_samples_of_one_time_count_once() -> None:
    found = run([0.0, 0.1, 0.1, 0.2], [0.0, 1.0, 50.0, 1.0], parameters(1))
    assert found[2] == found[1]
    assert found[3] == pytest.approx(run([0.0, 0.1, 0.2], [0.0, 1.0, 1.0], parameters(1))[2])


def test_a_steady_number_is_itself() -> None:
    assert run([0.1 * i for i in range(20)], [37.5] * 20, parameters(1)) == pytest.approx([37.5] * 20)


def test_the_state_it_is_given_is_left_alone() -> None:
    state = EuroState(np.array([1.0]), np.array([2.0]), np.array([0.0]))
    euro_step(state, 0.1, np.array([5.0]), parameters(1), 1.0)
    assert (state.x[0], state.dx[0], state.t[0]) == (1.0, 2.0, 0.0)


# --- the near side -----------------------------------------------------------------------------------------------


def choices(samples: Sequence[tuple[float, float]], margin: float = 0.1, dwell: float = 1.0) -> list[int | None]:
    state, out = LatchState(), []
    for t, balance in samples:
        state = latch_step(state, t, balance, margin, dwell)
        out.append(state.choice)
    return out


def test_the_better_seen_side_is_chosen_at_once_and_kept() -> None:
    assert choices([(0.0, math.nan), (0.1, -0.01), (0.2, 0.05), (5.0, 0.09)]) == [None, 1, 1, 1]


def test_the_other_side_must_be_better_for_as_long_as_the_dwell() -> None:
    assert choices([(0.0, 0.3), (1.0, -0.2), (1.9, -0.2), (2.0, -0.2)]) == [0, 0, 0, 1]
    assert choices([(0.0, -0.3), (1.0, 0.2), (1.9, 0.2), (2.0, 0.2)]) == [1, 1, 1, 0]


def test_a_doubt_that_passes_begins_anew() -> None:
    assert choices([(0.0, 0.3), (1.0, -0.2), (1.8, 0.0), (1.9, -0.2), (2.8, -0.2), (2.9, -0.2)])[-2:] == [0, 1]


def test_nobody_changes_nothing() -> None:
    assert choices([(0.0, 0.3), (1.0, -0.2), (1.5, math.nan), (2.0, -0.2)]) == [0, 0, 0, 1]


@given(st.lists(st.floats(-0.1, 0.1), max_size=50))
def test_flapping_within_the_margin_never_changes_the_side(balances: list[float]) -> None:
    found = choices([(0.0, 0.5), *((0.1 * (i + 1), b) for i, b in enumerate(balances))])
    assert set(found) == {0}


@given(st.lists(st.floats(-1, 1).filter(bool), min_size=1, max_size=40))
def test_the_mirrored_latch_is_the_other_side(balances: list[float]) -> None:
    samples = [(0.3 * i, b) for i, b in enumerate(balances)]
    other = choices([(t, -b) for t, b in samples])
    assert [None if c is None else 1 - c for c in other] == choices(samples)


# --- restless numbers ------------------------------------------------------------------------------------------

RESTLESS = RestLimits(restless=8.0, calm=5.0, over=2.0, least=0.5, between=0.25)


def restless(times: Sequence[float], values: Sequence[float]) -> list[bool]:
    state, out = RestState(), []
    for t, x in zip(times, values, strict=True):
        state = rest_step(state, t, x, RESTLESS)
        out.append(state.restless)
    return out


@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
def test_what_moves_fast_is_not_restless_and_what_jumps_is(fps: float) -> None:
    t = np.arange(0, 6, 1 / fps)
    fast = 50.0 * np.sin(2 * np.pi * t / 2.0)  # a whole cat and cow in 2 s
    jumps = np.where(np.arange(len(t)) % 2, 10.0, -10.0)
    assert not any(restless(t.tolist(), fast.tolist()))
    assert all(restless(t.tolist(), (fast + jumps).tolist())[round(fps) :])


def test_distances_are_from_the_line_at_the_true_times() -> None:
    t = [0.0, 0.05, 0.2, 0.25, 0.4, 0.45, 0.6, 0.65, 0.8]
    assert not any(restless(t, [100.0 * x for x in t]))  # a straight line, unevenly sampled
    state = RestState()
    for now, x in ((0.0, 0.0), (0.05, 9.0), (0.2, 12.0)):
        state = rest_step(state, now, x, RESTLESS)
    ((at, off),) = state.off
    assert at == 0.2
    assert off == pytest.approx(6.0)  # the line is at 3 a quarter of the way


def test_it_calms_down_once_what_jumped_is_over_and_not_before() -> None:
    t = np.arange(0, 8, 0.1)
    x = np.where(t < 3.0, np.where(np.arange(len(t)) % 2, 15.0, -15.0), np.where(np.arange(len(t)) % 2, 3.2, -3.2))
    assert restless(t.tolist(), x.tolist())[-1]  # 6.4 off the line: neither restless by itself nor calm
    x[t >= 3.0] /= 2
    found = restless(t.tolist(), x.tolist())
    assert found[30]
    assert not found[-1]


def test_without_neighbours_nothing_is_said_of_it() -> None:
    t = np.arange(0, 8, 0.2)  # 0.4 s from one neighbour to the other: a body moves as well
    jumps = np.where(np.arange(len(t)) % 2, 30.0, -30.0)
    assert not any(restless(t.tolist(), jumps.tolist()))
    often = np.arange(0, 4, 0.1)
    gaps = [math.nan if i % 2 else 60.0 * (i % 4) for i in range(len(often))]
    assert not any(restless(often.tolist(), gaps))
    state = rest_step(RestState(), 1.0, 5.0, RESTLESS)
    assert rest_step(state, 1.0, 50.0, RESTLESS) == state  # the same instant again


def test_what_was_not_seen_in_between_has_no_line_through_it() -> None:
    state = RestState()
    for t, x in ((0.0, 0.0), (0.05, 50.0), (0.1, math.nan), (0.15, 0.0)):
        state = rest_step(state, t, x, RESTLESS)
    assert state.off == ()
