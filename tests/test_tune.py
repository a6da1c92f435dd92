"""Bands against labelled recordings: what they catch, where they would do best, and what a person keeps of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, Shape, film, times
from command import Run

from posecheck import overrides, workbench
from posecheck.errors import DefinitionError, PosecheckError, SourceError
from posecheck.folders import own_bands_folder, routines_folder
from posecheck.labels import Mistake
from posecheck.library import Library, load_library, with_own_bands
from posecheck.pose import Pose, stack
from posecheck.recent import keep_marked
from posecheck.recording import save_recording
from posecheck.spec import Edge
from posecheck.trace import follow
from posecheck.tune import Knob, Score, Trial, Trials, find_knob, knobs, propose, with_edge

ELBOW = Knob("elbows_bent", 0, "min")


def dog(elbow: float, seconds: float = 8.0) -> Pose:
    """Return a dog whose elbows bend at 4 s."""

    def shape(t: float) -> Shape:
        return ALL_FOURS if t < 1 else DOG if t < 4 else {**DOG, "elbow": elbow}

    return stack(film(shape, times(seconds, 10.0)))


@pytest.fixture(scope="module")
def trials(library: Library) -> Trials:
    """Three people with straight arms, three who bend them, clearly or slightly."""
    exercise = library.exercises["downward_dog"]
    found = []
    for elbow, wrong in ((173, False), (165, False), (158, False), (153, True), (130, True), (115, True)):
        trace, _ = follow(exercise, library, dog(elbow))
        made = (Mistake("elbows_bent", 4.0),) if wrong else ()
        found.append(Trial(f"{elbow}.npz", trace, made))
    return Trials(exercise, library.coaching, found)


def test_every_end_of_every_limit_is_a_knob(library: Library) -> None:
    exercise = library.exercises["downward_dog"]
    ends = sum(bool(limit.min) + bool(limit.max) for check in exercise.checks for limit in check.limits)
    assert len(knobs(exercise)) == ends
    assert ELBOW in knobs(exercise)
    assert ELBOW.describe(exercise) == "elbows_bent: elbow_angle min"


def test_a_moved_edge_keeps_its_gaps_as_far_as_can_be_measured(library: Library) -> None:
    exercise = with_edge(library.exercises["downward_dog"], ELBOW, Edge(good=155, ok=150, cue=143))
    assert ELBOW.moved(exercise, 140) == Edge(good=152, ok=147, cue=140)
    assert ELBOW.moved(exercise, 171) == Edge(good=180, ok=178, cue=171)


def test_the_present_band_misses_the_slight_one(trials: Trials) -> None:
    score = trials.scores(trials.exercise)["elbows_bent"]
    assert (score.positives, score.caught, score.negatives, score.false) == (3, 2, 3, 0)
    assert score.recall == pytest.approx(2 / 3)
    assert score.precision == 1.0


def test_the_proposal_separates_them(trials: Trials) -> None:
    proposal = propose(trials.sweep(ELBOW))
    assert proposal is not None
    assert 153 < proposal.cue < 158
    assert proposal.low <= proposal.cue <= proposal.high
    assert (proposal.score.caught, proposal.score.false) == (3, 0)
    assert proposal.present.caught == 2
    after = with_edge(trials.exercise, ELBOW, ELBOW.moved(trials.exercise, proposal.cue))
    assert trials.scores(after)["elbows_bent"].caught == 3


def test_a_sweep_is_what_each_position_gives(trials: Trials) -> None:
    positions = [120.0, 150.0, 160.0, 175.0]
    tried = trials.sweep(ELBOW, positions)
    assert tried.cue.tolist() == positions
    assert tried.present == 1
    for i, cue in enumerate(positions):
        exercise = with_edge(trials.exercise, ELBOW, ELBOW.moved(trials.exercise, cue))
        assert tried.score(i) == trials.scores(exercise)["elbows_bent"]
    assert tried.caught.shape == (4, 3)
    assert np.all(np.diff(tried.false.sum(axis=1)) >= 0)


def test_what_corrects_more_without_reason_than_with_is_not_proposed(library: Library, trials: Trials) -> None:
    """The one who bends her elbows reads as straight as two who do not: no place of the band tells them apart."""
    alike = [replace(trial, mistakes=()) for trial in trials.trials[:3]]
    alike.append(replace(trials.trials[0], name="unseen", mistakes=(Mistake("elbows_bent", 4.0),)))
    proposal = propose(Trials(trials.exercise, library.coaching, alike).sweep(ELBOW))
    assert proposal is not None
    assert proposal.cue == ELBOW.edge(trials.exercise).cue
    assert (proposal.score.caught, proposal.score.false) == (0, 0)


def test_without_the_mistake_nothing_is_proposed(library: Library, trials: Trials) -> None:
    good = [trial for trial in trials.trials if not trial.mistakes]
    assert propose(Trials(trials.exercise, library.coaching, good).sweep(ELBOW)) is None


def test_where_nobody_has_said_the_mistakes_nothing_counts(library: Library, trials: Trials) -> None:
    unsaid = [replace(trial, name=f"{trial.name} again", about=()) for trial in trials.trials]
    both = Trials(trials.exercise, library.coaching, [*trials.trials, *unsaid])
    assert (trials.unlabelled("elbows_bent"), both.unlabelled("elbows_bent")) == (0, 6)
    strict = with_edge(trials.exercise, ELBOW, ELBOW.moved(trials.exercise, 170.0))
    for exercise in (trials.exercise, strict):
        assert both.scores(exercise) == trials.scores(exercise)
    positions = [120.0, 150.0, 160.0, 175.0]
    np.testing.assert_array_equal(both.sweep(ELBOW, positions).false, trials.sweep(ELBOW, positions).false)
    found, said = both.judged_values(ELBOW), trials.judged_values(ELBOW)
    np.testing.assert_array_equal(found.right, said.right)
    np.testing.assert_array_equal(found.wrong, said.wrong)
    assert sorted(found.unlabelled) == sorted([*said.right, *said.wrong])
    assert len(both.outcomes(strict)) == 12
    alone = Trials(trials.exercise, library.coaching, unsaid)
    assert alone.scores(strict)["elbows_bent"] == Score(0, 0, 0, 0)
    assert propose(alone.sweep(ELBOW)) is None


def test_nothing_moves_where_every_position_does_as_well(library: Library, trials: Trials) -> None:
    tried = trials.sweep(ELBOW, [148.0, 150.0, 152.0])
    proposal = propose(tried)
    assert proposal is not None
    assert proposal.cue == 150.0


def test_values_are_those_judged(library: Library, trials: Trials) -> None:
    one = Trials(trials.exercise, library.coaching, trials.trials[-1:]).judged_values(ELBOW)
    assert np.median(one.wrong) == pytest.approx(115, abs=2)
    assert np.median(one.right) == pytest.approx(173, abs=2)
    good = Trials(trials.exercise, library.coaching, trials.trials[:1]).judged_values(ELBOW)
    assert good.wrong.size == 0
    assert np.median(good.right) == pytest.approx(173, abs=2)


def test_what_a_change_would_do(trials: Trials) -> None:
    stricter = with_edge(trials.exercise, ELBOW, ELBOW.moved(trials.exercise, 163.0))
    assert workbench.verdict_changes(trials, stricter) == [
        "158.npz: +elbows_bent, no longer accepted",
        "153.npz: +elbows_bent, no longer accepted",
    ]
    assert workbench.verdict_changes(trials, trials.exercise) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("elbow_bent=140", "downward_dog has no check 'elbow_bent'. Did you mean 'elbows_bent'?"),
        ("elbows_bent.knee_angle=140", "'elbows_bent.knee_angle' names no band of downward_dog."),
        ("hips_low=130", "'hips_low' may mean more than one band of downward_dog."),
        ("elbows_bent=wide", "'elbows_bent=wide' gives no number. Write elbows_bent=150."),
        ("elbows_bent", "'elbows_bent' gives no number. Write elbows_bent=150."),
        ("elbows_bent=190", "'elbows_bent=190' lies beyond what can be measured. Write elbows_bent=180."),
    ],
)
def test_a_move_that_cannot_be_made_is_said(library: Library, text: str, message: str) -> None:
    with pytest.raises(PosecheckError) as caught:
        workbench.moved_by_text(library.exercises["downward_dog"], text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", ["elbows_bent", "elbows_bent.min", "elbows_bent.elbow_angle.min"])
def test_a_band_is_found_by_enough_of_its_name(library: Library, name: str) -> None:
    assert find_knob(library.exercises["downward_dog"], name) == ELBOW


def test_every_band_is_found_by_the_name_it_is_shown_with(library: Library) -> None:
    for exercise in library.exercises.values():
        for knob in knobs(exercise):
            assert find_knob(exercise, knob.describe(exercise)) == knob


def test_two_bands_of_one_measure_are_told_apart(library: Library) -> None:
    exercise = library.exercises["downward_dog"]
    flat, own = (Knob("back_rounded", i, "max") for i in (0, 1))
    assert find_knob(exercise, "back_rounded.back_turn.max") == flat
    assert find_knob(exercise, "back_rounded.neutral") == own
    with pytest.raises(PosecheckError) as caught:
        find_knob(exercise, "back_rounded")
    assert str(caught.value) == (
        "'back_rounded' may mean more than one band of downward_dog. "
        "There are: 'back_rounded: back_turn max', 'back_rounded: back_turn against neutral max'."
    )
    moved = workbench.moved_by_text(exercise, "back_rounded: back_turn against neutral max=44")
    assert overrides.describe(exercise, moved)[-1] == "back_rounded: back_turn against neutral max cue 42 -> 44"


# --- a person's own bands -------------------------------------------------------------------------------------


@pytest.fixture
def own_bands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bands"
    monkeypatch.setenv("POSECHECK_BANDS", str(folder))
    assert own_bands_folder() == folder
    return folder


@pytest.mark.parametrize("cue", [0.0, 138.0, 180.0])
def test_own_bands_come_back_as_they_were_kept(library: Library, own_bands: Path, cue: float) -> None:
    shipped = library.exercises["downward_dog"]
    own = with_edge(shipped, ELBOW, ELBOW.moved(shipped, cue))
    path = workbench.save_own_bands(shipped, own, own_bands, "tuned on 6 recordings")
    assert path == own_bands / "downward_dog.yaml"
    assert with_own_bands(library, own_bands).exercises["downward_dog"] == own
    assert overrides.describe(shipped, own)[-1] == f"elbows_bent: elbow_angle min cue 150 -> {cue:g}"
    assert workbench.save_own_bands(shipped, shipped, own_bands, "") is None
    assert not path.exists()
    assert with_own_bands(library, own_bands).exercises == library.exercises


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exercise: downward_do\nchecks: {a: []}\n", "exercise: there is no exercise 'downward_do'. Did you mean"),
        (
            "exercise: downward_dog\nchecks: {elbow_bent: []}\n",
            "checks.elbow_bent: downward_dog has no check 'elbow_bent'. Did you mean 'elbows_bent'?",
        ),
        (
            "exercise: downward_dog\nchecks:\n  elbows_bent:\n"
            "    - {measure: knee_angle, min: {good: 3, ok: 2, cue: 1}}\n",
            "the check has no limit on this quantity; it judges elbow_angle",
        ),
        (
            "exercise: downward_dog\nchecks:\n  elbows_bent:\n"
            "    - {measure: elbow_angle, max: {good: 1, ok: 2, cue: 3}}\n",
            "the limit has no 'max' end to change",
        ),
        (
            "exercise: downward_dog\nchecks:\n  elbows_bent:\n"
            "    - {measure: elbow_angle, min: {good: 1, ok: 2, cue: 3}}\n",
            "under 'min' the numbers must fall: good >= ok >= cue",
        ),
        (
            "exercise: downward_dog\nchecks:\n  elbows_bent:\n    - {measure: elbow_angle}\n",
            "needs 'min', 'max' or both",
        ),
    ],
)
def test_own_bands_that_do_not_fit_are_said_with_their_line(
    library: Library, own_bands: Path, text: str, message: str
) -> None:
    own_bands.mkdir()
    path = own_bands / "mine.yaml"
    path.write_text(f"schema: posecheck/override@1\nsource: mine\n{text}", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        with_own_bands(library, own_bands)
    assert str(caught.value).startswith(f"{path}:")
    assert message in str(caught.value)


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    folder = tmp_path / "set" / "downward_dog"
    folder.mkdir(parents=True)
    for elbow in (173, 130):
        save_recording(folder / f"{elbow}.npz", dog(elbow))
    rows = "path,start_s,end_s,label,faults\ndownward_dog/130.npz,4,8,downward_dog,elbows_bent\n"
    (folder.parent / "labels.csv").write_text(rows, encoding="utf-8")
    return folder.parent


def test_the_command_shows_bands_and_what_a_move_would_do(run: Run, labelled: Path) -> None:
    status, out, _ = run("tune", labelled, "--exercise", "downward_dog", "--set", "elbows_bent=120")
    assert status == 0
    assert "elbows_bent: elbow_angle min cue 150 -> 120" in out
    assert "Accepted: 1 -> 2 of 2 recordings" in out
    assert "130.npz: -elbows_bent, now accepted" in out


def test_the_command_keeps_own_bands_and_every_command_uses_them(
    run: Run, labelled: Path, own_bands: Path
) -> None:
    status, _, err = run("tune", labelled, "--exercise", "downward_dog", "--set", "elbows_bent=120", "--save")
    assert (status, err) == (0, f"Kept as your own bands in {own_bands / 'downward_dog.yaml'}.\n")
    assert run("check")[0] == 0
    status, out, _ = run(
        "analyse", labelled / "downward_dog" / "130.npz", "--exercise", "downward_dog", "--json", "-"
    )
    assert json.loads(out)["summary"]["accepted"] is True
    (own_bands / "downward_dog.yaml").write_text("schema: posecheck/override@1\n", encoding="utf-8")
    status, _, err = run("check")
    assert status == 2
    assert "downward_dog.yaml:1" in err


def test_a_correction_called_wrong_speaks_of_that_one_alone(run: Run, labelled: Path, tmp_path: Path) -> None:
    """She bends her elbows in all of them; that her hips are high enough is all she has said of two."""
    marked = tmp_path / "marked"
    when = datetime(2026, 11, 2, 9, 30)
    for check, day in (("hips_low", 2), ("hips_low", 3), ("elbows_bent", 4)):
        keep_marked(dog(125), "downward_dog", check, marked, when.replace(day=day))
    status, out, _ = run("tune", labelled, marked, "--exercise", "downward_dog", "--json", "-")
    report = json.loads(out)
    assert status == 0
    assert (report["recordings"], report["unlabelled"], report["marked"]) == (5, 0, 3)
    # Of the labelled ones one bends them; of the marked ones only that one counts where the correction was wrong.
    elbows, hips = (report["checks"][check]["now"] for check in ("elbows_bent", "hips_low"))
    assert (elbows["positives"], elbows["caught"], elbows["negatives"], elbows["false"]) == (1, 1, 2, 1)
    assert (hips["positives"], hips["negatives"]) == (0, 4)
    assert "one correction known in 3" in run("tune", marked, "--exercise", "downward_dog")[1]
    # Alone, without its folder, its name says as much; said to be done well as a whole, it speaks of all.
    (alone,) = marked.rglob("2026-11-02*.npz")
    report = json.loads(run("tune", alone, "--exercise", "downward_dog", "--json", "-")[1])
    assert (
        report["checks"]["hips_low"]["now"]["negatives"],
        report["checks"]["elbows_bent"]["now"]["negatives"],
    ) == (1, 0)
    row = f"{alone.relative_to(marked).as_posix()},,,downward_dog,"
    (marked / "labels.csv").write_text(f"path,start_s,end_s,label,faults\n{row}\n", encoding="utf-8")
    report = json.loads(run("tune", marked, "--exercise", "downward_dog", "--json", "-")[1])
    assert (report["marked"], report["checks"]["elbows_bent"]["now"]["negatives"]) == (2, 2)


def test_a_file_without_a_label_and_a_recorded_practice_count_neither_way(
    run: Run, labelled: Path, tmp_path: Path
) -> None:
    practice = tmp_path / "practices" / "2026-11-02_09-30-00"
    practice.mkdir(parents=True)
    for name in ("1_cat", "2_downward_dog", "2_downward_dog-2"):
        save_recording(practice / f"{name}.npz", dog(125))
    alone = tmp_path / "alone.npz"
    save_recording(alone, dog(120))
    sources = (labelled, practice.parent, alone)
    status, out, _ = run("tune", *sources, "--exercise", "downward_dog", "--json", "-")
    report = json.loads(out)
    assert status == 0
    assert (report["recordings"], report["unlabelled"]) == (5, 3)
    now = report["checks"]["elbows_bent"]["now"]
    assert (now["positives"], now["caught"], now["negatives"], now["false"]) == (1, 1, 1, 0)
    row = next(row for row in report["bands"] if row["check"] == "elbows_bent")
    assert row["unlabelled"][0] == pytest.approx(120, abs=2)
    assert row["faulty"][0] == pytest.approx(130, abs=2)
    status, out, _ = run("tune", practice, "--exercise", "downward_dog", "--set", "elbows_bent=100")
    assert status == 0
    assert "2 recordings, mistakes unknown in 2" in out
    assert "2026-11-02_09-30-00/2_downward_dog: -elbows_bent, now accepted" in out
    status, out, _ = run("tune", alone, "--exercise", "downward_dog")
    assert (status, out.startswith("downward_dog: 1 recording, mistakes unknown in 1; ")) == (0, True)
    status, _, err = run("tune", practice, "--exercise", "twist")
    assert status == 2
    assert err == (
        f"No recording of twist in {practice}. "
        "Give recordings of it, or a folder that holds a folder 'twist' or labels.csv.\n"
    )


def test_only_the_stretch_that_is_labelled_is_looked_at(run: Run, labelled: Path) -> None:
    folder = labelled / "downward_dog"
    rows = "path,start_s,end_s,label,faults\n130.npz,,3,other,\n130.npz,3,,downward_dog,elbows_bent\n"
    (folder / "labels.csv").write_text(rows, encoding="utf-8")
    status, out, err = run("tune", folder, "--exercise", "downward_dog", "--check", "elbows_bent", "--json", "-")
    report = json.loads(out)
    assert (status, err) == (0, "1 without a label, left out: 173.npz.\n")
    assert (report["recordings"], report["bands"][0]["correct"]) == (1, None)


def test_a_label_beyond_the_end_is_said(run: Run, labelled: Path) -> None:
    folder = labelled / "downward_dog"
    rows = "path,start_s,end_s,label,faults\n130.npz,300,310,downward_dog,elbows_bent\n173.npz,,,downward_dog,\n"
    (folder / "labels.csv").write_text(rows, encoding="utf-8")
    status, _, err = run("tune", folder, "--exercise", "downward_dog")
    assert status == 2
    assert err == "130.npz: its label speaks of 300 s, but it lasts 8.0 s. Correct labels.csv.\n"


def test_the_report_as_json(run: Run, labelled: Path) -> None:
    status, out, _ = run("tune", labelled, "--exercise", "downward_dog", "--check", "elbows_bent", "--json", "-")
    report = json.loads(out)
    assert status == 0
    assert report["schema"] == "posecheck/tuning@1"
    assert [row["check"] for row in report["bands"]] == ["elbows_bent"]
    assert report["checks"]["elbows_bent"]["now"]["caught"] == 1
    assert report["bands"][0]["faulty"][1] == pytest.approx(130, abs=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--exercise", "dog"], "There is no exercise 'dog'."),
        (["--exercise", "downward_dog", "--check", "elbow"], "downward_dog has no check 'elbow'."),
        (["--exercise", "downward_dog", "--save"], "--save keeps what --set moves, and nothing was moved."),
        (["--exercise", "twist"], "No recording of twist in"),
        (["--exercise", "fitball"], "fitball has no bands to tune: it is led, not judged. Name another exercise."),
    ],
)
def test_a_use_that_makes_no_sense_is_said(run: Run, labelled: Path, arguments: list[str], message: str) -> None:
    status, out, err = run("tune", labelled, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(message)


def test_a_file_that_cannot_be_read_is_named_and_the_rest_done(run: Run, labelled: Path) -> None:
    (labelled / "downward_dog" / "broken.npz").write_bytes(b"nothing")
    status, out, err = run("tune", labelled, "--exercise", "downward_dog")
    assert status == 2
    assert "broken.npz" in err
    assert "2 recordings" in out


def test_where_nothing_can_be_read_it_is_said_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "alone.npz").write_bytes(b"nothing")
    status, out, err = run("tune", tmp_path / "alone.npz", "--exercise", "downward_dog")
    assert (status, out) == (2, "")
    assert err.startswith("alone.npz: alone.npz is not a landmark recording that can be read.")


def test_no_recording_is_overwritten(run: Run, labelled: Path) -> None:
    recording = next((labelled / "downward_dog").glob("*.npz"))
    before = recording.read_bytes()
    for given in (recording, recording.parent, labelled):
        status, out, err = run("tune", given, "--exercise", "downward_dog", "--json", recording)
        assert (status, out) == (2, "")
        assert err == f"--json would overwrite the source {recording}. Choose another name.\n"
    assert recording.read_bytes() == before


def test_a_folder_without_labels_is_said(library: Library, tmp_path: Path) -> None:
    exercise = load_library(routines_folder()).exercises["downward_dog"]
    with pytest.raises(SourceError):
        workbench.load_trials([tmp_path], exercise, library, model=Path, progress=lambda fraction, what: None)
