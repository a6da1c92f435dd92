"""Evaluate: figures known by hand from synthetic bodies, labels that are wrong, files that are broken."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, FRAME, STANDING, dog, film, side_body, timeline, times

from posecheck import cli
from posecheck.body import Body, choose_near
from posecheck.cache import LandmarkCache
from posecheck.errors import SourceError
from posecheck.evaluate import Evaluation, evaluate, examine
from posecheck.evaluation_page import print_tables
from posecheck.examples import Example, Kind, choose_worst
from posecheck.figures import Made, match, summarise
from posecheck.labels import Case, Mistake, load_set
from posecheck.laws import add_noise, resample, same_cues
from posecheck.library import Library
from posecheck.pose import Pose, nobody, stack
from posecheck.recording import save_recording

BENT = {**DOG, "elbow": 120.0}


def still_dog(seconds: float = 8.0) -> Pose:
    """Return a good downward dog kept still, after coming into it."""
    return clip((0.0, ALL_FOURS), (1.5, ALL_FOURS), (2.5, DOG), (2.5 + seconds, DOG))


def bent_dog(start: float = 6.0, end: float = 12.0, seconds: float = 18.0) -> Pose:
    """Return a dog that bends its elbows for some time."""
    half = 0.35
    return clip(
        (0.0, DOG),
        (start - half, DOG),
        (start + half, BENT),
        (end - half, BENT),
        (end + half, DOG),
        (seconds, DOG),
    )


def clip(*stops: tuple[float, Any]) -> Pose:
    return stack(film(timeline(*stops), times(stops[-1][0], 15)))


def no_model() -> Path:
    raise AssertionError("recordings need no model")


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that saves recordings into a labelled set and gives its folder."""

    def save(**poses: Pose) -> Path:
        for name, pose in poses.items():
            path = tmp_path / f"{name.replace('__', '/')}.npz"
            path.parent.mkdir(exist_ok=True)
            save_recording(path, pose)
        return tmp_path

    return save


def measure(folder: Path, library: Library, **options: Any) -> tuple[Evaluation, dict[str, Any]]:
    result = evaluate(folder, library, model=no_model, **{"jobs": 1, **options})
    return result, summarise(result.findings, library.exercises)


def labels(folder: Path, *rows: str) -> None:
    (folder / "labels.csv").write_text(
        "path,start_s,end_s,label,faults\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )


# --- shown against made ---------------------------------------------------------------------------------------


def found(
    runs: dict[str, list[tuple[float, float]]], cues: Sequence[tuple[str, float]], *mistakes: Mistake
) -> tuple[list[tuple[str, bool, float | None]], list[tuple[str, float]]]:
    made, alarms = match(runs, cues, mistakes)
    return [(m.check, m.caught, m.latency) for m in made], [(a.check, a.t) for a in alarms]


def test_a_mistake_is_caught_where_its_check_is_shown_and_latency_counts_to_the_first_cue() -> None:
    bent = Mistake("bent", 4.0, 8.0)
    assert found({"bent": [(5.0, 8.2)]}, [("bent", 5.5), ("bent", 7.5)], bent) == ([("bent", True, 1.5)], [])
    assert found({"bent": [(5.0, 8.2)]}, [], bent) == ([("bent", True, None)], [])
    assert found({}, [], bent) == ([("bent", False, None)], [])


def test_a_cue_before_the_half_way_point_comes_at_once_and_one_too_late_is_a_false_alarm() -> None:
    bent = Mistake("bent", 4.0, 8.0)
    assert found({}, [("bent", 3.6)], bent) == ([("bent", True, 0.0)], [])
    assert found({}, [("bent", 9.4)], bent) == ([("bent", True, 5.4)], [])
    assert found({}, [("bent", 9.6)], bent) == ([("bent", False, None)], [("bent", 9.6)])
    assert found({}, [("bent", 3.4)], bent) == ([("bent", False, None)], [("bent", 3.4)])


def test_a_check_shown_all_the_time_catches_its_mistake_and_is_a_false_alarm_as_well() -> None:
    assert found({"bent": [(0.0, 12.0)]}, [], Mistake("bent", 4.0, 8.0)) == (
        [("bent", True, None)],
        [("bent", 0.0)],
    )


def test_another_check_is_a_false_alarm_and_is_noted_as_shown_instead() -> None:
    made, alarms = match({"low": [(5.0, 7.0), (9.9, 11.0)]}, [("low", 5.2)], [Mistake("bent", 4.0, 8.0)])
    assert made == (Made("bent", 4.0, 8.0, "", False, None, ("low",)),)
    assert [(a.check, a.t) for a in alarms] == [("low", 5.0)]  # a clip counts once, however often


def test_a_cue_repeated_while_the_fault_still_stands_belongs_to_it() -> None:
    assert found({"bent": [(5.0, 14.0)]}, [("bent", 5.5), ("bent", 13.0)], Mistake("bent", 4.0, 8.0))[1] == []


def test_labels_of_one_check_that_overlap_are_one_and_those_of_two_checks_are_two() -> None:
    mistakes = [Mistake("bent", 4.0, 8.0), Mistake("bent", 6.0, 10.0), Mistake("low", 5.0, 9.0)]
    made, alarms = match({"bent": [(9.0, 10.0)], "low": [(6.0, 9.0)]}, [], mistakes)
    assert [(m.check, m.start, m.end, m.caught) for m in made] == [
        ("bent", 4.0, 10.0, True),
        ("low", 5.0, 9.0, True),
    ]
    assert alarms == ()


# --- figures --------------------------------------------------------------------------------------------------


def test_the_figures_of_a_small_set_are_those_counted_by_hand(
    folder: Callable[..., Path], library: Library
) -> None:
    where = folder(
        downward_dog__a=still_dog(),
        downward_dog__b=still_dog(),
        downward_dog__c=bent_dog(),
        downward_dog__d=bent_dog(),  # labelled as correct
        downward_dog__e=stack([dog()]),
        downward_dog__f=stack([side_body(**STANDING)]),  # never entered
        other__a=stack([side_body(**STANDING)]),
        other__b=stack([dog()]),
        other__c=stack([nobody(0.0, FRAME)]),
        other__d=clip((0.0, STANDING), (3.0, STANDING)),
    )
    labels(where, "downward_dog/c.npz,6,12,downward_dog,elbows_bent")
    result, figures = measure(where, library)
    assert (result.failed, result.warnings) == ((), ())
    said = figures["exercises"]["downward_dog"]
    assert said["clips"] == 6
    assert said["recall"] == pytest.approx(5 / 6, abs=1e-3)
    assert said["accepted"] == pytest.approx(3 / 5, abs=1e-3)  # a, b, e of a, b, d, e, f
    assert said["false_entries"] == {"other": 0.25}
    minutes = (still_dog().t[-1] * 2 + bent_dog().t[-1] + 3 / 15) / 60
    cues = sum(f.cues for f in result.findings if f.case.name == "downward_dog/d.npz")
    assert cues > 0
    assert said["false_cues_per_min"] == pytest.approx(cues / minutes, abs=1e-2)
    bent = figures["checks"]["downward_dog"]["elbows_bent"]
    assert {k: bent[k] for k in ("positives", "recall", "precision")} == {
        "positives": 1,
        "recall": 1.0,
        "precision": 0.5,  # c is caught, d is a false alarm
    }
    assert bent["f1"] == pytest.approx(2 / 3, abs=1e-3)
    persist = next(c.persist for c in library.exercises["downward_dog"].checks if c.id == "elbows_bent")
    assert persist - 0.5 <= bent["latency_s"] <= persist + 1.0


def test_a_figure_without_data_is_null_and_the_shape_is_the_one_promised(
    folder: Callable[..., Path], library: Library
) -> None:
    _, figures = measure(folder(other__a=stack([side_body(**STANDING)])), library)
    assert list(figures) == ["schema", "exercises", "checks", "angles"]
    assert figures["schema"] == "posecheck/evaluation@1"
    assert set(figures["exercises"]) == set(figures["checks"]) == set(library.exercises)
    assert figures["exercises"]["downward_dog"] == {
        "clips": 0,
        "recall": None,
        "accepted": None,
        "false_entries": {"other": 0.0},
        "false_cues_per_min": None,
    }
    checks = figures["checks"]["downward_dog"]
    assert list(checks) == [check.id for check in library.exercises["downward_dog"].checks]
    assert checks["elbows_bent"] == {
        "positives": 0, "recall": None, "precision": None, "f1": None, "latency_s": None,
    }  # fmt: skip
    assert figures["angles"]["knee_angle"] == {"median_abs_error_deg": None, "n": 0}
    json.dumps(figures, allow_nan=False)


def test_a_photograph_has_mistakes_but_no_latency(folder: Callable[..., Path], library: Library) -> None:
    where = folder(downward_dog__bent=stack([dog(elbow=120.0)]))
    labels(where, "downward_dog/bent.npz,,,,elbows_bent")
    bent = measure(where, library)[1]["checks"]["downward_dog"]["elbows_bent"]
    assert bent == {"positives": 1, "recall": 1.0, "precision": 1.0, "f1": 1.0, "latency_s": None}


def test_a_correction_called_wrong_speaks_of_that_one_alone(folder: Callable[..., Path], library: Library) -> None:
    pose = clip((0.0, BENT), (12.0, BENT))
    stamp = "downward_dog__2026-11-02_09-30-0"
    where = folder(**{f"{stamp}0_not_elbows_bent": pose, f"{stamp}1_not_hips_low": pose})
    result, figures = measure(where, library)
    assert [[alarm.check for alarm in finding.alarms] for finding in result.findings] == [["elbows_bent"], []]
    said = figures["exercises"]["downward_dog"]
    assert (said["clips"], said["accepted"], said["false_cues_per_min"]) == (2, None, None)


def test_a_guided_time_that_is_not_judged_has_no_figures(folder: Callable[..., Path], library: Library) -> None:
    guided = library.exercises["downward_dog"].model_copy(update={"entry": None, "checks": ()})
    plain = replace(library, exercises={"downward_dog": guided})
    result, figures = measure(folder(downward_dog__a=stack([dog()])), plain)
    said = figures["exercises"]["downward_dog"]
    assert (said["clips"], said["recall"], said["accepted"]) == (1, None, None)
    assert result.examples == ()


def test_a_clip_that_passes_through_another_pose_is_not_entered_as_it(library: Library) -> None:
    pose = clip((0.0, ALL_FOURS), (2.0, ALL_FOURS), (3.0, DOG), (9.0, DOG))
    finding, _ = examine(Case("a", Path("a"), "downward_dog"), pose, library)
    assert "cat" in finding.entered
    assert finding.instead == frozenset()
    assert examine(Case("a", Path("a"), "cat"), pose, library)[0].instead == {"downward_dog"}


# --- truth ----------------------------------------------------------------------------------------------------


def test_faults_and_angles_come_from_the_truth_beside_a_clip(
    folder: Callable[..., Path], library: Library
) -> None:
    pose = bent_dog()
    where = folder(one=pose)
    turned = stack(film(timeline((0.0, {**DOG, "knee": 162.0}), (18.0, {**DOG, "knee": 162.0})), times(18.0, 15)))
    truth = {
        "schema": "posecheck/truth@1", "exercise": "downward_dog", "view": "side", "fps": 15,
        "frame_size": list(FRAME), "joints2d_px": turned.image.tolist(),
        "faults": [{"id": "elbows_bent", "start_s": 6.0, "end_s": 12.0, "size": "clear"}],
    }  # fmt: skip
    (where / "one.truth.json").write_text(json.dumps(truth), encoding="utf-8")
    result, figures = measure(where, library)
    assert [(m.check, m.size, m.caught) for f in result.findings for m in f.made] == [
        ("elbows_bent", "clear", True)
    ]
    assert figures["angles"]["knee_angle"]["median_abs_error_deg"] == pytest.approx(10.0, abs=0.1)  # 172 - 162
    assert figures["angles"]["knee_angle"]["n"] > 200
    truth["view"] = "front"
    (where / "one.truth.json").write_text(json.dumps(truth), encoding="utf-8")
    assert measure(where, library)[1]["angles"]["knee_angle"]["n"] == 0


def test_a_truth_that_cannot_be_used_is_said_in_a_sentence(folder: Callable[..., Path], library: Library) -> None:
    where = folder(one=still_dog())
    beside = where / "one.truth.json"
    beside.write_text("{", encoding="utf-8")
    with pytest.raises(SourceError, match=re.escape("one.truth.json is not JSON that can be read: ")):
        measure(where, library)
    beside.write_text('{"faults": []}', encoding="utf-8")
    with pytest.raises(SourceError, match=re.escape("one.truth.json does not say its exercise.")):
        measure(where, library)
    beside.write_text('{"exercise": "downward_dog", "faults": [{"id": "x"}]}', encoding="utf-8")
    with pytest.raises(
        SourceError, match=re.escape("one.truth.json must give each of its faults an id, start_s and end_s.")
    ):
        measure(where, library)
    beside.write_text('{"exercise": "downward_dog", "view": "side"}', encoding="utf-8")
    assert measure(where, library)[0].failed == (
        "one.npz: one.truth.json does not give joints2d_px, frame_size and fps.",
    )


# --- labels ---------------------------------------------------------------------------------------------------

CHECKS = {"downward_dog": ["elbows_bent", "hips_low"], "cat": ["too_fast"]}


def test_a_stretch_of_each_label_is_a_case_of_its_own(folder: Callable[..., Path]) -> None:
    where = folder(long=still_dog())
    labels(
        where, "long.npz,5,9,cat,", "long.npz,0,3,downward_dog,", "long.npz,3,5,downward_dog,hips_low; elbows_bent"
    )
    cases = load_set(where, CHECKS).cases
    assert [(c.name, c.label, c.stretch) for c in cases] == [
        ("long.npz 0-5 s", "downward_dog", (0.0, 5.0)),
        ("long.npz 5-9 s", "cat", (5.0, 9.0)),
    ]
    assert cases[0].mistakes == (Mistake("hips_low", 3.0, 5.0), Mistake("elbows_bent", 3.0, 5.0))


def test_a_stretch_is_judged_in_its_own_time(folder: Callable[..., Path], library: Library) -> None:
    where = folder(long=bent_dog())
    labels(where, "long.npz,0,3,other,", "long.npz,3,18,downward_dog,", "long.npz,6,12,downward_dog,elbows_bent")
    result, _ = measure(where, library)
    by_label = {f.case.label: f for f in result.findings}
    assert by_label["other"].seconds == pytest.approx(3.0, abs=0.1)
    assert by_label["other"].instead == {"downward_dog"}
    (made,) = by_label["downward_dog"].made
    assert made.caught
    assert [made.start, made.end] == pytest.approx([3.0, 9.0], abs=0.1)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("gone.npz,,,cat,", "there is no file 'gone.npz' in "),
        ("../a.npz,,,cat,", "the path '../a.npz' must lie inside "),
        ("a.npz,one,2,cat,", "start_s must be a number of seconds, not 'one'."),
        ("a.npz,0,nan,cat,", "end_s must be a number of seconds, not 'nan'."),
        ("a.npz,3,2,cat,", "the stretch from 3 to 2 s must begin at 0 or later and end after it began."),
        ("a.npz,-1,2,cat,", "the stretch from -1 to 2 s must begin at 0 or later and end after it began."),
        ("a.npz,,,dog,", "there is no exercise 'dog'."),
        ("a.npz,,,downwarddog,", "there is no exercise 'downwarddog'. Did you mean 'downward_dog'?"),
        ("a.npz,,,cat,too_fats", "'cat' has no check 'too_fats'. Did you mean 'too_fast'?"),
        ("a.npz,,,other,too_fast", "'other' has no check 'too_fast'."),
    ],
)
def test_every_fault_of_the_labels_is_a_sentence_with_its_line(
    folder: Callable[..., Path], row: str, sentence: str
) -> None:
    where = folder(a=still_dog())
    labels(where, "a.npz,,,cat,", row)
    with pytest.raises(SourceError, match=re.escape(f"labels.csv:3: {sentence}")):
        load_set(where, CHECKS)


def test_all_faults_of_the_labels_are_said_at_once(folder: Callable[..., Path]) -> None:
    where = folder(a=still_dog())
    labels(where, "b.npz,,,cat,", "a.npz,x,,cat,")
    with pytest.raises(SourceError) as caught:
        load_set(where, CHECKS)
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["labels.csv:2", "labels.csv:3"]


def test_labels_without_their_columns_or_not_text(folder: Callable[..., Path]) -> None:
    where = folder(a=still_dog())
    (where / "labels.csv").write_text("path,label\na.npz,cat\n", encoding="utf-8")
    sentence = "labels.csv has no column 'start_s' or 'end_s' or 'faults'. Its first line must be: path,start_s,"
    with pytest.raises(SourceError, match=re.escape(sentence)):
        load_set(where, CHECKS)
    (where / "labels.csv").write_bytes(b"path\xff\xfe")
    with pytest.raises(SourceError, match=re.escape("labels.csv is not UTF-8 text.")):
        load_set(where, CHECKS)


def test_labels_that_speak_of_times_the_file_does_not_have(folder: Callable[..., Path], library: Library) -> None:
    where = folder(a=still_dog(3.0), b=still_dog())
    labels(where, "a.npz,7,9,downward_dog,elbows_bent", "b.npz,,,downward_dog,")
    result, figures = measure(where, library)
    assert result.failed == ("a.npz: its label speaks of 7 s, but it lasts 5.5 s. Correct labels.csv.",)
    assert figures["exercises"]["downward_dog"]["clips"] == 1


def test_labels_reach_files_in_deeper_folders_and_nothing_beside_them(folder: Callable[..., Path]) -> None:
    where = folder(cat__a=stack([dog()]))
    (where / "cat" / "deep").mkdir()
    for name in ("b.npz", "c.npz"):
        save_recording(where / "cat" / "deep" / name, dog())
    labels(where, "./cat/deep/b.npz,,,downward_dog,")
    assert [(c.name, c.label) for c in load_set(where, CHECKS).cases] == [
        ("cat/a.npz", "cat"),
        ("cat/deep/b.npz", "downward_dog"),
    ]


def test_a_folder_that_is_no_exercise_and_files_without_a_label_are_said(folder: Callable[..., Path]) -> None:
    where = folder(downward_dogs__a=stack([dog()]), cat__a=stack([dog()]), loose=stack([dog()]))
    assert load_set(where, CHECKS).warnings == (
        "'downward_dogs' is no exercise here: its one file counts as showing none. Did you mean 'downward_dog'?",
        "1 without a label, left out: loose.npz.",
    )


def test_a_folder_with_nothing_labelled(folder: Callable[..., Path], tmp_path: Path) -> None:
    sentence = f"{tmp_path} holds no labelled video, photograph or recording."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        load_set(folder(loose=stack([dog()])), CHECKS)
    with pytest.raises(SourceError, match=re.escape(f"{tmp_path / 'gone'} does not exist.")):
        load_set(tmp_path / "gone", CHECKS)


def test_the_manifest_labels_clips_that_have_no_truth(folder: Callable[..., Path]) -> None:
    where = folder(a=still_dog())
    fault = {"id": "hips_low", "start_s": 1, "end_s": 2}
    clips = [{"file": "a.mp4", "exercise": "downward_dog", "faults": [fault]}]
    (where / "manifest.json").write_text(json.dumps({"clips": clips}), encoding="utf-8")
    (case,) = load_set(where, CHECKS).cases
    assert (case.label, case.mistakes) == ("downward_dog", (Mistake("hips_low", 1.0, 2.0),))
    (where / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(
        SourceError, match=re.escape("manifest.json must hold a list 'clips', each with its 'file'.")
    ):
        load_set(where, CHECKS)


# --- broken files, processes ----------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_done(
    folder: Callable[..., Path], library: Library
) -> None:
    where = folder(downward_dog__good=stack([dog()]))
    (where / "downward_dog" / "broken.npz").write_bytes(b"PK nothing")
    (where / "downward_dog" / "empty.npz").write_bytes(b"")
    result, figures = measure(where, library)
    assert figures["exercises"]["downward_dog"]["clips"] == 1
    assert [sentence.split(":")[0] for sentence in result.failed] == [
        "downward_dog/broken.npz",
        "downward_dog/empty.npz",
    ]


def test_several_processes_find_what_one_finds(folder: Callable[..., Path], library: Library) -> None:
    where = folder(downward_dog__a=still_dog(3.0), downward_dog__b=stack([dog()]), other__a=stack([dog()]))
    (where / "other" / "broken.npz").write_bytes(b"PK nothing")
    told: list[float | None] = []
    alone, figures = measure(where, library)
    many, same = measure(where, library, jobs=2, progress=lambda fraction, what: told.append(fraction))
    assert same == figures
    assert many.failed == alone.failed
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert told == sorted(t for t in told if t is not None)


def test_ctrl_c_ends_every_process(folder: Callable[..., Path], library: Library) -> None:
    where = folder(**{f"other__{i}": stack([dog()]) for i in range(40)})
    before = set(multiprocessing.active_children())

    def interrupt(fraction: float | None, what: str) -> None:
        if fraction:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(where, library, jobs=2, progress=interrupt)
    assert set(multiprocessing.active_children()) <= before


# --- the command ----------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(a) for a in args])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_the_command_prints_tables_and_writes_the_figures(
    folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(downward_dog__a=stack([dog()]))
    status, out, err = run(capsys, "evaluate", where, "--json", tmp_path / "figures.json", "--jobs", 1)
    assert (status, err) == (0, "")
    assert re.search(r"downward_dog +1 +100\.0 % +1 +100\.0 % ", out)
    written = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert written["exercises"]["downward_dog"]["recall"] == 1.0
    assert json.loads(run(capsys, "evaluate", where, "--json", "-", "--jobs", 1)[1]) == written


def test_the_command_ends_with_2_and_a_sentence(
    folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(downward_dog__a=stack([dog()]))
    (where / "downward_dog" / "empty.npz").write_bytes(b"")
    status, out, err = run(capsys, "evaluate", where, "--jobs", 1)
    assert status == 2
    assert "100.0 %" in out
    assert err == "downward_dog/empty.npz: empty.npz is empty (0 bytes). Copy or record it again.\n"
    status, out, err = run(capsys, "evaluate", tmp_path / "gone")
    assert (status, out) == (2, "")
    assert err == f"{tmp_path / 'gone'} does not exist. Check the spelling and the folder.\n"


def test_the_angle_of_a_hidden_joint_is_not_counted(folder: Callable[..., Path], library: Library) -> None:
    pose = still_dog()
    where = folder(
        one=Pose(pose.t, pose.image, np.where(pose.visibility > 0.7, 0.2, 0.1), pose.world, pose.frame_size)
    )
    truth = {"exercise": "downward_dog", "view": "side", "fps": 15, "frame_size": list(FRAME)}
    text = json.dumps({**truth, "joints2d_px": pose.image.tolist()})
    (where / "one.truth.json").write_text(text, encoding="utf-8")
    assert measure(where, library)[1]["angles"]["knee_angle"] == {"median_abs_error_deg": None, "n": 0}


def test_the_back_is_compared_with_the_true_one(
    folder: Callable[..., Path], library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    """A truth that is always 10 degrees off: all of the error is constant in the clip."""
    pose = stack(film(timeline((0.0, DOG), (9.0, {**DOG, "turn": 30.0}), (18.0, DOG)), times(18.0, 15)))
    where = folder(one=pose)
    seen = Body(pose, choose_near(pose[0].visibility), library.coaching.sight).outline_turn()
    truth: dict[str, Any] = {
        "exercise": "downward_dog", "view": "side", "fps": 15, "frame_size": list(FRAME),
        "joints2d_px": pose.image.tolist(), "back_turn_deg": (np.nan_to_num(seen) + 10.0).tolist(),
    }  # fmt: skip
    path = where / "one.truth.json"
    path.write_text(json.dumps(truth), encoding="utf-8")
    result, figures = measure(where, library)
    found = figures["angles"]["back_turn"]
    assert found.pop("n") > 200
    assert found == {"median_abs_error_deg": 10.0, "within_clip_deg": 0.0, "correlation": 1.0}
    assert figures["angles"]["back_turn_upper"]["n"] == 0  # the truth does not speak of it
    print_tables(result.findings, library, 120)
    line = next(line for line in capsys.readouterr().out.splitlines() if " back_turn " in line)
    assert re.findall(r"[\d.]+°?", line)[-3:] == ["10.0°", "0.0°", "1.00"]
    path.write_text(json.dumps({**truth, "back_turn_lower_deg": [1.0]}), encoding="utf-8")
    failed = evaluate(where, library, jobs=1, model=no_model).failed
    assert failed == ("one.npz: one.truth.json must give back_turn_lower_deg as one number for each frame.",)


# --- laws -----------------------------------------------------------------------------------------------------


def test_the_laws_of_a_clip_are_tried_and_shown(
    folder: Callable[..., Path], library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(downward_dog__bent=bent_dog(3.0, 6.0, 9.0), downward_dog__still=stack([dog()]))
    findings = measure(where, library, laws=True)[0].findings
    laws = findings[0].laws
    assert laws is not None
    assert laws.mirrored
    assert dict(laws.rates) == {10.0: True, 15.0: True, 30.0: True}
    assert (laws.changes, laws.jittered) == (2, 2)  # the elbows bend, and straighten again
    assert laws.seconds == pytest.approx(8.5, abs=0.5)
    assert findings[1].laws is None  # a photograph has no time
    print_tables(findings, library, 160)
    assert re.search(r"all +1 +100\.0 % +100\.0 % +100\.0 % +100\.0 % +2\.\d\d +0\.00", capsys.readouterr().out)


def test_cues_are_the_same_where_they_come_in_the_same_order_and_within_half_a_second() -> None:
    cues = [("bent", 4.0), ("low", 9.0)]
    assert same_cues(cues, [("bent", 4.5), ("low", 8.6)])
    assert not same_cues(cues, [("bent", 4.6), ("low", 9.0)])
    assert not same_cues(cues, cues[:1])
    assert not same_cues(cues, cues[::-1])


def test_another_frame_rate_lies_on_the_lines_between_frames() -> None:
    pose = clip((0.0, DOG), (1.0, BENT))
    own = resample(pose, 15.0)
    np.testing.assert_allclose(own.image, pose.image)
    half = resample(pose, 30.0)
    assert len(half.t) == 2 * len(pose.t) - 1
    np.testing.assert_allclose(half.image[1], (pose.image[0] + pose.image[1]) / 2)
    gap = stack([dog(0.0), nobody(0.1, FRAME), dog(0.2)])
    assert resample(gap, 20.0).person.tolist() == [True, False, False, False, True]


def test_the_noise_is_a_share_of_her_torso() -> None:
    pose = stack([dog(t / 15) for t in range(200)])
    noise = add_noise(pose, 0.01).image - pose.image
    assert noise.std() == pytest.approx(0.01 * 130.0, rel=0.03)
    np.testing.assert_array_equal(add_noise(pose, 0.01).image, add_noise(pose, 0.01).image)


# --- the page -------------------------------------------------------------------------------------------------


def page_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    page = folder / "page.html"
    assert run(capsys, "evaluate", folder, "--html", page, "--jobs", 1)[0] == 0
    return page.read_text(encoding="utf-8")


def test_the_page_says_why_with_measure_value_band_and_time(
    folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(downward_dog__bent=bent_dog(3.0, 6.0, 7.0))  # labelled as correct
    text = re.sub(r"<wbr>", "", page_of(where, capsys))
    assert "Corrections where none was due" in text
    card = text[text.index("<article") : text.index("</article>")]
    assert "downward_dog/bent.npz" in card
    assert "no correction" in card
    assert "Press the floor away until your arms are long." in card
    assert re.search(r"elbow_angle <b>1[234]\d°</b>", card)
    assert re.search(r"fine from \d+, cued under \d+°", card)
    assert re.search(r"· [34]\.\d s", card)


def test_the_page_needs_nothing_else_and_shows_what_was_not_caught(
    folder: Callable[..., Path], library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(
        downward_dog__good=still_dog(), cat__odd=stack([side_body(**STANDING)]), other__dog=stack([dog()])
    )
    labels(where, "downward_dog/good.npz,4,6,downward_dog,elbows_bent")
    text = re.sub(r"<wbr>", "", page_of(where, capsys))
    assert not re.search(r"https?://|<script|<link|url\(", text)
    for heading in ("Mistakes that were not caught", "Not recognised", "Taken for something else"):
        assert heading in text
    assert "elbows_bent from 4.0 s to 6.0 s" in text
    assert "other, and not downward_dog" in text
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text)
    assert len(pictures) == 3
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(pictures[0]), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert max(decoded.shape[:2]) == 480
    assert decoded.std() > 3  # a skeleton is drawn on the plain ground


def test_a_recording_of_nobody_has_no_picture(
    folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(downward_dog__empty=stack([nobody(0.0, (0.0, 0.0))]))
    text = page_of(where, capsys)
    assert "nobody was found" in text
    assert "<img" not in text


def test_names_are_text_on_the_page(folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    where = folder(other__a=stack([dog()]))
    (where / "other" / "a.npz").rename(where / "other" / "<b>&.npz")
    assert "<b>&.npz" not in page_of(where, capsys)


def test_readings_are_the_numbers_that_were_compared(library: Library) -> None:
    case = Case("a", Path("a"), "downward_dog", (Mistake("back_rounded", 5.0, 8.0),))
    turned = {**DOG, "turn": 20.0}
    pose = clip((0.0, ALL_FOURS), (2.0, ALL_FOURS), (3.0, turned), (9.0, turned))
    (example,) = examine(case, pose, library)[1]
    assert (example.kind, example.check, example.said) == ("missed", "back_rounded", "nothing")
    assert example.t is not None
    assert 5.0 <= example.t <= 8.0
    by_name = {reading.name: reading for reading in example.readings if "judged" not in reading.band}
    for name in ("back_turn", "back_turn less her neutral"):  # her neutral is a turn of 0
        assert float(by_name[name].value.rstrip("°")) == pytest.approx(20.0, abs=4.0)
        assert not by_name[name].out
        assert re.fullmatch(r"fine up to \d+, cued over \d+°", by_name[name].band)
    hidden = replace(pose, silhouette=None, silhouette_scale=None)
    (example,) = examine(case, hidden, library)[1]
    assert example.said == "nothing; it could not be judged there"
    assert {r.value for r in example.readings if r.name.startswith("back_turn")} == {"not seen"}


def test_examples_of_one_kind_leave_room_for_others() -> None:
    def example(kind: Kind, case: str, **changes: Any) -> Example:
        pose = dog()
        plain = Example(kind, case, "downward_dog", "elbows_bent", "", False, 1.0, "", "", (), pose)
        return replace(plain, **changes)

    many = [example("alarm", f"a{i}") for i in range(9)]
    chosen = choose_worst([*many, example("missed", "m", size="slight"), example("missed", "c", size="clear")])
    assert [e.case for e in chosen] == ["c", "a0", "a1", "a2", "m"]
    assert [e.case for e in choose_worst(many, most=2)] == ["a0", "a1"]


# --- kept landmarks -------------------------------------------------------------------------------------------


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
