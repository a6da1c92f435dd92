"""A practice kept because she asked for it: what is written, when, and what becomes of it when things go wrong."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, FRAME, film, gone, times
from numpy.typing import NDArray

from posecheck import recorded, recorder
from posecheck.capture import open_video
from posecheck.errors import OutputError
from posecheck.judgement import Settings, judge
from posecheck.library import Library
from posecheck.pose import SILHOUETTE_SIZE, Pose
from posecheck.recorder import Recorder, Recording
from posecheck.recording import load_recording

NOW = datetime(2026, 11, 22, 20, 15, 3)  # her own clock
FPS = 10.0


def picture(t: float, size: tuple[float, float] = FRAME) -> NDArray[np.uint8]:
    """A grey picture that gets lighter with time."""
    return np.full((round(size[1]), round(size[0]), 3), 40 + round(10 * t), np.uint8)


def record(made: Recorder, poses: Iterable[Pose], position: int = 0, exercise: str = "downward_dog") -> None:
    for pose in poses:
        made.push(pose, picture(float(pose.t) % 10), position, exercise)


def dogs(seconds: float, start: float = 0.0) -> list[Pose]:
    return film(lambda t: DOG, times(seconds, FPS, start=start))


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- what is kept ---------------------------------------------------------------------------------------------


def test_each_exercise_is_a_landmark_recording_and_no_picture(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW)
    record(made, dogs(4.0))
    record(made, dogs(2.0, start=4.1), 1, "cat")
    made.finish()
    assert names(tmp_path) == ["2026-11-22_20-15-03/1_downward_dog.npz", "2026-11-22_20-15-03/2_cat.npz"]
    (practice,) = recorded.practices(tmp_path)
    assert practice.when == NOW
    assert [(p.exercise, p.position, p.video) for p in practice.pieces] == [
        ("downward_dog", 1, None),
        ("cat", 2, None),
    ]
    assert [p.seconds for p in practice.pieces] == pytest.approx([4.0, 2.0])
    assert replace(made.state, seconds=0.0) == Recording(ended=True)
    assert made.state.seconds == pytest.approx(6.1)
    with np.load(tmp_path / "2026-11-22_20-15-03" / "2_cat.npz") as arrays:
        assert {"silhouette", "silhouette_scale"} >= set(arrays.files) - {
            "schema", "t", "image_landmarks", "world_landmarks", "frame_size",
        }  # fmt: skip


def test_nothing_is_recorded_after_its_end(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW)
    record(made, dogs(2.0))
    made.end()
    record(made, dogs(2.0, start=3.0), 1, "cat")
    made.finish()
    assert names(tmp_path) == ["2026-11-22_20-15-03/1_downward_dog.npz"]
    assert made.state.seconds == pytest.approx(2.0)


@pytest.mark.skipif(os.name != "posix", reason="speaks of the rights of a file as Unix has them")
def test_nobody_else_on_the_computer_may_look_into_it(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW)
    record(made, dogs(0.5))
    made.finish()
    assert made.folder is not None
    assert made.folder.stat().st_mode & 0o077 == 0


def test_the_outline_keeps_its_place_in_a_picture_of_another_size(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW)
    for pose in dogs(1.0):
        assert pose.silhouette_scale is not None
        scale = pose.silhouette_scale / 2
        record(made, [replace(pose, image=pose.image * 2, frame_size=pose.frame_size * 2, silhouette_scale=scale)])
    made.finish()
    kept = load_recording(tmp_path / "2026-11-22_20-15-03" / "1_downward_dog.npz")
    assert kept.silhouette_scale is not None
    assert set(kept.silhouette_scale.tolist()) == {SILHOUETTE_SIZE / max(FRAME)}


def test_it_is_judged_as_it_was_live(tmp_path: Path, library: Library) -> None:
    poses = film(lambda t: ALL_FOURS if t < 2 else {**DOG, "elbow": 135.0}, times(8.0, FPS, start=3.0))
    made = Recorder(tmp_path, NOW)
    record(made, poses)
    made.finish()
    (piece,) = recorded.practices(tmp_path)[0].pieces
    assert piece.landmarks is not None
    judged = judge(load_recording(piece.landmarks), library, Settings("downward_dog"))
    assert {fault for moment in judged.moments for fault in moment.faults} >= {"elbows_bent"}


def test_the_picture_is_kept_only_where_she_asked_for_it_too(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW, video=True)
    record(made, dogs(3.0))
    made.finish()
    (piece,) = recorded.practices(tmp_path)[0].pieces
    assert piece.video is not None
    with open_video(piece.video) as video:
        frames = [(frame.t, float(frame.image.mean()), frame.image.shape) for frame in video]
    assert [t for t, _, _ in frames] == pytest.approx(times(3.0, FPS), abs=1e-3)
    assert all(shape == (480, 640, 3) for _, _, shape in frames)
    # Its pictures are those of their time, as the camera gave them.
    assert [light for _, light, _ in frames] == pytest.approx([40 + round(10 * t) for t in times(3.0, FPS)], abs=3)
    assert video.warning is None


def test_a_pause_is_a_second_however_long_it_was(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW)
    record(made, dogs(2.0))
    made.wait()
    assert made.state.waits
    record(made, dogs(1.0, start=300.0))
    assert not made.state.waits
    made.finish()
    assert recorded.practices(tmp_path)[0].pieces[0].seconds == pytest.approx(4.0)


def test_an_empty_room_is_not_recorded(tmp_path: Path) -> None:
    made = Recorder(tmp_path, NOW, video=True)
    record(made, dogs(2.0))
    record(made, gone(times(60.0, FPS, start=2.1)))
    assert made.state.waits
    record(made, dogs(1.0, start=62.2))
    assert not made.state.waits
    made.finish()
    (piece,) = recorded.practices(tmp_path)[0].pieces
    assert piece.landmarks is not None
    pose = load_recording(piece.landmarks)
    assert pose.t[-1] == pytest.approx(6.0)  # two seconds of waiting, one for all that followed
    assert (~pose.person).sum() == 20


def test_one_size_of_picture_whatever_the_browser_sends(tmp_path: Path) -> None:
    half = [
        replace(p, image=p.image / 2, frame_size=p.frame_size / 2, silhouette_scale=s and 2 * s)
        for p in dogs(1.0)
        for s in [p.silhouette_scale]
    ]
    made = Recorder(tmp_path, NOW, video=True)
    record(made, half)
    record(made, dogs(1.0, start=1.1))
    tall = [replace(p, frame_size=p.frame_size[::-1].copy()) for p in dogs(1.0, start=2.2)]
    record(made, tall)
    made.finish()
    first, second = recorded.practices(tmp_path)[0].pieces
    assert first.landmarks is not None
    assert second.landmarks is not None
    pose = load_recording(first.landmarks)
    assert pose.frame_size.tolist() == [640, 480]
    assert np.ptp(pose.image[:, 0], axis=0) == pytest.approx([0, 0], abs=1e-6)  # a body that stood still did so
    assert load_recording(second.landmarks).frame_size.tolist() == [480, 640]
    assert [path.name for path in (first.landmarks, second.landmarks)] == [
        "1_downward_dog.npz", "1_downward_dog-2.npz",
    ]  # fmt: skip


def test_nothing_was_seen_and_nothing_is_there(tmp_path: Path) -> None:
    made = Recorder(tmp_path / "practices", NOW)
    made.finish()
    assert not (tmp_path / "practices").exists()
    assert recorded.practices(tmp_path / "practices") == ()


def test_two_within_a_second_keep_out_of_each_others_way(tmp_path: Path) -> None:
    for _ in range(2):
        made = Recorder(tmp_path, NOW)
        record(made, dogs(1.0))
        made.finish()
    assert [practice.folder.name for practice in recorded.practices(tmp_path)] == [
        "2026-11-22_20-15-03-2", "2026-11-22_20-15-03",
    ]  # fmt: skip


# --- bounds ---------------------------------------------------------------------------------------------------


def test_a_long_exercise_goes_on_in_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_PART_S", 3.0)
    made = Recorder(tmp_path, NOW, video=True)
    record(made, dogs(8.0))
    made.finish()
    pieces = recorded.practices(tmp_path)[0].pieces
    assert [piece.landmarks and piece.landmarks.stem for piece in pieces] == [
        "1_downward_dog", "1_downward_dog-2", "1_downward_dog-3",
    ]  # fmt: skip
    assert all(piece.video and piece.landmarks for piece in pieces)
    whole = sum(piece.seconds or 0.0 for piece in pieces)
    assert whole == pytest.approx(8.0, abs=0.3)


def test_a_practice_forgotten_about_ends_as_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_S", 5.0)
    made = Recorder(tmp_path, NOW)
    record(made, dogs(9.0))
    made.finish()
    assert made.state.trouble == "long"
    assert recorded.practices(tmp_path)[0].pieces[0].seconds == pytest.approx(5.0)


def test_the_last_room_on_the_disk_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [1e12]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    made = Recorder(tmp_path, NOW)
    record(made, dogs(5.0))
    free[0] = 1e8
    record(made, dogs(20.0, start=5.1))
    made.finish()
    assert made.state.trouble == "full"
    seconds = recorded.practices(tmp_path)[0].pieces[0].seconds
    assert seconds == pytest.approx(9.9, abs=0.2)  # looked at again after ten seconds; what was there is whole


# --- what can go wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "trouble"),
    [(OSError(errno.ENOSPC, "No space left on device"), "full"), (PermissionError(errno.EACCES, "no"), "failed")],
    ids=["full", "not allowed"],
)
def test_what_cannot_be_written_ends_the_recording_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, trouble: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("numpy.savez_compressed", refuse)
    made = Recorder(tmp_path, NOW)
    record(made, dogs(2.0))
    made.finish()
    assert made.state.trouble == trouble
    assert names(tmp_path) == []
    record(made, dogs(2.0, start=3.0), 1, "cat")  # nothing more is tried, and nothing is raised
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "practices").write_text("in the way", encoding="utf-8")
    made = Recorder(tmp_path / "practices", NOW, video=True)
    record(made, dogs(1.0))
    assert made.state.trouble == "failed"
    assert made.state.ended


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_under_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film_at = recorder._Film
    monkeypatch.setattr(recorder, "_Film", lambda _, size: film_at(Path("/dev/full"), size))
    made = Recorder(tmp_path, NOW, video=True)
    record(made, dogs(30.0))
    assert made.state.trouble == "full", "known while she practises, not only at the end"
    made.finish()


FILM_ON = """
import sys
from datetime import datetime
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_recorder import dogs, record
from posecheck.recorder import Recorder
made = Recorder(Path(sys.argv[1]), datetime(2026, 11, 22, 20, 15, 3), video=True)
record(made, dogs(10.0))
record(made, dogs(20.0, start=10.1), 1, "cat")
for thread in made._writing:
    thread.join()
print("filming", flush=True)
sys.stdin.read()
"""


def test_a_killed_program_leaves_nothing_broken(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FILM_ON, str(tmp_path), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"filming\n"
        program.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    (practice,) = recorded.practices(tmp_path)
    dog_piece, cat = practice.pieces
    assert dog_piece.seconds == pytest.approx(10.0)
    assert (cat.landmarks, cat.seconds) == (None, None)
    assert cat.video is not None
    with open_video(cat.video) as video:
        seen = [frame.t for frame in video]
    assert seen[-1] > 15.0  # up to the last pieces


def test_what_a_killed_program_was_writing_is_swept_away_in_time(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11-20_20-00-00"
    folder.mkdir()
    old, new = folder / ".1_cat-abc.npz", folder / ".2_cat-def.npz"
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    assert recorded.practices(tmp_path) == ()
    made = Recorder(tmp_path, NOW)
    record(made, dogs(1.0))
    made.finish()
    assert not old.exists()
    assert new.exists()  # somebody may be writing it now


# --- what becomes of it ---------------------------------------------------------------------------------------


def test_all_goes_into_an_archive_and_all_is_deleted(tmp_path: Path) -> None:
    made = Recorder(tmp_path / "ana", NOW, video=True)
    record(made, dogs(1.0))
    made.finish()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        recorded.pack({"practices": tmp_path, "recordings": tmp_path / "none"}, archive)
        assert sorted(archive.namelist()) == [
            "practices/ana/2026-11-22_20-15-03/1_downward_dog.mp4",
            "practices/ana/2026-11-22_20-15-03/1_downward_dog.npz",
        ]
    assert recorded.size_of({"all": tmp_path}) == recorded.practices(tmp_path / "ana")[0].size > 0
    recorded.delete(tmp_path / "ana")
    assert names(tmp_path) == []
    recorded.delete(tmp_path / "ana")  # twice is no trouble


def test_what_cannot_be_deleted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(OutputError) as error:
        recorded.delete(tmp_path)
    assert error.value.message == f"{tmp_path} could not be deleted: Permission denied."
    assert error.value.hint == "Delete it by hand."


def test_a_damaged_file_is_listed_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11-20_20-00-00"
    folder.mkdir()
    (folder / "10_cat.npz").write_bytes(b"no recording")
    (folder / "2_child.npz").write_bytes(b"")
    (folder / "notes.txt").write_text("hers", encoding="utf-8")
    (practice,) = recorded.practices(tmp_path)
    assert [(piece.exercise, piece.seconds) for piece in practice.pieces] == [("child", None), ("cat", None)]
