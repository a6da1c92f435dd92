"""Landmarks are found once for a picture and a model, and kept."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import grimp
import numpy as np
import pytest
from bodies import dog

from posecheck.cache import MAKERS, LandmarkCache
from posecheck.evaluate import evaluate
from posecheck.figures import summarise
from posecheck.library import Library
from posecheck.pose import Pose, stack


def cache_in(folder: Path, library: Library, model: str = "m") -> LandmarkCache:
    return LandmarkCache(folder / "kept", model, library.coaching.tracking)


def test_landmarks_are_read_once_for_the_same_picture_and_model(tmp_path: Path, library: Library) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(b"one")
    reads: list[str] = []

    def read() -> tuple[Pose, bool]:
        reads.append("read")
        return stack([dog()]), True

    first = cache_in(tmp_path, library).pose_of(source, read)
    source.rename(tmp_path / "b.jpg")
    again = cache_in(tmp_path, library).pose_of(tmp_path / "b.jpg", read)
    assert len(reads) == 1
    np.testing.assert_array_equal(first.image, again.image)
    cache_in(tmp_path, library, "another model").pose_of(tmp_path / "b.jpg", read)
    (tmp_path / "b.jpg").write_bytes(b"two")
    cache_in(tmp_path, library).pose_of(tmp_path / "b.jpg", read)
    assert len(reads) == 3


def test_what_was_partly_read_is_not_kept_and_what_is_damaged_is_read_again(
    tmp_path: Path, library: Library
) -> None:
    source = tmp_path / "a.mp4"
    source.write_bytes(b"one")
    kept = cache_in(tmp_path, library)
    kept.pose_of(source, lambda: (stack([dog()]), False))
    assert not (tmp_path / "kept").exists()
    kept.pose_of(source, lambda: (stack([dog()]), True))
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(b"PK damaged")
    kept.pose_of(source, lambda: (stack([dog(), dog(1.0)]), True))
    assert len(kept.pose_of(source, no_read).t) == 2


def no_read() -> tuple[Pose, bool]:
    raise AssertionError("it is kept")


def test_the_recordings_longest_unused_make_room(tmp_path: Path, library: Library) -> None:
    kept = cache_in(tmp_path, library)
    kept.folder.mkdir()
    for age, name in enumerate(["new", "middle", "old"]):
        (kept.folder / f"{name}.npz").write_bytes(b"x" * 100)
        os.utime(kept.folder / f"{name}.npz", (1e9 - age, 1e9 - age))
    kept.trim(250)
    assert sorted(p.name for p in kept.folder.iterdir()) == ["middle.npz", "new.npz"]


def test_nothing_is_kept_where_the_folder_cannot_be_written(tmp_path: Path, library: Library) -> None:
    (tmp_path / "kept").write_text("a file")
    source = tmp_path / "a.jpg"
    source.write_bytes(b"one")
    assert len(cache_in(tmp_path, library).pose_of(source, lambda: (stack([dog()]), True)).t) == 1


@pytest.mark.model
def test_a_second_run_needs_no_inference(
    tmp_path: Path, library: Library, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posecheck.cache.cache_folder", lambda: tmp_path / "cache")
    picture = np.full((120, 160, 3), 90, np.uint8)
    (tmp_path / "set" / "other").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "set" / "other" / "empty.png"), picture)
    first = evaluate(tmp_path / "set", library, jobs=1, model=lambda: model)
    assert len(list((tmp_path / "cache" / "landmarks").iterdir())) == 1
    monkeypatch.setattr("posecheck.reader.PoseReader.read", lambda *a, **k: no_read())
    again = evaluate(tmp_path / "set", library, jobs=1, model=lambda: model)
    assert summarise(again.findings, library.exercises) == summarise(first.findings, library.exercises)
    with pytest.raises(AssertionError, match="it is kept"):
        evaluate(tmp_path / "set", library, jobs=1, use_cache=False, model=lambda: model)


def test_all_code_between_a_file_and_its_landmarks_decides_whether_they_are_read_anew() -> None:
    house = grimp.build_graph("posecheck", cache_dir=None)
    used = {name for maker in MAKERS for name in house.find_modules_directly_imported_by(f"posecheck.{maker}")}
    words = {"posecheck.errors", "posecheck.files"}  # they make sentences, no numbers
    assert used - words <= {f"posecheck.{maker}" for maker in MAKERS}
