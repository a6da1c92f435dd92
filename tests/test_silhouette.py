"""The back's outline: drawn with a known turn, read back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from bodies import FRAME, TORSO, all_fours, dog
from hypothesis import given
from hypothesis import strategies as st

from posecheck import silhouette
from posecheck.body import Body, choose_near
from posecheck.library import Library
from posecheck.pose import SILHOUETTE_SIZE, FloatArray, Landmark, Pose, mirror, stack, unpack_silhouette
from posecheck.silhouette import REACH, STATIONS, BackOutline, trace_back

MIN_SHARE = 0.7
back_turn = partial(silhouette.back_turn, min_share=MIN_SHARE, min_cut=0.5)
part_turn = partial(silhouette.part_turn, min_share=MIN_SHARE)
back_sagitta = partial(silhouette.back_sagitta, min_share=MIN_SHARE)


def outline_of(pose: Pose, library: Library) -> BackOutline:
    outline = Body(pose, choose_near(pose.visibility), library.coaching.sight).outline
    assert outline is not None
    return outline


def parabola(turn: float) -> BackOutline:
    """Return an outline without a picture, whose end tangents make the given turn."""
    curve = np.tan(np.radians(turn / 2)) / 0.8
    return without_edge(0.3 - curve * (STATIONS - 0.5) ** 2)


def without_edge(distance: FloatArray) -> BackOutline:
    """Return an outline that nowhere comes to the edge of the frame."""
    return BackOutline(distance, np.full(distance.shape[:-1], 40.0), np.full(distance.shape, np.nan))


def cut_at(outline: BackOutline, edge: FloatArray | float) -> BackOutline:
    """Return an outline seen only up to the edge of the frame, which lies so far out."""
    beyond = outline.distance >= edge
    hers, limit = np.where(beyond, np.nan, outline.distance), np.where(beyond, edge, np.nan)
    return replace(outline, distance=hers, at_least=limit)


# --- the turn of an outline -----------------------------------------------------------------------------------


@given(st.floats(-150, 150))
def test_the_turn_of_a_parabola_is_found_exactly(turn: float) -> None:
    assert back_turn(parabola(turn)) == pytest.approx(turn, abs=1e-6)


@given(st.floats(-100, 100), st.lists(st.integers(0, 32), max_size=9, unique=True))
def test_stations_that_were_not_met_do_not_bend_the_back(turn: float, missing: list[int]) -> None:
    outline = parabola(turn)
    outline.distance[missing] = np.nan
    assert back_turn(outline) == pytest.approx(turn, abs=1e-6)


@pytest.mark.parametrize(("missing", "known"), [(9, True), (10, False), (33, False)])
def test_too_few_stations_are_no_back(missing: int, known: bool) -> None:
    outline = parabola(40.0)
    outline.distance[:missing] = np.nan
    assert bool(np.isfinite(back_turn(outline))) is known
    assert bool(np.isfinite(back_sagitta(outline))) is known


@given(st.floats(-2, 2), st.floats(-3, 3), st.lists(st.integers(0, 32), max_size=5, unique=True))
def test_the_halves_of_a_back_turn_each_as_far_as_it_does_there(
    bend: float, change: float, missing: list[int]
) -> None:
    outline = without_edge(0.3 - bend * (STATIONS - 0.5) ** 2 - change * (STATIONS - 0.5) ** 3)
    outline.distance[missing] = np.nan
    below, middle, above = (np.degrees(np.arctan(-2 * bend * z - 3 * change * z * z)) for z in (-0.4, 0.0, 0.4))
    assert part_turn(outline, 0.1, 0.5) == pytest.approx(below - middle, abs=1e-6)
    assert part_turn(outline, 0.5, 0.9) == pytest.approx(middle - above, abs=1e-6)


def test_a_half_that_was_hardly_met_is_unknown_and_the_other_is_not() -> None:
    outline = parabola(40.0)
    outline.distance[:6] = np.nan
    assert np.isnan(part_turn(outline, 0.1, 0.5))
    assert np.isfinite(part_turn(outline, 0.5, 0.9))
    outline.distance[:10] = np.nan
    assert np.isnan(part_turn(outline, 0.5, 0.9))


@pytest.mark.parametrize(("turn", "expected"), [(0.0, 0.0), (35.8, 0.08), (-35.8, -0.08)])
def test_a_sagitta_of_8_per_cent_is_an_arc_of_36_degrees(turn: float, expected: float) -> None:
    assert back_sagitta(parabola(turn)) == pytest.approx(expected, abs=0.002)


def test_a_batch_of_outlines_is_each_of_them() -> None:
    turns = [-80.0, 0.0, 55.0]
    one = [parabola(turn) for turn in turns]
    whole = without_edge(np.stack([o.distance for o in one]))
    np.testing.assert_array_equal(back_turn(whole), [back_turn(o) for o in one])
    np.testing.assert_array_equal(part_turn(whole, 0.1, 0.5), [part_turn(o, 0.1, 0.5) for o in one])
    np.testing.assert_array_equal(back_sagitta(whole), [back_sagitta(o) for o in one])


# --- cut off by the frame --------------------------------------------------------------------------------------


@given(st.floats(20, 100), st.floats(0.0, 0.49))
def test_a_rounded_back_cut_off_by_the_frame_is_read_from_what_is_seen(turn: float, share: float) -> None:
    outline = parabola(turn)
    cut = cut_at(outline, np.quantile(outline.distance, 1 - share, method="lower") + 1e-9)
    assert back_turn(cut) == pytest.approx(turn, abs=1e-6)


@given(st.floats(-100, -0.01))
def test_a_flat_or_hollow_back_cut_off_by_the_frame_is_unknown(turn: float) -> None:
    outline = parabola(turn)
    outline.distance[20:] = np.nan
    outline.at_least[20:] = 0.1  # the edge runs inside what she is known to reach
    assert np.isnan(back_turn(outline))


def test_a_fit_is_lifted_to_the_edge_of_the_frame_but_never_lowered() -> None:
    outline = parabola(40.0)
    outline.distance[20:] = np.nan
    near, far = replace(outline), replace(outline, at_least=outline.at_least.copy())
    near.at_least[20:] = 0.0
    assert back_turn(near) == pytest.approx(40.0, abs=1e-6)
    far.at_least[20:] = parabola(20.0).distance[20:] + 0.02
    lifted = float(back_turn(far))
    assert 0 < lifted < 39


def test_more_than_half_cut_off_is_unknown_however_rounded() -> None:
    outline = parabola(60.0)
    assert np.isnan(back_turn(cut_at(outline, np.quantile(outline.distance, 0.4))))


# --- from the mask --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [-90.0, -60.0, -25.0, 0.0, 20.0, 45.0, 65.0])
@pytest.mark.parametrize("tilt", [-60.0, -45.0, 0.0, 8.0, 40.0])
def test_a_drawn_back_is_read(turn: float, tilt: float, library: Library) -> None:
    for near in ("right", "left"):
        found = back_turn(outline_of(all_fours(tilt=tilt, turn=turn, near=near), library))
        assert found == pytest.approx(turn, abs=9)


def test_the_reading_is_unbiased_and_its_noise_small(library: Library) -> None:
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(120):
        turn, tilt, x, y = rng.uniform((-90, -60, 290, 230), (65, 40, 310, 250))
        found = back_turn(outline_of(all_fours(turn=turn, tilt=tilt, at=(x, y)), library))
        errors.append(float(found) - turn)
    assert abs(np.mean(errors)) < 0.7
    assert np.std(errors) < 3  # design note B5: 2-5 degrees of noise


def test_the_outline_lies_where_it_was_drawn(library: Library) -> None:
    outline = outline_of(dog(turn=0.0), library)
    pixel = 1 / (TORSO * 0.3)
    np.testing.assert_allclose(outline.distance, 0.3, atol=pixel)
    assert outline.torso_px == pytest.approx(TORSO * 0.3)


def test_the_outermost_pixel_counts_not_the_first_gap(library: Library) -> None:
    # In a strongly rounded cat the hip-shoulder line runs below the belly: air on the line, the body above it.
    pose = all_fours(turn=50.0)
    assert pose.silhouette is not None
    mask = unpack_silhouette(pose.silhouette)
    expected = back_turn(outline_of(pose, library))
    row, column = np.mgrid[0:192, 0:192]
    hip = pose.image[Landmark.RIGHT_HIP] * 0.3
    mask &= ~(
        (row > hip[1] - 8) & (column > hip[0] - 3) & (column < hip[0] + 40)
    )  # the belly, and the line itself, are air
    hollowed = replace(pose, silhouette=np.packbits(mask, axis=-1))
    assert back_turn(outline_of(hollowed, library)) == pytest.approx(expected, abs=1e-9)


def test_islands_of_the_mask_beside_her_are_not_her_back(library: Library) -> None:
    pose = all_fours(turn=50.0)
    assert pose.silhouette is not None
    mask = unpack_silhouette(pose.silhouette)
    expected = back_turn(outline_of(pose, library))
    top = int(np.argmax(mask.any(axis=1)))
    mask[top - 14 : top - 8, :96] = True  # above half of her back, apart from it
    spotted = replace(pose, silhouette=np.packbits(mask, axis=-1))
    assert back_turn(outline_of(spotted, library)) == pytest.approx(expected, abs=1e-9)


def test_a_ragged_mask_tells_nothing_of_her_back(library: Library) -> None:
    rng = np.random.default_rng(5)
    pose = all_fours(turn=50.0)
    assert pose.silhouette is not None
    mask = unpack_silhouette(pose.silhouette)
    for column in range(mask.shape[1]):  # every column moved up or down by some pixels
        mask[:, column] = np.roll(mask[:, column], rng.integers(-4, 5))
    ragged = replace(pose, silhouette=np.packbits(mask, axis=-1))
    for noisy, known in ((pose, True), (ragged, False)):
        turn = Body(noisy, choose_near(noisy.visibility), library.coaching.sight).outline_turn()
        assert bool(np.isfinite(turn)) is known


@pytest.mark.parametrize(("turn", "known"), [(60.0, True), (-40.0, False)])
def test_a_back_above_the_frame_is_read_where_it_is_rounded(turn: float, known: bool, library: Library) -> None:
    low = all_fours(at=(301.37, 48.0 if known else 54.0), turn=turn)
    outline = outline_of(low, library)
    assert 0.3 < np.isnan(outline.distance).mean() < 0.6
    found = back_turn(outline)
    assert bool(np.isfinite(found)) is known
    assert not known or found == pytest.approx(turn, abs=5)


def test_an_outline_cut_off_by_the_frame_is_not_hers(library: Library) -> None:
    low = all_fours(at=(301.37, 38.0), turn=0.0)  # 38 px under the frame's edge, the back 39 px above the hip
    assert np.isnan(outline_of(low, library).distance).mean() > 0.3
    assert np.isnan(back_turn(outline_of(low, library)))


def test_an_empty_mask_has_no_outline(library: Library) -> None:
    pose = dog()
    assert pose.silhouette is not None
    empty = replace(pose, silhouette=np.zeros_like(pose.silhouette))
    assert np.isnan(outline_of(empty, library).distance).all()


@pytest.mark.parametrize("hidden", [["hip"], ["shoulder"], ["wrist", "knee", "ankle"]])
def test_without_the_trunk_or_a_belly_side_there_is_no_outline(hidden: list[str], library: Library) -> None:
    assert np.isnan(outline_of(dog(hidden=hidden), library).distance).all()


def test_a_mask_as_large_as_the_whole_square_is_traced() -> None:
    # A square frame fills the stored square to its last pixel: nothing may be read outside it.
    packed = np.full((SILHOUETTE_SIZE, SILHOUETTE_SIZE // 8), 255, np.uint8)
    args: list[FloatArray] = [np.array(p) for p in ([10.0, 100.0], [182.0, 100.0], [90.0, 150.0])]
    outline = trace_back(packed, np.array(1.0), np.array([192.0, 192.0]), *args)
    assert np.isnan(outline.distance).all()  # the mask ends where the frame does, all around


@given(st.floats(-90, 60), st.floats(-60, 45))
def test_the_mirrored_back_turns_as_far(library: Library, turn: float, tilt: float) -> None:
    pose = all_fours(turn=turn, tilt=tilt)
    one, other = outline_of(pose, library), outline_of(mirror(pose), library)
    assert back_turn(other) == pytest.approx(back_turn(one), abs=1e-9)
    assert part_turn(other, 0.5, 0.9) == pytest.approx(part_turn(one, 0.5, 0.9), abs=1e-9)


def test_a_recording_longer_than_one_piece_is_each_of_its_instants(library: Library) -> None:
    poses = [all_fours(0.1 * i, turn=float(i % 97) - 50, tilt=float(i % 11)) for i in range(258)]
    whole = outline_of(stack(poses), library)
    assert whole.distance.shape == (258, len(STATIONS))
    for i in (0, 17, 255, 256, 257):
        np.testing.assert_array_equal(whole.distance[i], outline_of(poses[i], library).distance)


def test_the_reach_begins_on_the_belly_side_of_the_line() -> None:
    assert REACH[0] == pytest.approx(-0.3)
    assert REACH[-1] == pytest.approx(1.0)
    assert FRAME == (640.0, 480.0)
