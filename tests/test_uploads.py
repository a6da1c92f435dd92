"""What can be taken in, and that nothing of it stays."""

from __future__ import annotations

import gc
import io
import re
import signal
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from posecheck import uploads
from posecheck.errors import SourceError
from posecheck.library import Library
from posecheck.uploads import Refused, Workplace, take_in

CLIP = Path(__file__).parents[1] / "sample_videos" / "downdog.mp4"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "visit"
    path.mkdir()
    return path


def give(name: str, data: bytes, place: Path) -> Path:
    return take_in(name, len(data), io.BytesIO(data), place)


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("clip.mp4", b"x" * 100)
    return out.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("clip.mp4", b"", "clip.mp4 is empty."),
        ("clips.zip", a_zip(), "clips.zip is an archive."),
        ("clip.mp4", a_zip(), "clip.mp4 is an archive."),
        ("clip.mp4", PNG, "clip.mp4 is a picture, not a video."),
        ("clip.mov", JPEG, "clip.mov is a picture, not a video."),
    ],
)
def test_what_is_no_video_is_refused_by_what_it_holds(
    library: Library, place: Path, name: str, data: bytes, sentence: str
) -> None:
    with pytest.raises(Refused) as caught:
        give(name, data, place)
    assert library.phrase(caught.value.phrase, "en", **caught.value.values) == sentence
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"these are words" * 20, "clip.mp4 is not a video that can be read."),
        (CLIP.read_bytes()[:4000], "clip.mp4 holds no picture that can be decoded."),
    ],
)
def test_a_broken_video_is_said_and_removed(place: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(SourceError, match=re.escape(sentence)):
        give("clip.mp4", data, place)
    assert list(place.iterdir()) == []


def test_a_huge_file_is_refused_before_it_is_read(library: Library, place: Path) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("too large to be read")

    with pytest.raises(Refused) as caught:
        take_in("clip.mp4", 2_500_000_000, Unread(), place)
    said = library.phrase(caught.value.phrase, "en", **caught.value.values)
    assert said == "clip.mp4 has 2.5 GB; up to 500 MB can be looked at here."


def lasting(seconds: float, path: Path) -> bytes:
    """Return a video whose second and last picture comes at a time."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for second in (0, seconds):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = int(second), Fraction(1, 1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def test_a_long_video_is_refused(library: Library, place: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        give("long.mp4", lasting(31 * 60, tmp_path / "long.mp4"), place)
    said = library.phrase(caught.value.phrase, "en", **caught.value.values)
    assert said == "long.mp4 lasts 31 min; up to 30 can be looked at here."
    assert list(place.iterdir()) == []


def test_a_last_picture_a_little_after_half_an_hour_is_no_reason(place: Path, tmp_path: Path) -> None:
    assert give("evening.mp4", lasting(30 * 60 + 5, tmp_path / "evening.mp4"), place).name == "evening.mp4"


def test_a_video_is_taken_in_whole_whatever_it_is_called(place: Path) -> None:
    for name, kept in (("../../clip.mp4", "clip.mp4"), ("C:\\films\\clip.MP4", "clip.MP4"), ("..", "upload")):
        path = give(name, CLIP.read_bytes(), place)
        assert path.name == kept
        assert path.resolve().is_relative_to(place.resolve())
        assert path.read_bytes() == CLIP.read_bytes()


def test_every_refusal_has_its_next_step(library: Library) -> None:
    for phrase in ("upload_again", "upload_huge_next", "upload_archive_next", "upload_picture_next"):
        assert library.phrase(phrase, "en")


# --- nothing stays --------------------------------------------------------------------------------------------


def test_a_workplace_goes_with_whoever_had_it(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    give("clip.mp4", CLIP.read_bytes(), place.path)
    del place
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_workplace_can_be_closed_twice(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.close()
    place.close()
    assert list(tmp_path.iterdir()) == []


def test_another_workplace_leaves_one_in_use_alone(tmp_path: Path) -> None:
    first = Workplace(tmp_path)
    (first.path / "clip.mp4").write_bytes(b"x")
    second = Workplace(tmp_path)
    assert (first.path / "clip.mp4").exists()
    second.close()
    assert (first.path / "clip.mp4").exists()
    first.close()


PROGRAM = """
import sys, time
from pathlib import Path
from posecheck.uploads import Workplace
place = Workplace(Path(sys.argv[1]))
(place.path / "clip.mp4").write_bytes(b"x")
print("there", flush=True)
if sys.argv[2] == "wait":
    time.sleep(60)
"""


def test_the_end_of_the_program_removes_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path), "end"], check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_what_a_program_ended_by_force_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path), "wait"], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "there\n"
        program.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    assert len(list(tmp_path.rglob("clip.mp4"))) == 1
    Workplace(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_offered_for_choosing_can_be_read() -> None:
    assert {"mp4", "mov", "webm", "npz"} <= set(uploads.ACCEPTED)
    assert not {"zip", "jpg", "png"} & set(uploads.ACCEPTED)
