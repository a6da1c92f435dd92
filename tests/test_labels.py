"""Labels of a set: what they say is taken, and every wrong line is said with its number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bodies import dog
from labelled import bent_dog, labels, measure, save_set, still_dog

from posecheck.errors import SourceError
from posecheck.labels import Mistake, load_set
from posecheck.library import Library
from posecheck.pose import stack
from posecheck.recording import save_recording

CHECKS = {"downward_dog": ["elbows_bent", "hips_low"], "cat": ["too_fast"]}


def test_a_stretch_of_each_label_is_a_case_of_its_own(tmp_path: Path) -> None:
    where = save_set(tmp_path, long=still_dog())
    labels(
        where, "long.npz,5,9,cat,", "long.npz,0,3,downward_dog,", "long.npz,3,5,downward_dog,hips_low; elbows_bent"
    )
    cases = load_set(where, CHECKS).cases
    assert [(c.name, c.label, c.stretch) for c in cases] == [
        ("long.npz 0-5 s", "downward_dog", (0.0, 5.0)),
        ("long.npz 5-9 s", "cat", (5.0, 9.0)),
    ]
    assert cases[0].mistakes == (Mistake("hips_low", 3.0, 5.0), Mistake("elbows_bent", 3.0, 5.0))


def test_a_stretch_is_judged_in_its_own_time(tmp_path: Path, library: Library) -> None:
    where = save_set(tmp_path, long=bent_dog())
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
        (
            "a.npz,,,cat,too_fast,rocking",
            "the row has more cells than columns. Part several faults by a space or ';'.",
        ),
        ("a.npz,,,,too_fast", "'set' is no exercise, so the row must name its label."),
    ],
)
def test_every_fault_of_the_labels_is_a_sentence_with_its_line(tmp_path: Path, row: str, sentence: str) -> None:
    (tmp_path / "set").mkdir()
    where = save_set(tmp_path / "set", a=still_dog())
    labels(where, "a.npz,,,cat,", row)
    with pytest.raises(SourceError, match=re.escape(f"labels.csv:3: {sentence}")):
        load_set(where, CHECKS)


def test_all_faults_of_the_labels_are_said_at_once(tmp_path: Path) -> None:
    where = save_set(tmp_path, a=still_dog())
    labels(where, "b.npz,,,cat,", "a.npz,x,,cat,")
    with pytest.raises(SourceError) as caught:
        load_set(where, CHECKS)
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["labels.csv:2", "labels.csv:3"]


def test_labels_without_their_columns_or_not_text(tmp_path: Path) -> None:
    where = save_set(tmp_path, a=still_dog())
    (where / "labels.csv").write_text("path,label\na.npz,cat\n", encoding="utf-8")
    sentence = "labels.csv has no column 'start_s' or 'end_s' or 'faults'. Its first line must be: path,start_s,"
    with pytest.raises(SourceError, match=re.escape(sentence)):
        load_set(where, CHECKS)
    (where / "labels.csv").write_bytes(b"path\xff\xfe")
    with pytest.raises(SourceError, match=re.escape("labels.csv is not UTF-8 text.")):
        load_set(where, CHECKS)


def test_labels_that_speak_of_times_the_file_does_not_have(tmp_path: Path, library: Library) -> None:
    where = save_set(tmp_path, a=still_dog(3.0), b=still_dog())
    labels(where, "a.npz,7,9,downward_dog,elbows_bent", "b.npz,,,downward_dog,")
    result, figures = measure(where, library)
    assert result.failed == ("a.npz: its label speaks of 7 s, but it lasts 5.5 s. Correct labels.csv.",)
    assert figures["exercises"]["downward_dog"]["clips"] == 1


def test_labels_reach_files_in_deeper_folders_and_nothing_beside_them(tmp_path: Path) -> None:
    where = save_set(tmp_path, cat__a=stack([dog()]))
    (where / "cat" / "deep").mkdir()
    for name in ("b.npz", "c.npz"):
        save_recording(where / "cat" / "deep" / name, dog())
    labels(where, "./cat/deep/b.npz,,,downward_dog,")
    assert [(c.name, c.label) for c in load_set(where, CHECKS).cases] == [
        ("cat/a.npz", "cat"),
        ("cat/deep/b.npz", "downward_dog"),
    ]


def test_a_folder_that_is_no_exercise_and_files_without_a_label_are_said(tmp_path: Path) -> None:
    where = save_set(tmp_path, downward_dogs__a=stack([dog()]), cat__a=stack([dog()]), loose=stack([dog()]))
    assert load_set(where, CHECKS).warnings == (
        "'downward_dogs' is no exercise here: its one file counts as showing none. Did you mean 'downward_dog'?",
        "1 without a label, left out: loose.npz.",
    )


def test_a_folder_with_nothing_labelled(tmp_path: Path) -> None:
    sentence = f"{tmp_path} holds no labelled video, photograph or recording."
    with pytest.raises(SourceError, match=re.escape(sentence)):
        load_set(save_set(tmp_path, loose=stack([dog()])), CHECKS)
    with pytest.raises(SourceError, match=re.escape(f"{tmp_path / 'gone'} does not exist.")):
        load_set(tmp_path / "gone", CHECKS)


def test_the_manifest_labels_clips_that_have_no_truth(tmp_path: Path) -> None:
    where = save_set(tmp_path, a=still_dog())
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
