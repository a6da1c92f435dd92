"""Landmark recordings: what is written is what is read, and every wrong file gets its sentence."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from posecheck.errors import OutputError, SourceError
from posecheck.pose import N_LANDMARKS, Pose, nobody, stack
from posecheck.recording import SCHEMA, load_recording, save_recording

Arrays = dict[str, NDArray[Any]]
HINT = " Make it again with `posecheck analyse SOURCE --record OUT.npz`."


def make_pose(n: int = 3, *, silhouette: bool = True) -> Pose:
    """Return a body that wanders through n instants and is missing from the second."""
    rng = np.random.default_rng(1)
    pose = Pose(
        t=np.arange(n) / 15,
        image=rng.uniform(0, 640, (n, N_LANDMARKS, 2)),
        visibility=rng.uniform(0, 1, (n, N_LANDMARKS)),
        world=rng.normal(0, 0.5, (n, N_LANDMARKS, 3)),
        frame_size=np.array([640.0, 480.0]),
        silhouette=rng.integers(0, 256, (n, 192, 24), dtype=np.uint8) if silhouette else None,
        silhouette_scale=np.full(n, 0.3) if silhouette else None,
    )
    if n > 1:
        for array in (pose.image, pose.visibility, pose.world):
            array[1] = np.nan
    return pose


def fields(pose: Pose) -> Arrays:
    names = ("t", "image", "visibility", "world", "frame_size", "silhouette", "silhouette_scale")
    return {name: getattr(pose, name) for name in names if getattr(pose, name) is not None}


def assert_same(a: Pose, b: Pose) -> None:
    assert fields(a).keys() == fields(b).keys()
    for name, array in fields(a).items():
        np.testing.assert_array_equal(array, fields(b)[name], err_msg=name)


@pytest.mark.parametrize("silhouette", [True, False])
def test_what_is_written_is_read_back_bit_for_bit(tmp_path: Path, silhouette: bool) -> None:
    pose = make_pose(silhouette=silhouette)
    save_recording(tmp_path / "a.npz", pose)
    assert_same(load_recording(tmp_path / "a.npz"), pose)


def test_one_instant_becomes_a_recording_of_one_frame(tmp_path: Path) -> None:
    pose = make_pose(1)
    save_recording(tmp_path / "a.npz", pose[0])
    assert_same(load_recording(tmp_path / "a.npz"), pose)


def test_an_empty_picture(tmp_path: Path) -> None:
    save_recording(tmp_path / "a.npz", nobody(0.0, (640, 480)))
    pose = load_recording(tmp_path / "a.npz")
    assert_same(pose, stack([nobody(0.0, (640, 480))]))
    assert not pose.person.any()


def test_where_nobody_was_found_the_size_may_be_unknown(tmp_path: Path) -> None:
    save_recording(tmp_path / "a.npz", nobody(0.0, (0, 0)))
    assert not load_recording(tmp_path / "a.npz").person.any()


def test_the_arrays_are_those_of_the_format(tmp_path: Path) -> None:
    save_recording(tmp_path / "a.npz", make_pose(3))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert {name: file[name].shape for name in file.files} == {
            "schema": (),
            "t": (3,),
            "image_landmarks": (3, 33, 3),
            "world_landmarks": (3, 33, 3),
            "frame_size": (2,),
            "silhouette": (3, 192, 24),
            "silhouette_scale": (3,),
        }
        assert str(file["schema"]) == "posecheck/recording@1"
        assert file["silhouette"].dtype == np.uint8


def test_recordings_of_others_may_use_other_precision(tmp_path: Path) -> None:
    pose = make_pose(3)
    np.savez(
        tmp_path / "a.npz",
        schema=SCHEMA,
        t=pose.t.astype(np.float32),
        image_landmarks=np.concatenate([pose.image, pose.visibility[..., None]], -1).astype(np.float32),
        world_landmarks=pose.world.astype(np.float32),
        frame_size=np.array([640, 480]),
    )
    read = load_recording(tmp_path / "a.npz")
    assert read.image.dtype == read.t.dtype == read.frame_size.dtype == np.float64
    assert read.silhouette is None


def good_arrays() -> Arrays:
    pose = make_pose(3)
    assert pose.silhouette is not None
    assert pose.silhouette_scale is not None
    return {
        "schema": np.array(SCHEMA),
        "t": pose.t,
        "image_landmarks": np.concatenate([pose.image, pose.visibility[..., None]], -1),
        "world_landmarks": pose.world,
        "frame_size": pose.frame_size,
        "silhouette": pose.silhouette,
        "silhouette_scale": pose.silhouette_scale,
    }


def without(*names: str) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {name: array for name, array in arrays.items() if name not in names}


def having(**changes: Any) -> Callable[[Arrays], Arrays]:
    return lambda arrays: arrays | {name: np.asarray(value) for name, value in changes.items()}


INCOMPLETE = "a.npz is not a complete landmark recording: "


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without("schema"), "a.npz is not a landmark recording: it names no schema."),
        (having(schema="x/y@2"), "a.npz follows 'x/y@2'; this version reads 'posecheck/recording@1'."),
        (without("t"), INCOMPLETE + "t is missing."),
        (without("t", "frame_size"), INCOMPLETE + "t is missing; frame_size is missing."),
        (
            without("silhouette_scale"),
            INCOMPLETE + "silhouette and silhouette_scale go together, and one is missing.",
        ),
        (
            having(image_landmarks=np.zeros((3, 33, 4))),
            INCOMPLETE + "image_landmarks must have shape (3, 33, 3), not (3, 33, 4).",
        ),
        (
            having(world_landmarks=np.zeros((2, 33, 3))),
            INCOMPLETE + "world_landmarks must have shape (3, 33, 3), not (2, 33, 3).",
        ),
        (having(t=np.zeros((3, 1))), INCOMPLETE + "t must have shape (T,), not (3, 1)."),
        (having(t=["a", "b", "c"]), INCOMPLETE + "t must hold numbers, not <U1."),
        (having(silhouette=np.zeros((3, 192, 24))), INCOMPLETE + "silhouette must be uint8, not float64."),
        (having(t=[0.0, 0.2, 0.1]), INCOMPLETE + "t must be finite and increasing."),
        (having(t=[0.0, 0.2, np.nan]), INCOMPLETE + "t must be finite and increasing."),
        (
            having(frame_size=[0, 480]),
            INCOMPLETE + "frame_size must be a width and a height in pixels, not [0, 480].",
        ),
        (
            having(image_landmarks=np.full((3, 33, 3), np.inf)),
            INCOMPLETE + "landmarks must be finite, or NaN where nobody was found.",
        ),
        (
            lambda arrays: {n: a if n in ("schema", "frame_size") else a[:0] for n, a in arrays.items()},
            INCOMPLETE + "it holds no frame.",
        ),
    ],
)
def test_a_wrong_recording(tmp_path: Path, change: Callable[[Arrays], Arrays], sentence: str) -> None:
    np.savez(tmp_path / "a.npz", allow_pickle=False, **change(good_arrays()))
    with pytest.raises(SourceError, match=re.escape(sentence + HINT)):
        load_recording(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "content", [b"no recording at all", b"PK\x03\x04 cut short", b"\x93NUMPY", pickle.dumps([1, 2])]
)
def test_something_else_under_the_name_of_a_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    sentence = "a.npz is not a landmark recording that can be read." + HINT
    with pytest.raises(SourceError, match=re.escape(sentence)):
        load_recording(tmp_path / "a.npz")


def test_a_single_array_under_the_name_of_a_recording(tmp_path: Path) -> None:
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    sentence = "a.npz is not a landmark recording: it is a single array." + HINT
    with pytest.raises(SourceError, match=re.escape(sentence)):
        load_recording(tmp_path / "a.npz")


def test_a_recording_never_runs_what_it_holds(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
            return Path.touch, (tmp_path / "harm",)

    arrays: dict[str, Any] = good_arrays() | {"t": np.array([Harm()] * 3, dtype=object)}
    np.savez(tmp_path / "a.npz", allow_pickle=True, **arrays)
    with pytest.raises(SourceError, match=re.escape("a.npz is not a landmark recording that can be read.")):
        load_recording(tmp_path / "a.npz")
    assert not (tmp_path / "harm").exists()


def test_a_missing_recording(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        load_recording(tmp_path / "a.npz")


def test_a_recording_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "none" / "a.npz"
    sentence = f"{path} was not written: its folder does not exist. Make the folder first."
    with pytest.raises(OutputError, match=re.escape(sentence)):
        save_recording(path, make_pose())
