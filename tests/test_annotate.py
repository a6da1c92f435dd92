"""The annotated video: the pictures and times of the source, with a strip of words below."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from posecheck.annotate import Film, Strip, annotate, plain_ground, strip_of, write_annotated_photograph
from posecheck.capture import open_video
from posecheck.errors import OutputError
from posecheck.files import whole_file
from posecheck.moment import Event, Moment, Sentence, Tone
from posecheck.pose import N_LANDMARKS, Landmark, Pose, nobody, stack


def standing(times: list[float], size: tuple[int, int]) -> Pose:
    """Return a body whose landmarks lie on a diagonal of the picture."""
    n = len(times)
    image = np.broadcast_to(np.linspace(0.2, 0.8, N_LANDMARKS)[:, None] * np.array(size), (n, N_LANDMARKS, 2))
    return Pose(
        t=np.array(times),
        image=image.copy(),
        visibility=np.ones((n, N_LANDMARKS)),
        world=np.zeros((n, N_LANDMARKS, 3)),
        frame_size=np.array(size, dtype=np.float64),
    )


def sentence(tone: Tone, text: str = "Soften your knees.") -> Sentence:
    return Sentence("knees_bent", text, tone, 0.0)


# --- captions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "caption"),
    [
        (Moment(0.0), Strip()),
        (Moment(0.0, sentence=sentence("cue")), Strip("Soften your knees.", "adjust")),
        (Moment(0.0, sentence=sentence("advice")), Strip("Soften your knees.", "adjust")),
        (Moment(0.0, sentence=sentence("praise")), Strip("Soften your knees.", "good")),
        (Moment(0.0, sentence=sentence("reason")), Strip("Soften your knees.", "neutral")),
        (
            Moment(0.0, in_pose=True, counting=True, held_s=4.97, target_s=10.0),
            Strip("", "good", "4 / 10 s", 0.5),
        ),
        (Moment(0.0, target_s=10.0), Strip()),
        (Moment(0.0, cycles=2, cycle_target=8), Strip("", "neutral", "2 / 8", 0.25)),
        (Moment(0.0, cycles=9, cycle_target=8), Strip("", "neutral", "9 / 8", 1.0)),
        (
            Moment(0.0, events=(Event(0.0, "cue", id="knees_bent", text="Soften your knees."),)),
            Strip("Soften your knees.", "adjust"),
        ),
    ],
)
def test_what_the_strip_says(moment: Moment, caption: Strip) -> None:
    assert strip_of(moment) == caption


@pytest.mark.parametrize("size", [(640, 480), (360, 640), (637, 359), (64, 48)])
def test_the_strip_lies_below_the_picture(size: tuple[int, int]) -> None:
    width, height = size
    picture = np.full((height, width, 3), 90, np.uint8)
    text = "Bend your knees a little, send your hips up and back, and breathe."
    moment = Moment(0.0, sentence=sentence("cue", text), in_pose=True, held_s=3.0, target_s=8.0)
    result = annotate(picture, nobody(0.0, size), moment)
    assert result.shape[1] == width
    assert result.shape[0] > height
    np.testing.assert_array_equal(result[:height], picture)
    strip = result[height:].astype(int)
    assert np.ptp(strip, axis=(0, 1)).max() > 60  # letters on the ground
    margin = strip[:, :2]
    assert np.ptp(margin[: -len(strip) // 5], axis=(0, 1)).max() == 0  # none of them cut off on the left


def test_the_part_at_fault_is_coloured() -> None:
    size = (320, 240)
    picture = np.zeros((240, 320, 3), np.uint8)
    pose = standing([0.0], size)[0]
    plain = annotate(picture, pose, Moment(0.0))[:240]
    knees = (Landmark.LEFT_KNEE, Landmark.LEFT_HIP)
    coloured = annotate(picture, pose, Moment(0.0, sentence=sentence("cue"), highlight=knees))[:240]
    assert plain.any()
    assert (coloured != plain).any()


# --- files ----------------------------------------------------------------------------------------------------


def test_a_film_keeps_the_times_of_its_pictures(tmp_path: Path) -> None:
    times = [0.0, 0.033, 0.2, 0.21, 1.0]
    pose = standing(times, (637, 359))
    with Film(tmp_path / "a.mp4") as film:
        for i, t in enumerate(times):
            film.add(plain_ground(pose.frame_size), pose[i], Moment(t))
    with open_video(tmp_path / "a.mp4") as video:
        frames = list(video)
    assert [frame.t for frame in frames] == pytest.approx(times, abs=1e-4)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.codec_context.width == 638
        assert stream.codec_context.height % 2 == 0
        assert stream.duration is not None
        assert stream.time_base is not None
        assert float(stream.duration * stream.time_base) == pytest.approx(1.0 + 0.1, abs=0.01)
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it is still being copied


def test_an_annotated_photograph_is_a_picture(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((48, 64, 3), 200, np.uint8))
    pose = standing([0.0], (64, 48))[0]
    write_annotated_photograph(tmp_path / "a.png", tmp_path / "b.jpg", pose, Moment(0.0))
    picture = cv2.imread(str(tmp_path / "b.jpg"))
    assert picture is not None
    assert picture.shape[1] == 64
    assert picture.shape[0] > 48


def test_an_annotated_photograph_can_be_a_film_of_three_seconds(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((48, 64, 3), 200, np.uint8))
    write_annotated_photograph(tmp_path / "a.png", tmp_path / "b.mp4", standing([0.0], (64, 48))[0], Moment(0.0))
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert container.duration == pytest.approx(3.0 * av.time_base, rel=0.01)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pose = stack([nobody(0.0, (64, 48)), nobody(0.1, (64, 48))])
    path = tmp_path / "a.mp4"

    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Film, "_encode", fill)
    text = f"{path} was not written: the disk is full. Free some space and try again."

    def write() -> None:
        with whole_file(path) as temporary, Film(temporary) as film:
            for i in range(2):
                film.add(plain_ground(pose.frame_size), pose[i], Moment(i / 10))

    with pytest.raises(OutputError, match=re.escape(text)):
        write()
    assert list(tmp_path.iterdir()) == []
