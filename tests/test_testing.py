"""What a definition author writes, and what she reads when a threshold does not hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bodies import ALL_FOURS, DOG, STANDING, Shape, film, times

from posecheck import testing
from posecheck.errors import PosecheckError
from posecheck.pose import Pose, stack
from posecheck.recording import save_recording
from posecheck.testing import assert_accepts, assert_faults, assert_no_cues, watch


def dog(
    elbow: float = 173.0, *, hidden: tuple[str, ...] = (), seconds: float = 8.0, bent_for: float = 9.0
) -> Pose:
    """Return a dog whose elbows bend at 4 s."""

    def shape(t: float) -> Shape:
        if t < 1:
            return ALL_FOURS
        return (
            {**DOG, "hidden": hidden} if not 4 <= t < 4 + bent_for else {**DOG, "elbow": elbow, "hidden": hidden}
        )

    return stack(film(shape, times(seconds, 10.0)))


def test_a_good_dog_is_accepted_and_left_in_peace() -> None:
    assert_accepts("downward_dog", dog())
    assert_no_cues(dog())


def test_bent_elbows_are_caught_in_time() -> None:
    assert_faults(dog(125), "elbows_bent", between=(4, 7))
    assert_faults(dog(125), "elbows_bent")


def test_what_was_never_entered_says_which_condition_failed() -> None:
    standing = stack(film(lambda t: STANDING, times(3.0, 10.0)))
    with pytest.raises(AssertionError) as said:
        assert_accepts("downward_dog", standing)
    assert str(said.value).startswith(
        "the recording was never in the pose of downward_dog.\n  Entry: trunk_tilt 88.0 (median)"
    )


def test_a_correction_that_should_not_be_says_by_how_much() -> None:
    for check in (assert_no_cues, lambda clip: assert_accepts("downward_dog", clip)):
        with pytest.raises(AssertionError) as said:
            check(dog(125))
        assert "elbows_bent at 5." in str(said.value)
        assert "elbow_angle 125.0, ok from 156.0: 31.0 outside" in str(said.value)


def test_a_fault_that_is_missed_says_how_near_it_came() -> None:
    with pytest.raises(AssertionError) as said:
        assert_faults(dog(154.2), "elbows_bent", between=(4.5, 7))
    assert "elbows_bent was no fault between 4.5 and 7 s in the recording (downward_dog).\n" in str(said.value)
    assert "elbow_angle 154.2 at " in str(said.value)
    assert "a fault under 150.0: 4.2 inside the band" in str(said.value)


def test_a_fault_too_short_says_so() -> None:
    with pytest.raises(AssertionError) as said:
        assert_faults(dog(120, bent_for=0.7), "elbows_bent")
    assert "beyond the band, but not for 1 s" in str(said.value)


def test_what_could_not_be_seen_says_so() -> None:
    with pytest.raises(AssertionError) as said:
        assert_faults(dog(120, hidden=("elbow",)), "elbows_bent")
    assert "elbow_angle could not be seen" in str(said.value)


def test_a_stretch_outside_the_pose_says_so() -> None:
    with pytest.raises(AssertionError) as said:
        assert_faults(dog(120), "elbows_bent", between=(0, 0.8))
    assert "She was not in the pose then." in str(said.value)


def test_a_stretch_that_the_clip_has_not_is_no_failed_assertion() -> None:
    for between in ((30, 40), (7, 4)):
        with pytest.raises(PosecheckError) as said:
            assert_faults(dog(173), "elbows_bent", between=between, exercise="downward_dog")
        assert str(said.value) == (
            f"Nothing of the recording lies between {between[0]} and {between[1]} s. It lasts 8.0 s."
        )


def test_a_pose_that_meets_no_way_to_come_in_says_what_each_lacks() -> None:
    """Head down with the hands beside the hips: neither way in is open."""
    folded = {**DOG, "arm": 20.0}
    with pytest.raises(AssertionError) as said:
        assert_accepts("downward_dog", stack(film(lambda t: folded, times(3.0, 10.0))))
    assert str(said.value) == (
        "the recording was never in the pose of downward_dog.\n"
        "  Entry: (wrist_drop 0.26 (median), needs from 1) or (wrist_drop 0.26 (median), needs from 0.45; "
        "hip_angle 78.0 (median), needs from 112; arm_line 20.0 (median), needs from 135)"
    )


def test_a_pose_that_is_kept_too_shortly_to_come_in_says_so() -> None:
    glimpse = stack(film(lambda t: DOG, times(0.3, 10.0)))
    with pytest.raises(AssertionError, match=r"Entry: each condition held .*, but not all for long together"):
        assert_accepts("downward_dog", glimpse)


def test_what_is_made_may_be_corrected_and_nothing_else() -> None:
    assert_no_cues(dog(125), but={"elbows_bent"})
    with pytest.raises(AssertionError, match="elbows_bent at 5"):
        assert_no_cues(dog(125), but={"back_rounded"})


def test_a_failure_shows_the_line_of_the_test_alone() -> None:
    with pytest.raises(AssertionError) as accepted:
        assert_accepts("downward_dog", dog(125))
    with pytest.raises(AssertionError) as left:
        assert_no_cues(dog(125))
    with pytest.raises(AssertionError) as caught:
        assert_faults(dog(), "elbows_bent")
    for said in (accepted, left, caught):
        assert {Path(entry.path) for entry in said.traceback.filter(said)} == {Path(__file__)}


def test_a_check_that_does_not_exist_is_no_failed_assertion() -> None:
    with pytest.raises(PosecheckError) as said:
        assert_faults(dog(), "elbow_bent", exercise="downward_dog")
    assert str(said.value).startswith("downward_dog has no check 'elbow_bent'.")


def test_what_shows_no_exercise_asks_for_its_name() -> None:
    with pytest.raises(PosecheckError) as said:
        watch(stack(film(lambda t: STANDING, times(2.0, 10.0))))
    assert str(said.value).startswith("No exercise was entered in the recording.")


def test_a_file_is_named_and_its_manifest_believed(tmp_path: Path) -> None:
    clip = tmp_path / "mine.npz"
    save_recording(clip, dog(154.2))
    manifest = {"schema": "x", "clips": [{"file": "mine.npz", "exercise": "cat", "faults": []}]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert watch(clip).exercise.id == "cat"
    with pytest.raises(AssertionError, match=r"mine\.npz \(downward_dog\)"):
        assert_faults(clip, "elbows_bent", exercise="downward_dog")


def test_a_file_is_judged_once_whether_its_exercise_is_named_or_said_by_its_truth(tmp_path: Path) -> None:
    clip = tmp_path / "mine.npz"
    save_recording(clip, dog())
    clip.with_name("mine.truth.json").write_text(json.dumps({"exercise": "downward_dog"}), encoding="utf-8")
    assert watch(clip) is watch(clip, "downward_dog")
    assert watch(clip, library=testing.definitions()) is not watch(clip)


def test_a_file_is_judged_as_strictly_as_asked(tmp_path: Path) -> None:
    clip = tmp_path / "mine.npz"
    save_recording(clip, dog(153.0))
    assert "elbows_bent" not in watch(clip, "downward_dog").faults()
    assert "elbows_bent" in watch(clip, "downward_dog", strictness="standard").faults()
    assert_faults(clip, "elbows_bent", exercise="downward_dog", strictness="standard")


@pytest.mark.model
def test_a_clip_read_once_needs_no_model_again(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posecheck.cache.cache_folder", lambda: tmp_path)
    clip = Path(__file__).parents[1] / "sample_videos" / "downdog_bad.mp4"
    for kept in (testing.read_clip, testing._kept, testing._watch_file):
        kept.cache_clear()
    first = watch(clip, "downward_dog")
    testing.read_clip.cache_clear()
    testing._watch_file.cache_clear()
    monkeypatch.setattr("posecheck.landmarker.Landmarker", None)
    second = watch(clip, "downward_dog")
    assert second is not first
    assert second.faults() == first.faults()
    for kept in (testing.read_clip, testing._kept, testing._watch_file):
        kept.cache_clear()
