"""The set-up step: one thing at a time, in the order that helps, and ready when all fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bodies import ALL_FOURS, FRAME, SEATED, STANDING, gone, seated, side_body, times

from posecheck.framing import Setup, SetupMoment, assess_framing, extent
from posecheck.library import Library
from posecheck.pose import PAIRS, Pose, mirror, nobody

FPS = 5.0
FITTING: dict[str, Any] = {**ALL_FOURS, "turn": None, "at": (250.3, 230.7)}


def run(library: Library, name: str, poses: Sequence[Pose], brightness: float | None = 120.0) -> list[SetupMoment]:
    setup = Setup(library.exercises[name], library)
    return [setup.push(pose, brightness) for pose in poses]


def still(seconds: float, start: float = 0.0, **shape: Any) -> list[Pose]:
    return [side_body(t, **{**FITTING, **shape}) for t in times(seconds, FPS, start)]


def said(moments: Sequence[SetupMoment]) -> list[tuple[float, str | None]]:
    return [(e.t, e.id) for m in moments for e in m.events]


# --- one instant -----------------------------------------------------------------------------------------------


def test_all_of_her_in_the_picture_fits(library: Library) -> None:
    parts = assess_framing(library.exercises["cat"], library, side_body(**FITTING), 120.0)
    assert parts == dict.fromkeys(["head", "hands", "hips", "knees", "distance", "view", "light"], "ok")


@pytest.mark.parametrize("near", ["left", "right"])
def test_a_part_beyond_the_edge_does_not_fit(near: Any, library: Library) -> None:
    pose = side_body(**{**FITTING, "at": (470.3, 230.7), "near": near})
    parts = assess_framing(library.exercises["cat"], library, pose, None)
    assert (parts["head"], parts["hands"], parts["hips"], parts["knees"]) == ("adjust", "ok", "ok", "ok")
    assert parts["light"] == "unknown"
    assert assess_framing(library.exercises["cat"], library, mirror(pose), None) == parts


@pytest.mark.parametrize(("margins", "fit"), [(0.5, "adjust"), (1.5, "ok")])
def test_a_part_needs_some_room_to_the_edge(margins: float, fit: str, library: Library) -> None:
    pose = side_body(**FITTING)
    at = FRAME[0] * (1 - margins * library.coaching.setup.margin)
    shift = np.array([at - pose.image[PAIRS["ear"][1], 0], 0.0])
    moved = replace(pose, image=pose.image + shift)
    assert assess_framing(library.exercises["cat"], library, moved)["head"] == fit


def test_a_part_that_is_hidden_does_not_fit(library: Library) -> None:
    pose = side_body(**FITTING, hidden=("wrist",))
    assert assess_framing(library.exercises["cat"], library, pose)["hands"] == "adjust"


def test_nobody_fits_nothing(library: Library) -> None:
    parts = assess_framing(library.exercises["cat"], library, nobody(0.0, FRAME), 120.0)
    assert {fit for part, fit in parts.items() if part != "light"} == {"unknown"}
    assert parts["light"] == "ok"


@pytest.mark.parametrize(("torso", "fit"), [(40.0, "adjust"), (130.0, "ok"), (420.0, "adjust")])
def test_distance(torso: float, fit: str, library: Library) -> None:
    pose = side_body(**{**FITTING, "torso": torso})
    assert assess_framing(library.exercises["cat"], library, pose)["distance"] == fit


@pytest.mark.parametrize(
    ("name", "pose", "fit"),
    [
        ("cat", side_body(**FITTING), "ok"),
        ("cat", seated(**SEATED), "adjust"),
        ("twist", seated(**SEATED), "ok"),
        ("twist", side_body(**STANDING), "adjust"),
        ("twist", seated(**SEATED, hidden=("shoulder",)), "unknown"),
    ],
)
def test_each_exercise_has_its_view(name: str, pose: Pose, fit: str, library: Library) -> None:
    assert assess_framing(library.exercises[name], library, pose)["view"] == fit


@pytest.mark.parametrize(("brightness", "fit"), [(39.0, "adjust"), (40.0, "ok"), (255.0, "ok"), (None, "unknown")])
def test_light(brightness: float | None, fit: str, library: Library) -> None:
    assert assess_framing(library.exercises["cat"], library, side_body(**FITTING), brightness)["light"] == fit


def test_how_much_of_the_frame_she_takes_up(library: Library) -> None:
    pose = side_body(**FITTING)
    wide, high = pose.image.max(axis=0) - pose.image.min(axis=0)
    assert extent(pose) == pytest.approx(max(wide / 640, high / 480))
    assert extent(nobody(0.0, FRAME)) != extent(nobody(0.0, FRAME))  # NaN


# --- over time -------------------------------------------------------------------------------------------------


def test_ready_when_all_has_fitted_for_its_time(library: Library) -> None:
    moments = run(library, "cat", still(4.0))
    assert said(moments) == [(1.6, "ready")]
    assert [m.ready for m in moments[6:10]] == [False, False, True, True]
    assert moments[-1].sentence is not None
    assert moments[-1].sentence.id == "ready"


def test_a_view_that_cannot_be_told_is_not_ready(library: Library) -> None:
    moments = run(library, "twist", [seated(t, **SEATED, hidden=("shoulder",)) for t in times(6.0, FPS)])
    assert moments[-1].parts["view"] == "unknown"
    assert not any(moment.ready for moment in moments)
    assert said(moments)[0][1] == "show_shoulders"


def test_ready_stays(library: Library) -> None:
    moments = run(library, "cat", [*still(3.0), *gone(times(6.0, FPS, start=3.2))])
    assert moments[-1].ready
    assert [name for _, name in said(moments)] == ["ready"]


def test_a_moment_that_does_not_fit_begins_the_wait_anew(library: Library) -> None:
    moments = run(library, "cat", [*still(1.0), *gone([1.2]), *still(3.0, start=1.4)])
    assert [name for _, name in said(moments)] == ["ready"]
    assert said(moments)[0][0] == pytest.approx(3.0, abs=0.21)


@pytest.mark.parametrize(
    ("pose", "brightness", "expected"),
    [
        (gone([0.0])[0], 20.0, "too_dark"),  # in the dark nobody can be seen
        (gone([0.0])[0], 19.0, "camera_covered"),
        (side_body(**FITTING), 19.0, "too_dark"),  # who is seen is behind no cover
        (gone([0.0])[0], 120.0, "nobody"),
        (side_body(**{**FITTING, "torso": 40.0}), 120.0, "too_far"),
        (side_body(**{**FITTING, "torso": 420.0}), 120.0, "too_near"),
        (side_body(**{**FITTING, "at": (470.3, 230.7)}), 120.0, "show_head"),
        (side_body(**FITTING, hidden=("wrist",)), 120.0, "show_hands"),
        (side_body(**FITTING, hidden=("wrist", "ear")), 120.0, "show_head"),
        (side_body(**FITTING, apart=(0.5, 0.0)), 120.0, "turn"),
    ],
)
def test_one_thing_is_asked_for_at_a_time(pose: Pose, brightness: float, expected: str, library: Library) -> None:
    poses = [replace(pose, t=np.asarray(t)) for t in times(20.0, FPS)]
    moments = run(library, "cat", poses, brightness)
    # After its time, and again after the cool-down; never before.
    assert [name for _, name in said(moments)] == [expected, expected]
    assert [t for t, _ in said(moments)] == pytest.approx([1.6, 13.6], abs=0.21)
    assert not moments[-1].ready
    assert moments[-1].sentence is not None
    phrases = {**library.phrases, "turn": library.exercises["cat"].framing.turn}
    assert moments[-1].sentence.text == phrases[expected]["en"]


def test_something_that_passes_is_not_asked_for(library: Library) -> None:
    moments = run(library, "cat", [*gone(times(1.0, FPS)), *still(4.0, start=1.2)])
    assert [name for _, name in said(moments)] == ["ready"]


def test_another_thing_does_not_wait_until_the_first_may_be_said_again(library: Library) -> None:
    poses = [*still(2.4, hidden=("wrist",)), *still(2.4, start=2.6, hidden=("ear",))]
    assert [name for _, name in said(run(library, "cat", poses))] == ["show_hands", "show_head"]


def test_while_somebody_else_speaks_nothing_is_settled(library: Library) -> None:
    setup = Setup(library.exercises["cat"], library)
    for pose in still(4.0):
        moment = setup.push(pose, 120.0, quiet=1.0 < float(pose.t) < 3.0)
        if float(pose.t) < 3.0 + library.coaching.setup.ready_after:
            assert not moment.ready


def test_another_thing_waits_its_own_time(library: Library) -> None:
    poses = [*gone(times(1.0, FPS)), *still(1.0, start=1.2, hidden=("wrist",)), *still(3.0, start=2.4)]
    assert [name for _, name in said(run(library, "cat", poses))] == ["ready"]
