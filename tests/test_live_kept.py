"""What a live practice leaves behind, what it does not, and how it is stopped."""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bodies import all_fours, dog
from stream import FakeLandmarker, frame

from posecheck import live
from posecheck.capture import open_video
from posecheck.errors import PosecheckError
from posecheck.live import LiveProcessor
from posecheck.pose import Pose
from posecheck.recent import Given
from posecheck.recorded import practices
from posecheck.recorder import Recorder
from posecheck.recording import load_recording
from posecheck.records import Record
from posecheck.routine import Session
from posecheck.session import Problem


def test_what_happens_is_written_down_as_it_does_and_where_she_stopped(session: Session) -> None:
    kept: list[Record] = []
    threads: set[int] = set()

    def keep(record: Record) -> None:
        kept.append(record)
        threads.add(threading.get_ident())

    processor = LiveProcessor(session, FakeLandmarker, keep=keep)
    for i in range(60):
        processor.recv(frame(i / 10))
    assert [record.kind for record in kept] == ["session_started", "exercise_started"]
    processor.on_ended()
    processor.on_ended()
    assert [record.kind for record in kept[2:]] == ["exercise_finished", "session_finished"]
    assert {record.outcome for record in kept[2:]} == {"stopped"}
    assert kept[2].unfinished_s > 0


def test_a_doubted_correction_is_kept_and_no_longer_asked_about(session: Session) -> None:
    kept: list[Record] = []
    marked: list[Given] = []
    processor = LiveProcessor(session, FakeLandmarker, keep=kept.append, mark=marked.append)
    for i in range(10):
        processor.recv(frame(i / 10))
    for exercise, check in (("cat", "elbows_bent"), ("downward_dog", "elbows_bent"), ("cat", "head_only")):
        processor.corrections.note(exercise, check)
    session._records.append(Record("doubted", 1.0, exercise="downward_dog", check="elbows_bent"))
    processor.recv(frame(1.0))
    assert [(given.exercise, given.check) for given in marked] == [("downward_dog", "elbows_bent")]
    assert marked[0].pose is not None
    still = [(given.exercise, given.check) for given in processor.corrections.given()]
    assert still == [("cat", "elbows_bent"), ("cat", "head_only")]
    assert "doubted" not in {record.kind for record in kept}


def test_stopping_needs_no_further_picture(session: Session) -> None:
    kept: list[Record] = []
    landmarker = FakeLandmarker()
    processor = LiveProcessor(session, lambda: landmarker, keep=kept.append)
    for i in range(20):
        processor.recv(frame(i / 10))
    processor.stop("dizzy")
    assert [record.kind for record in kept[2:]] == ["stopped_for", "exercise_finished", "session_finished"]
    assert kept[2].stop == "dizzy"
    assert kept[-1].outcome == "stopped"
    assert processor.snapshot().stage == "finished"
    assert processor.snapshot().frames == 20
    late = frame(2.0)
    assert processor.recv(late) is late
    assert processor.arrived == 21
    processor.on_ended()
    assert landmarker.closed == 1
    assert len(kept) == 5


def test_stopping_does_not_wait_for_a_model_on_its_way(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_STOP_WAIT_S", 0.01)
    kept: list[Record] = []
    opened, asked = threading.Event(), threading.Event()

    def open_slowly() -> FakeLandmarker:
        opened.set()
        asked.wait(20)
        return FakeLandmarker()

    processor = LiveProcessor(session, open_slowly, keep=kept.append)
    working = threading.Thread(target=processor.recv, args=(frame(0.0),))
    working.start()
    assert opened.wait(20)
    processor.stop("dizzy")
    asked.set()
    working.join()
    processor.on_ended()
    assert kept[-1].outcome == "stopped"


def test_what_cannot_be_written_is_said_and_tried_again(session: Session) -> None:
    kept: list[Record] = []
    full = [True]

    def keep(record: Record) -> None:
        if full[0]:
            raise PosecheckError("The disk is full.", "Make room, the practice goes on.")
        kept.append(record)

    processor = LiveProcessor(session, FakeLandmarker, keep=keep)
    out = processor.recv(frame(0.0))
    assert processor.snapshot().problem == Problem("The disk is full.", "Make room, the practice goes on.")
    assert out.pts == frame(0.0).pts
    full[0] = False
    processor.recv(frame(0.1))
    assert processor.snapshot().problem is None
    assert [record.kind for record in kept] == ["session_started", "exercise_started"]


def test_a_practice_is_recorded_where_she_asked_for_it_and_not_while_she_has_paused(
    session: Session, tmp_path: Path
) -> None:
    made = Recorder(tmp_path, datetime(2026, 11, 22, 20, 15, 3), video=True)
    landmarker = FakeLandmarker(all_fours)
    processor = LiveProcessor(session, lambda: landmarker, recorder=made)
    for i in range(20):
        processor.recv(frame(i / 10))
    processor.ask("pause")
    for i in range(20, 50):
        processor.recv(frame(i / 10))
    assert made.state.waits
    processor.ask("resume")
    for i in range(50, 60):
        processor.recv(frame(i / 10))
    assert not made.state.waits
    processor.on_ended()
    assert made.state.ended
    made.finish()
    (piece,) = practices(tmp_path)[0].pieces
    assert piece.exercise == "downward_dog"
    assert piece.landmarks is not None
    assert load_recording(piece.landmarks).t[-1] == pytest.approx(1.9 + 1.0 + 0.9)
    assert piece.video is not None
    with open_video(piece.video) as video:
        pictures = [shot.image for shot in video]
    assert len(pictures) == 30
    # As the camera gave it: no skeleton drawn in, and not mirrored.
    assert all(np.abs(image[:, 40:120].astype(int) - 20).max() < 12 for image in pictures)
    assert all(np.abs(image[:, 200:].astype(int) - 128).max() < 12 for image in pictures)


def test_the_recording_ends_with_the_practice_and_not_only_with_the_camera(
    session: Session, tmp_path: Path
) -> None:
    made = Recorder(tmp_path, datetime(2026, 11, 22))
    processor = LiveProcessor(session, lambda: FakeLandmarker(all_fours), recorder=made)
    for i in range(10):
        processor.recv(frame(i / 10))
    processor.ask("stop")
    for i in range(10, 20):
        processor.recv(frame(i / 10))
    assert made.state.ended
    assert made.state.seconds == pytest.approx(0.9)
    made.finish()


def test_a_recording_that_fails_leaves_the_practice_alone(session: Session, tmp_path: Path) -> None:
    (tmp_path / "practices").write_text("in the way", encoding="utf-8")
    made = Recorder(tmp_path / "practices", datetime(2026, 11, 22))
    processor = LiveProcessor(session, lambda: FakeLandmarker(all_fours), recorder=made)
    for i in range(10):
        processor.recv(frame(i / 10))
    assert processor.snapshot().frames == 10
    assert processor.snapshot().problem is None
    assert made.state.trouble == "failed"


def test_without_her_consent_not_one_file_is_written(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A practice with a set-up, a correction, a pause and an end leaves nothing on the disk."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME", "TMPDIR", "POSECHECK_DATABASE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    written: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and armed and isinstance(arguments[1], str) and set("wax+") & set(arguments[1]):
            written.append(str(arguments[0]))

    armed = [True]
    sys.addaudithook(watch)  # cannot be taken away again, hence the flag

    def pose(t: float) -> Pose:
        return all_fours(t) if t < 12 else dog(t, elbow=135.0)

    processor = LiveProcessor(session, lambda: FakeLandmarker(pose))
    said = set()
    for i in range(400):
        processor.recv(frame(i / 10, size=(64, 48)))
        said |= {saying.text for saying in processor.snapshot().sayings}
        if i in (380, 390):
            processor.ask("pause" if i == 380 else "stop")
    processor.on_ended()
    armed.clear()
    assert {check.say["en"] for check in session.plan.items[0].exercise.checks} & said
    assert processor.corrections.given()
    assert written == []
    assert list(tmp_path.rglob("*")) == []
