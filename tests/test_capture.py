"""Frames of videos: exact times, upright pictures, and one sentence for every file that is not one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from posecheck.capture import FileClock, open_video, read_photograph
from posecheck.errors import SourceError

Image = NDArray[np.uint8]
MS = Fraction(1, 1000)
PIXELS = {"libx264": "yuv444p", "mpeg4": "yuv420p", "mjpeg": "yuvj420p"}


def quarters(width: int, height: int) -> Image:
    """Return a picture whose corners tell which way up it is: red, green / blue, white."""
    image = np.zeros((height, width, 3), np.uint8)
    w, h = width // 2, height // 2
    image[:h, :w], image[:h, w:], image[h:, :w], image[h:, w:] = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255,) * 3
    return image


def corners(image: Image) -> str:
    """Return the colours of the corners, clockwise from the top left, such as ``"RGWB"``."""
    height, width = image.shape[:2]
    names = {(True, False, False): "R", (False, True, False): "G", (False, False, True): "B", (True,) * 3: "W"}
    points = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
    return "".join(
        names[r > 128, g > 128, b > 128]
        for x, y in points
        for r, g, b in [map(int, image[int(y * height), int(x * width)])]
    )


def write_video(
    path: Path,
    times_ms: Iterable[int | None],
    size: tuple[int, int] = (64, 48),
    *,
    rotation: int | None = None,
    aspect: Fraction | None = None,
    codec: str = "libx264",
) -> Path:
    """Write a video whose frames carry the given presentation times, in milliseconds."""
    pixels = quarters(*size)
    with av.open(str(path), "w") as container:
        stream = cast("av.VideoStream", container.add_stream(codec, rate=25))
        stream.width, stream.height, stream.pix_fmt = *size, PIXELS[codec]
        stream.codec_context.time_base = stream.time_base = MS
        if codec == "libx264":
            stream.options = {"bf": "0"}
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for pts in times_ms:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = pts, MS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read_times(path: Path) -> list[float]:
    with open_video(path) as video:
        return [frame.t for frame in video]


# --- time -----------------------------------------------------------------------------------------------------


def test_times_are_those_of_the_file_from_the_first_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "vfr.mkv", [500, 533, 700, 720, 1500])
    assert read_times(path) == pytest.approx([0, 0.033, 0.2, 0.22, 1.0], abs=1e-9)


def test_a_video_of_one_frame(tmp_path: Path) -> None:
    with open_video(write_video(tmp_path / "one.mp4", [0])) as video:
        frames = list(video)
    assert [frame.t for frame in frames] == [0.0]
    assert video.warning is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param([5.0, 5.1, 5.3], [0, 0.1, 0.3], id="from the first frame"),
        pytest.param([0, 0.1, None, 0.3], [0, 0.1, 0.2, 0.3], id="one left out"),
        pytest.param([None, None, 7.0, 7.1], [0, 0.1, 0.2, 0.3], id="the first left out"),
        pytest.param([None] * 4, [0, 0.1, 0.2, 0.3], id="all left out"),
        pytest.param([0, 0.1, 0.1, 0.3], [0, 0.1, 0.15, 0.3], id="one repeated"),
        pytest.param([0, 0.1, 0.2, 0.15, 0.3], [0, 0.1, 0.2, 0.25, 0.3], id="a small step back"),
        pytest.param([0, 0.1, 8.0, 0.0, 0.1], [0, 0.1, 8.0, 8.4, 8.5], id="a new count of time"),
        pytest.param([3.0] * 6, [0, 0.05, 0.1, 0.15, 0.25, 0.35], id="all the same"),
    ],
)
def test_times_always_increase(written: Sequence[float | None], expected: Sequence[float]) -> None:
    clock = FileClock(0.1)
    assert [clock.step(t) for t in written] == pytest.approx(expected)


def test_times_that_start_again_in_the_middle_of_a_file(tmp_path: Path) -> None:
    # Two transport streams one after the other, as some cameras cut their files.
    part = write_video(tmp_path / "part.ts", range(0, 400, 40)).read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(part + part)
    times = read_times(path)
    assert len(times) == 20
    assert np.diff(times) == pytest.approx([0.04] * 19)


# --- pixels ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rotation", "expected", "size"),
    [(None, "RGWB", (64, 48)), (90, "GWBR", (48, 64)), (-90, "BRGW", (48, 64)), (180, "WBRG", (64, 48))],
)
def test_a_rotated_phone_video_is_turned_upright(
    tmp_path: Path, rotation: int | None, expected: str, size: tuple[int, int]
) -> None:
    path = write_video(tmp_path / "phone.mp4", [0, 40], rotation=rotation)
    with open_video(path) as video:
        frame = next(iter(video))
    assert video.frame_size == size
    assert frame.image.shape == (size[1], size[0], 3)
    assert corners(frame.image) == expected


def test_a_mirrored_display_matrix(tmp_path: Path) -> None:
    path = tmp_path / "selfie.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        stream.set_display_rotation(0, hflip=True)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(quarters(64, 48), format="rgb24")))
        container.mux(stream.encode(None))
    with open_video(path) as video:
        assert corners(next(iter(video)).image) == "GRBW"


def test_large_frames_are_scaled_while_decoding(tmp_path: Path) -> None:
    path = write_video(tmp_path / "4k.mp4", [0], (3840, 2160), codec="mpeg4")
    with open_video(path) as video:
        frame = next(iter(video))
    assert video.frame_size == (1280, 720)
    assert frame.image.shape == (720, 1280, 3)
    assert corners(frame.image) == "RGWB"


def test_an_odd_width(tmp_path: Path) -> None:
    path = write_video(tmp_path / "odd.mp4", [0, 40], (637, 359))
    with open_video(path) as video:
        frame = next(iter(video))
    assert video.frame_size == (637, 359)
    assert frame.image.shape == (359, 637, 3)
    assert frame.image.flags.c_contiguous


def test_pixels_that_are_not_square_are_made_square(tmp_path: Path) -> None:
    path = write_video(tmp_path / "wide.mp4", [0, 40], (64, 48), aspect=Fraction(2, 1))
    with open_video(path) as video:
        assert video.frame_size == (128, 48)
        assert next(iter(video)).image.shape == (48, 128, 3)


def test_a_size_that_changes_is_fitted_into_the_first(tmp_path: Path) -> None:
    # Two transport streams one after the other: browsers change the size in one file likewise.
    sizes = [(64, 48), (48, 64)]
    parts = [write_video(tmp_path / f"{i}.ts", [0, 40], size).read_bytes() for i, size in enumerate(sizes)]
    path = tmp_path / "changes.ts"
    path.write_bytes(b"".join(parts))
    with open_video(path) as video:
        images = [frame.image for frame in video]
    assert len(images) == 4
    assert {image.shape for image in images} == {(48, 64, 3)}
    assert not images[-1][:, :10].any()


# --- how far ---------------------------------------------------------------------------------------------------


def test_duration_and_progress(tmp_path: Path) -> None:
    with open_video(write_video(tmp_path / "clip.mp4", range(0, 1000, 40))) as video:
        assert video.duration_s == pytest.approx(1.0)
        assert video.frame_count == 25
        assert video.fraction(0.5) == pytest.approx(0.5)
        assert video.fraction(2.0) == 1.0


# --- files that are no video -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notes.mp4", "notes.txt"])
def test_text_is_no_video(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Dear diary, today I did the cat ten times. " * 50)
    sentence = f"{name} is not a video that can be read. Use an MP4, MOV, WebM or MKV video."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        open_video(path)


def test_a_playlist_does_not_reach_for_the_network(tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/clip.ts\n#EXT-X-ENDLIST\n")
    sentence = "list.mp4 is not a video that can be read. Use an MP4, MOV, WebM or MKV video."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        open_video(path)


def test_sound_without_pictures(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    sentence = "song.mp4 holds sound but no pictures. Use an MP4, MOV, WebM or MKV video."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        open_video(path)


def test_a_video_cut_short_before_its_index(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", range(0, 1000, 40))
    path.write_bytes(path.read_bytes()[:1000])
    sentence = "clip.mp4 is cut short: the index of its pictures is missing (1000 bytes). Copy or record it again."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        open_video(path)


def test_a_video_without_a_single_picture(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    sentence = "clip.avi holds no picture that can be decoded. Copy or record it again."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        open_video(path)


def test_a_missing_video_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        open_video(tmp_path / "gone.mp4")
    with pytest.raises(SourceError, match="is a folder, not a file"):
        open_video(tmp_path)


# --- files that break in the middle ------------------------------------------------------------------------------


def test_a_video_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    # An index at the front, then half of the pictures: what a broken download leaves.
    whole = write_video(tmp_path / "whole.mp4", range(0, 4000, 40), (320, 240))
    path = tmp_path / "clip.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w", options={"movflags": "+faststart"}) as sink:
        stream = sink.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                sink.mux(packet)
    data = path.read_bytes()
    index_end = data.index(b"mdat")
    path.write_bytes(data[: index_end + (len(data) - index_end) // 2])
    with open_video(path) as video:
        frames = list(video)
    assert 10 <= len(frames) < 100
    assert video.warning is not None
    assert re.fullmatch(
        r"clip\.mp4 breaks off after \d\.\d s of 4\.0 s; only that part was analysed\.", video.warning
    )


def test_a_damaged_stretch_is_passed_over(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv", range(0, 4000, 40), (320, 240), codec="mjpeg")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 20] = bytes(len(data) // 20)
    path.write_bytes(data)
    with open_video(path) as video:
        times = [frame.t for frame in video]
    assert len(times) >= 40
    assert all(np.diff(times) > 0)
    assert video.warning is not None
    assert video.warning.startswith("clip.mkv ")


# --- photographs -------------------------------------------------------------------------------------------------


def test_a_photograph_is_scaled_and_rgb(tmp_path: Path) -> None:
    path = tmp_path / "фото.png"  # a name outside ASCII
    path.write_bytes(cv2.imencode(".png", quarters(2000, 1000)[..., ::-1])[1].tobytes())
    image = read_photograph(path)
    assert image.shape == (640, 1280, 3)
    assert corners(image) == "RGWB"


def test_a_photograph_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    from PIL import Image as PillowImage

    picture = PillowImage.fromarray(quarters(64, 48))
    exif = picture.getexif()
    exif[0x0112] = 6  # turn a quarter clockwise to show
    path = tmp_path / "phone.jpg"
    picture.save(path, exif=exif, quality=95)
    image = read_photograph(path)
    assert image.shape == (64, 48, 3)
    assert corners(image) == "BRGW"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.jpg", b"not a picture", "a.jpg is not a photograph that can be read. Use a JPEG or PNG picture."),
        (
            "a.heic",
            b"....ftypheic",
            "a.heic is a HEIC photograph, which cannot be read here. Save it as JPEG first.",
        ),
        ("a.png", b"", "a.png is empty (0 bytes). Copy or record it again."),
    ],
)
def test_photographs_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=re.escape(sentence)):
        read_photograph(tmp_path / name)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_photograph_cut_short(tmp_path: Path, capfd: pytest.CaptureFixture[str], suffix: str) -> None:
    path = tmp_path / f"photo{suffix}"
    noise = np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    data = cv2.imencode(suffix, noise)[1].tobytes()
    path.write_bytes(data[: len(data) // 2])
    sentence = f"photo{suffix} is cut short: the end of the picture is missing. Copy or record it again."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        read_photograph(path)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="a second writer to compare with is not installed")
def test_h264_with_b_frames_comes_in_order_of_showing(tmp_path: Path) -> None:
    import subprocess

    path = tmp_path / "b.mp4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=30:duration=1", "-bf", "3"]
    subprocess.run([*command, str(path)], check=True)
    assert read_times(path) == pytest.approx([i / 30 for i in range(30)], abs=1e-6)
