"""What other tools have found, read as a recording: OpenPose's files and COCO's, right ones and broken ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, Shape, film, times
from command import Run

from posecheck.errors import SourceError
from posecheck.foreign import _COCO, _OPENPOSE, read_foreign
from posecheck.library import Library
from posecheck.pose import Landmark, Pose, stack
from posecheck.recording import load_recording
from posecheck.testing import assert_accepts, assert_faults, assert_no_cues

FPS = 10.0
BODY_25, COCO_18, COCO_17 = (
    layouts[n][1].split() for layouts, n in ((_OPENPOSE, 25), (_OPENPOSE, 18), (_COCO, 17))
)


def dog(elbow: float = 173.0) -> Pose:
    """Return a dog whose elbows bend at 4 s."""

    def shape(t: float) -> Shape:
        return ALL_FOURS if t < 1 else DOG if t < 4 else {**DOG, "elbow": elbow}

    return stack(film(shape, times(8.0, FPS)))


def numbers(pose: Pose, names: list[str], shift: float = 0.0, scale: float = 1.0) -> list[float]:
    """Return one instant as those tools write it: x, y and confidence of each point, zeros where there is none."""
    row: list[float] = []
    for name in names:
        if name == "-":
            row += [0, 0, 0]
        else:
            i = Landmark[name.upper()]
            x, y = (pose.image[i] * scale + (shift, 0)).tolist()
            row += [round(x, 3), round(y, 3), round(float(pose.visibility[i]), 3)]
    return row


def openpose(pose: Pose, folder: Path, names: list[str] = BODY_25, beside: bool = False) -> Path:
    folder.mkdir()
    for i in range(len(pose.t)):
        people = [{"person_id": [-1], "pose_keypoints_2d": numbers(pose[i], names)}]
        if beside:  # a child, first in every other file
            small = {"person_id": [-1], "pose_keypoints_2d": numbers(pose[i], names, 400.0, 0.4)}
            people.insert(i % 2, small)
        said = {"version": 1.3, "people": people}
        (folder / f"clip2_{i:012d}_keypoints.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def coco_results(pose: Pose) -> list[dict[str, Any]]:
    return [
        {"image_id": f"{i}.jpg", "category_id": 1, "keypoints": numbers(pose[i], COCO_17), "score": 2.1}
        for i in range(len(pose.t))
    ]


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


# --- right ones -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [BODY_25, COCO_18])
@pytest.mark.parametrize("beside", [False, True])
def test_what_openpose_found_is_judged_like_ours(tmp_path: Path, names: list[str], beside: bool) -> None:
    good = read_foreign(openpose(dog(), tmp_path / "good", names, beside), FPS).pose
    bent = read_foreign(openpose(dog(125), tmp_path / "bent", names, beside), FPS).pose
    assert_accepts("downward_dog", good)
    assert_no_cues(good, exercise="downward_dog")
    assert_faults(bent, "elbows_bent", between=(4, 7), exercise="downward_dog")


def test_every_landmark_lies_where_it_was_and_the_others_are_unknown(tmp_path: Path) -> None:
    ours = dog()
    for source, names in (
        (openpose(ours, tmp_path / "openpose"), BODY_25),
        (written(tmp_path / "results.json", coco_results(ours)), COCO_17),
    ):
        found = read_foreign(source, FPS)
        had = [Landmark[name.upper()] for name in names if name != "-"]
        others = [i for i in Landmark if i not in had]
        np.testing.assert_allclose(found.pose.image[:, had], ours.image[:, had], atol=1e-3)
        np.testing.assert_allclose(found.pose.visibility[:, had], ours.visibility[:, had], atol=1e-3)
        np.testing.assert_allclose(found.pose.t, ours.t)
        assert np.isnan(found.pose.image[:, others]).all()
        assert np.isnan(found.pose.world).all()
        assert found.pose.silhouette is None
        assert found.pose.person.all()
        assert not found.sized


def test_left_and_right_are_hers() -> None:
    """The layouts as their makers publish them, written out once more."""
    openpose = "0 nose, 2 right_shoulder, 4 right_wrist, 5 left_shoulder, 9 right_hip, 12 left_hip, 14 left_ankle"
    ends = ", 15 right_eye, 18 left_ear, 19 left_foot_index, 21 left_heel, 22 right_foot_index, 24 right_heel"
    older = "1 -, 2 right_shoulder, 7 left_wrist, 8 right_hip, 13 left_ankle, 14 right_eye, 17 left_ear"
    coco = "0 nose, 1 left_eye, 4 right_ear, 5 left_shoulder, 10 right_wrist, 11 left_hip, 16 right_ankle"
    for names, said in ((BODY_25, openpose + ends), (COCO_18, older), (COCO_17, coco)):
        for place in said.split(", "):
            i, name = place.split()
            assert names[int(i)] == name


def test_a_data_set_says_its_size_and_which_frames_show_nobody(tmp_path: Path) -> None:
    ours = dog()
    images = [{"id": 900 + 7 * i, "file_name": f"f_{i:04d}.png", "width": 640, "height": 480} for i in range(5)]
    rows = []
    for i in (0, 1, 4):
        points = numbers(ours[i], COCO_17)
        points[2::3] = [2, 1, 0] + [2] * 14
        rows.append({"image_id": 900 + 7 * i, "keypoints": points})
    found = read_foreign(written(tmp_path / "set.json", {"images": images, "annotations": rows}), FPS)
    assert found.sized
    assert found.pose.frame_size.tolist() == [640, 480]
    assert found.pose.person.tolist() == [True, True, False, False, True]
    nose, left, right = (
        found.pose.visibility[0, i] for i in (Landmark.NOSE, Landmark.LEFT_EYE, Landmark.RIGHT_EYE)
    )
    assert (nose, left, right) == (1.0, 0.5, 0.0)


def test_frames_left_out_show_nobody_and_without_a_nose_she_is_still_there(tmp_path: Path) -> None:
    rows = [row for i, row in enumerate(coco_results(dog())) if not 20 <= i < 25]
    for row in rows:
        row["keypoints"][:3] = [0, 0, 0]
    pose = read_foreign(written(tmp_path / "some.json", rows), FPS).pose
    assert np.flatnonzero(~pose.person).tolist() == list(range(20, 25))
    assert_accepts("downward_dog", pose)


def test_one_file_is_a_photograph(tmp_path: Path, library: Library) -> None:
    one = openpose(dog()[20:21], tmp_path / "one")
    pose = read_foreign(next(one.iterdir())).pose
    assert len(pose.t) == 1
    assert pose.person.all()


# --- broken ones ----------------------------------------------------------------------------------------------

GOOD = [1.0, 2.0, 0.9] * 17


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it.json is empty (0 bytes)."),
        ("{", "it.json is not JSON that can be read."),
        ("\udcff", "it.json is not JSON that can be read."),
        ("3", "it.json holds neither 'people' (OpenPose) nor keypoints with an 'image_id' (COCO)."),
        ({"shapes": []}, "it.json holds neither 'people' (OpenPose) nor keypoints"),
        ({"people": {}}, "it.json has no list of 'people', as OpenPose writes it."),
        ({"people": []}, "There is nobody in it.json."),
        ({"people": [{"pose_keypoints_2d": [0] * 75}]}, "There is nobody in it.json."),
        (
            {"people": [{"pose_keypoints_2d": [1] * 45}]},
            "A person in it.json has 45 numbers. There must be three for each point: 25 (OpenPose BODY_25) or 18",
        ),
        ({"people": [{}]}, "A person in it.json has 1 numbers."),
        ([{"image_id": 1, "keypoints": "none"}], "A person in it.json has 0 numbers."),
        ([{"image_id": 1, "keypoints": [*GOOD[:-1], float("nan")]}], "A person in it.json has points that are no"),
        ([{"image_id": "cat", "keypoints": GOOD}], "it.json has no frame number in its name."),
        ([{"keypoints": GOOD}], "it.json holds neither"),
        (
            [{"image_id": n, "keypoints": GOOD} for n in (7, 5000)],
            "it.json is not numbered frame by frame: 2 of them from 7 to 5000.",
        ),
        ({"images": [{"file": "a"}], "annotations": []}, "it.json must give each of its images an id, width and"),
        (
            {"images": [{"id": n, "width": 10 * n, "height": 10} for n in (1, 2)], "annotations": []},
            "The images of it.json are of 2 sizes. Give the frames of one video.",
        ),
    ],
)
def test_what_cannot_be_understood_is_said(tmp_path: Path, content: object, message: str) -> None:
    path = tmp_path / "it.json"
    if isinstance(content, str):
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    else:
        written(path, content)
    with pytest.raises(SourceError) as said:
        read_foreign(path, FPS)
    assert str(said.value).startswith(message)


def test_folders_that_are_none_of_openpose(tmp_path: Path) -> None:
    empty, twice = tmp_path / "empty", openpose(dog()[:2], tmp_path / "twice")
    empty.mkdir()
    written(twice / "other_000000000001_keypoints.json", {"people": []})
    for folder, message in ((empty, "holds no keypoint files (*.json)."), (twice, "is not the only frame 1 in")):
        with pytest.raises(SourceError) as said:
            read_foreign(folder, FPS)
        assert message in str(said.value)


# --- the command ----------------------------------------------------------------------------------------------


def test_the_command_writes_a_recording_that_can_be_analysed_and_drawn(run: Run, tmp_path: Path) -> None:
    source, out = openpose(dog(125), tmp_path / "found"), tmp_path / "clip.npz"
    status, said, err = run("import", source, "--fps", FPS, "--out", out)
    assert status == 0
    assert said == f"found: OpenPose BODY_25, 81 frames, 8.1 s, somebody in 81; written to {out}.\n"
    assert err.count("It has no outline of the body and no depth") == 1
    assert "--size says it better" in err
    assert load_recording(out).person.all()
    status, said, _ = run("analyse", out, "--annotate", tmp_path / "clip.mp4", "--json", tmp_path / "clip.json")
    assert status == 0
    assert said.startswith("clip.npz: Downward dog, seen from the side;")
    assert "elbows_bent" in said
    assert run("import", source, "--fps", FPS, "--size", "640x480", "-o", out)[2].count("\n") == 1
    assert load_recording(out).frame_size.tolist() == [640, 480]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "found does not say its frames a second. Give them: --fps 30."),
        ({"--fps": 0}, "--fps must be more than 0, not '0'."),
        ({"--fps": "nan"}, "--fps must be more than 0, not 'nan'."),
        ({"--fps": "many"}, "--fps must be more than 0, not 'many'."),
        ({"--fps": 10, "--size": "640"}, "--size must be a width and a height in pixels, not '640'."),
        ({"--fps": 10, "--out": "clip.mp4"}, "--out writes a landmark recording, not clip.mp4."),
        ({"--fps": 10, "--out": "nowhere/clip.npz"}, "The folder"),
    ],
)
def test_a_use_that_makes_no_sense_is_said_and_writes_nothing(
    run: Run, tmp_path: Path, options: Mapping[str, object], message: str
) -> None:
    source = openpose(dog()[:3], tmp_path / "found")
    out = tmp_path / str(options.get("--out", "clip.npz"))
    others = [str(x) for name, value in options.items() if name != "--out" for x in (name, value)]
    status, said, err = run("import", source, "--out", out, *others)
    assert (status, said) == (2, "")
    assert err.startswith(message)
    assert not out.exists()


def test_analyse_says_which_command_reads_such_a_file(run: Run, tmp_path: Path) -> None:
    status, _, err = run("analyse", written(tmp_path / "found.json", coco_results(dog()[:3])))
    assert (status, err) == (
        2,
        "found.json is no video, photograph or recording. `posecheck import` reads what other tools found.\n",
    )
