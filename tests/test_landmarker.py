"""The pose model on real pictures, with margins; and the frames, clocks and terminals it must survive."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from bodies import all_fours
from numpy.typing import NDArray

from posecheck import landmarker, tracking
from posecheck.errors import ModelMissingError
from posecheck.folders import routines_folder
from posecheck.landmarker import Landmarker
from posecheck.library import load_library
from posecheck.pose import Landmark, Pose, unpack_silhouette

Picture = NDArray[np.uint8]
SAMPLES = Path(__file__).parents[1] / "sample_videos"
LIMITS = load_library(routines_folder()).coaching.tracking
TRUNK = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.LEFT_HIP, Landmark.RIGHT_HIP]

pytestmark = pytest.mark.model


def read(clip: str, count: int = 90) -> list[Picture]:
    with av.open(str(SAMPLES / f"{clip}.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in container.decode(video=0)]
    return frames[:count]


@pytest.fixture(scope="module")
def dog() -> list[Picture]:
    return read("downdog")


@pytest.fixture(scope="module")
def dog_pose(model: Path, dog: list[Picture]) -> Pose:
    """The pose in the first picture, judged alone."""
    with Landmarker(model, limits=LIMITS, silhouette=True, video=False) as looker:
        return looker.detect(dog[0], 0.0)


def torso(pose: Pose) -> float:
    points = pose.image[TRUNK]
    return float(np.linalg.norm(points[:2].mean(axis=0) - points[2:].mean(axis=0)))


def apart(a: NDArray[np.float64], pose: Pose) -> float:
    """Return how far the trunk lies from where it should, in torso lengths."""
    return float(np.median(np.linalg.norm(a[TRUNK] - pose.image[TRUNK], axis=1))) / torso(pose)


def test_a_pose_is_in_pixels_of_the_picture(model: Path, dog: list[Picture], dog_pose: Pose) -> None:
    assert dog_pose.person
    assert dog_pose.frame_size.tolist() == [640, 480]
    assert dog_pose.visibility.dtype == dog_pose.image.dtype == dog_pose.world.dtype == np.float64
    assert 100 < torso(dog_pose) < 250
    assert dog_pose.silhouette is not None
    assert dog_pose.silhouette_scale == pytest.approx(192 / 640)
    mask = unpack_silhouette(dog_pose.silhouette)
    assert not mask[144:].any()
    middle = (dog_pose.image[TRUNK].mean(axis=0) * 0.3).astype(int)
    assert mask[middle[1], middle[0]]
    with Landmarker(model, limits=LIMITS, silhouette=False) as follower:
        assert follower.detect(dog[0], 0.0).silhouette is None


@pytest.mark.parametrize("size", [(637, 480), (640, 479), (637, 477), (634, 471)])
def test_any_size_of_frame_gives_the_same_body(
    size: tuple[int, int], model: Path, dog: list[Picture], dog_pose: Pose
) -> None:
    # Reading the mask of a 637-pixel-wide picture ends the process where it is not padded.
    width, height = size
    for video in (True, False):
        with Landmarker(model, limits=LIMITS, silhouette=True, video=video) as detector:
            pose = detector.detect(dog[0][:height, :width], 0.0)
        assert pose.frame_size.tolist() == [width, height]
        assert apart(dog_pose.image, pose) < 0.1
        assert pose.silhouette is not None
        assert pose.silhouette_scale == pytest.approx(192 / max(size))


def test_sheared_memory_and_small_pictures_are_fine(model: Path, dog: list[Picture]) -> None:
    with Landmarker(model, limits=LIMITS, silhouette=True) as follower:
        assert follower.detect(np.flip(dog[0], axis=1), 0.0).person
        tiny = follower.detect(np.zeros((1, 1, 3), np.uint8), 0.1)
        assert not tiny.person
        assert tiny.silhouette is not None
        assert tiny.silhouette_scale == 192


def test_nobody_is_nan_with_an_empty_silhouette(model: Path) -> None:
    with Landmarker(model, limits=LIMITS, silhouette=True) as follower:
        pose = follower.detect(np.full((480, 640, 3), 90, np.uint8), 1.5)
    assert not pose.person
    assert pose.t == 1.5
    assert np.isnan(pose.visibility).all()
    assert pose.silhouette is not None
    assert not pose.silhouette.any()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float64),
    ],
)
def test_what_is_no_picture_is_said(image: Picture, model: Path) -> None:
    expected = f"image must be RGB of shape (height, width, 3) and type uint8, got {image.shape} {image.dtype}"
    with (
        Landmarker(model, limits=LIMITS, silhouette=False) as follower,
        pytest.raises(ValueError, match=re.escape(expected)),
    ):
        follower.detect(image, 0.0)


def test_a_clock_that_stands_still_or_goes_back_is_no_obstacle(model: Path, dog: list[Picture]) -> None:
    with Landmarker(model, limits=LIMITS, silhouette=False) as follower:
        for t in (0.0, 0.0, 0.0004, 5.0, 2.0, 5.001):
            pose = follower.detect(dog[0], t)
            assert pose.t == t
            assert pose.person


@pytest.mark.parametrize("video", [True, False])
def test_in_doubt_which_end_is_the_head_the_mirror_is_asked(
    video: bool, model: Path, dog: list[Picture], dog_pose: Pose, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first reading is doubted. What the mirror shows is no doubt, lies where she lies, and is kept to.
    asked: list[bool] = []

    def doubt_the_first(*_: object) -> bool:
        asked.append(len(asked) == 0)
        return asked[-1]

    monkeypatch.setattr(tracking, "looks_reversed", doubt_the_first)
    with Landmarker(model, limits=LIMITS, silhouette=True, video=video) as reader:
        found = [reader.detect(picture, i / 15) for i, picture in enumerate(dog[:6])]
    assert sum(asked) == 1
    for pose in found:
        assert apart(pose.image, dog_pose) < 0.15
        assert outline(pose)[outline(dog_pose) == 1].mean() > 0.9
        if not video:  # told apart anew, a follower may take her left for her right
            elbows = [Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW]
            assert pose.visibility[elbows].argmax() == dog_pose.visibility[elbows].argmax()


def test_where_the_mirror_knows_no_better_nothing_changes(
    model: Path, dog: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> list[Pose]:
        with Landmarker(model, limits=LIMITS, silhouette=False) as reader:
            return [reader.detect(picture, i / 15) for i, picture in enumerate(dog[:4])]

    calm = read()
    readings = itertools.count()
    monkeypatch.setattr(tracking, "looks_reversed", lambda *_: next(readings) >= 0)
    for a, b in zip(calm, read(), strict=True):
        np.testing.assert_array_equal(a.image, b.image)
    assert next(readings) == 4 + 1, "each picture, and one mirror: not one for every picture"


def test_it_is_closed_once_and_says_so(model: Path, dog: list[Picture]) -> None:
    with Landmarker(model, limits=LIMITS, silhouette=False) as follower:
        follower.close()
    follower.close()
    with pytest.raises(ValueError, match="this Landmarker is closed: make a new one for a new stream"):
        follower.detect(dog[0], 0.0)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.task"
    with pytest.raises(ModelMissingError, match=re.escape(f"The pose model {wrong} cannot be read: ")) as caught:
        Landmarker(wrong, limits=LIMITS, silhouette=False)
    assert caught.value.hint == "Run `posecheck model` to fetch it."
    wrong.write_bytes(b"not a model")
    with pytest.raises(ModelMissingError, match=re.escape(f"{wrong} cannot be used as a pose model.")) as caught:
        Landmarker(wrong, limits=LIMITS, silhouette=False)
    assert caught.value.hint == "Run `posecheck model` to see which model is used and to fetch the right one."


def test_a_computer_that_mediapipe_is_not_made_for_is_told(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe.tasks.python", None)
    with pytest.raises(
        ModelMissingError, match="MediaPipe, which finds the body in the picture, does not run"
    ) as e:
        Landmarker(model, limits=LIMITS, silhouette=False)
    assert e.value.hint == "It is made for Linux and Windows on x86-64 and for macOS on Apple silicon."


def test_the_native_library_writes_nothing_to_the_terminal(model: Path) -> None:
    # In a process of its own: the library says most of it once in a process's life.
    script = """
import sys, os, av
from pathlib import Path
from posecheck.folders import routines_folder
from posecheck.landmarker import Landmarker
from posecheck.library import load_library
limits = load_library(routines_folder()).coaching.tracking
frame = next(av.open(sys.argv[2]).decode(video=0)).to_ndarray(format="rgb24")
print("before", file=sys.stderr)
with Landmarker(Path(sys.argv[1]), limits=limits, silhouette=True) as detector:
    os.write(2, b"between\\n")
    assert detector.detect(frame, 0.0).person
    assert detector.detect(frame, 0.1).person
print("after", file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(model), str(SAMPLES / "downdog.mp4")],
        capture_output=True,
        text=True,
        check=True,
        cwd=SAMPLES.parent,
    )
    assert done.stderr.splitlines() == ["before", "between", "after"]
    assert done.stdout == ""


def test_what_others_write_meanwhile_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    with landmarker._quiet():
        subprocess.run([sys.executable, "-c", "import os; os.write(2, b'from elsewhere\\n')"], check=True)
        sys.stderr.write("and from here\n")
        sys.stderr.flush()
        subprocess.run(
            [sys.executable, "-c", "import os; os.write(2, b'W0000 00:00:1.5  1 x.cc:1] chatter\\n')"], check=True
        )
    sys.stderr.write("later\n")
    # pytest's own stand-in for sys.stderr may come first.
    assert sorted(capfd.readouterr().err.splitlines()) == ["and from here", "from elsewhere", "later"]


# --- one body -------------------------------------------------------------------------------------------------


Draw = Callable[[Picture, float, float], Picture]


@pytest.fixture(scope="module")
def room(dog: list[Picture], dog_pose: Pose) -> Picture:
    """Return the room without her."""
    hidden = cv2.resize(cv2.dilate(outline(dog_pose), np.ones((41, 41))), (160, 120))
    filled = cv2.inpaint(cv2.resize(dog[0], (160, 120)), hidden, 5, cv2.INPAINT_TELEA)
    return cv2.resize(filled, (640, 480)).astype(np.uint8)


@pytest.fixture(scope="module")
def child(model: Path) -> Draw:
    """Return how to draw a small body on all fours into a picture."""
    frame = read("catcow", 1)[0]
    with Landmarker(model, limits=LIMITS, silhouette=True, video=False) as looker:
        mask = outline(looker.detect(frame, 0.0))
    small = cv2.resize(frame, None, fx=0.45, fy=0.45, interpolation=cv2.INTER_AREA)
    cut = cv2.resize(mask, (small.shape[1], small.shape[0])) > 0

    def draw(picture: Picture, x: float, y: float) -> Picture:
        drawn = picture.copy()
        window = drawn[int(y) : int(y) + small.shape[0], int(x) : int(x) + small.shape[1]]
        part = np.s_[: window.shape[0], : window.shape[1]]
        window[cut[part]] = small[part][cut[part]]
        return drawn

    return draw


def outline(pose: Pose) -> Picture:
    """Return the mask in the size of a 640 x 480 picture."""
    assert pose.silhouette is not None
    mask = unpack_silhouette(pose.silhouette)[:144].astype(np.uint8)
    return cv2.resize(mask, (640, 480), interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def poses(model: Path, pictures: list[Picture]) -> list[Pose]:
    with Landmarker(model, limits=LIMITS, silhouette=False) as follower:
        return [follower.detect(picture, k / 15) for k, picture in enumerate(pictures)]


@dataclass
class Puppet:
    """Stands where the native model would, and finds what it is told to, in the mirror too."""

    bodies: list[landmarker._Found] = field(default_factory=list)
    in_mirror: list[landmarker._Found] | None = None
    closed: int = 0

    def detect(self, mirrored: bool) -> list[landmarker._Found]:
        return self.bodies if self.in_mirror is None or not mirrored else self.in_mirror

    detect_for_video = detect

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def puppets(monkeypatch: pytest.MonkeyPatch) -> list[Puppet]:
    """Take the model's place: the one that follows, then the one that looks at everybody."""
    made: list[Puppet] = []

    def make(*_: object, **__: object) -> Puppet:
        made.append(Puppet())
        return made[-1]

    monkeypatch.setattr(landmarker, "_create", make)
    monkeypatch.setattr(landmarker, "_run", lambda detect, *_, mirrored=False: detect(mirrored))
    return made


def somebody(across: float = 0.0, torso: float = 130.0) -> landmarker._Found:
    pose = all_fours(torso=torso)
    return landmarker._Found(pose.image + np.array([across, 0.0]), pose.visibility, pose.world, None)


def turned_round(visibility: float, across: float = 0.0, torso: float = 130.0) -> landmarker._Found:
    """Return somebody where ``somebody`` is, its head where the feet were."""
    found = somebody(torso=torso)
    middle = found.image[:, 0].min() + found.image[:, 0].max()
    image = np.stack((middle - found.image[:, 0] + across, found.image[:, 1]), axis=1)
    return replace(found, image=image, visibility=np.full_like(found.visibility, visibility))


AT_FIRST = replace(somebody(), visibility=np.full(33, 0.8))


def texture(seed: int) -> Picture:
    return np.random.default_rng(seed).integers(0, 255, (480, 640, 3), np.uint8)


@pytest.mark.parametrize(
    ("others", "company"), [([], False), ([somebody(3.0)], False), ([somebody(200.0, torso=70.0)], True)]
)
def test_a_body_found_twice_is_no_company(
    puppets: list[Puppet], others: list[landmarker._Found], company: bool
) -> None:
    with Landmarker(Path(), limits=LIMITS, silhouette=False) as reader:
        follower, looker = puppets
        follower.bodies, looker.bodies = [somebody()], [somebody(), *others]
        assert reader.detect(texture(1), 0.0).person
        assert reader.company is company


@pytest.mark.parametrize(
    ("in_mirror", "told"),
    [
        ([turned_round(0.95)], True),
        ([turned_round(0.7)], False),
        ([turned_round(0.95), somebody()], False),  # two people, one behind the other
        ([turned_round(0.95, torso=80.0)], False),
        ([turned_round(0.95, across=600.0)], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("video", [True, False])
def test_a_body_taken_up_whose_head_lies_elsewhere_in_the_mirror_is_the_better_seen_of_the_two(
    puppets: list[Puppet], video: bool, in_mirror: list[landmarker._Found], told: bool
) -> None:
    with Landmarker(Path(), limits=LIMITS, silhouette=False, video=video) as reader:
        for puppet in puppets:
            puppet.bodies, puppet.in_mirror = [AT_FIRST], in_mirror
        found = [reader.detect(texture(1), k / 15) for k in range(4 if video else 1)]
    right = (in_mirror[0] if told else AT_FIRST).image
    for pose in found:
        np.testing.assert_array_equal(pose.image, right)


def doubt_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "looks_reversed", lambda image, *_: np.array_equal(image, AT_FIRST.image))


@pytest.mark.parametrize("later", [0.07, 5.0])
def test_who_was_turned_round_is_not_turned_back_by_a_doubtful_skeleton_seen_better(
    puppets: list[Puppet], later: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubt_the_first(monkeypatch)
    right = turned_round(0.7)
    with Landmarker(Path(), limits=LIMITS, silhouette=False) as reader:
        for puppet in puppets:
            puppet.bodies, puppet.in_mirror = [AT_FIRST], [right]
        for t in (0.0, later):
            np.testing.assert_array_equal(reader.detect(texture(1), t).image, right.image)


def test_who_was_turned_round_is_not_turned_back_where_she_is_seen_less_well_a_moment_later(
    puppets: list[Puppet],
) -> None:
    with Landmarker(Path(), limits=LIMITS, silhouette=False) as reader:
        for t, right in ((0.0, turned_round(0.95)), (0.07, turned_round(0.7))):
            for puppet in puppets:
                puppet.bodies, puppet.in_mirror = [AT_FIRST], [right]
            np.testing.assert_array_equal(reader.detect(texture(1), t).visibility, right.visibility)


def test_each_photograph_is_read_by_itself(puppets: list[Puppet], monkeypatch: pytest.MonkeyPatch) -> None:
    doubt_the_first(monkeypatch)
    right = turned_round(0.7)
    with Landmarker(Path(), limits=LIMITS, silhouette=False, video=False) as reader:
        for in_mirror, expected in (([right], right), ([], AT_FIRST), ([right], right)):
            puppets[0].bodies, puppets[0].in_mirror = [AT_FIRST], in_mirror
            np.testing.assert_array_equal(reader.detect(texture(1), 0.0).image, expected.image)


@pytest.mark.parametrize("cut", [True, False])
def test_after_a_change_of_scene_whoever_is_there_is_followed_at_once(puppets: list[Puppet], cut: bool) -> None:
    with Landmarker(Path(), limits=LIMITS, silhouette=False) as reader:
        follower, looker = puppets
        follower.bodies = looker.bodies = [somebody()]
        assert all(reader.detect(texture(1), k / 15).person for k in range(60))
        follower.bodies = looker.bodies = [somebody(-150.0, torso=70.0)]
        assert bool(reader.detect(texture(2 if cut else 1), 4.0).person) is cut


def test_the_model_is_let_go_of_once(puppets: list[Puppet]) -> None:
    with Landmarker(Path(), limits=LIMITS, silhouette=False) as reader:
        reader.close()
    assert [puppet.closed for puppet in puppets] == [1, 1]


def test_a_child_that_crawls_past_does_not_take_her_skeleton(model: Path, dog: list[Picture], child: Draw) -> None:
    alone = poses(model, dog[::2])
    visited = poses(model, [child(frame, 8 * k, 260) for k, frame in enumerate(dog[::2])])
    unlike = [apart(a.image, b) for a, b in zip(alone, visited, strict=True) if b.person]
    assert len(unlike) >= len(alone) - 2
    assert np.quantile(unlike, 0.95) < 0.3


def test_a_covered_lens_does_not_pass_her_skeleton_on(
    model: Path, dog: list[Picture], dog_pose: Pose, child: Draw
) -> None:
    scene = child(dog[0], 0, 270)
    pictures = [scene] * 20 + [np.full_like(scene, 8)] * 6 + [scene] * 12
    found = poses(model, pictures)
    assert not any(pose.person for pose in found[20:26])
    assert all(apart(dog_pose.image, pose) < 0.3 for pose in found[26:] if pose.person)
    assert found[-1].person


def test_a_child_left_alone_is_nobody_until_she_is_back(
    model: Path, dog: list[Picture], dog_pose: Pose, room: Picture, child: Draw
) -> None:
    scene, without = child(dog[0], 0, 270), child(room, 0, 270)
    with Landmarker(model, limits=LIMITS, silhouette=False, video=False) as looker:
        assert looker.detect(without, 0.0).person, "the child must be one that the model finds"
    found = poses(model, [scene] * 45 + [without] * 30 + [scene] * 20)
    assert all(pose.person for pose in found[:45])
    assert not any(pose.person for pose in found[45:75])
    assert found[-1].person
    assert apart(dog_pose.image, found[-1]) < 0.3


def test_the_larger_of_two_is_followed_from_the_first_picture(
    model: Path, dog: list[Picture], dog_pose: Pose, child: Draw
) -> None:
    found = poses(model, [child(dog[0], 0, 270)] * 3)
    assert all(apart(dog_pose.image, pose) < 0.3 for pose in found)


def test_the_outline_is_that_of_the_picture_and_not_of_what_it_was_padded_with() -> None:
    mask = np.ones((32, 32), np.float32)
    mask[:20, :20] = 0.0
    assert not landmarker._pack(mask, (20, 20)).any()


def test_a_body_found_in_the_mirror_comes_back_as_it_is() -> None:
    image, world = np.random.default_rng(3).normal(size=(2, 33, 3))
    found = landmarker._Found(image[:, :2], image[:, 2], world, None)
    back = landmarker._unmirrored(found, 640)
    left, right = Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST
    np.testing.assert_array_equal(back.image[left], (640 - found.image[right, 0], found.image[right, 1]))
    np.testing.assert_array_equal(back.world[left], found.world[right] * (-1, 1, 1))
    assert back.visibility[left] == found.visibility[right]
