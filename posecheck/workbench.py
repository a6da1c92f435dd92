"""Recordings for tuning: clips and practices read, followed by the trainer, and a person's own bands kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from posecheck import overrides, recorded
from posecheck.cache import LandmarkCache, open_cache
from posecheck.errors import PosecheckError, SourceError
from posecheck.files import describe_unwritable, source_kind, whole_file
from posecheck.job import Progress
from posecheck.labels import LABELS, Case, case_of, load_set
from posecheck.library import Library
from posecheck.pose import FloatArray
from posecheck.reader import PoseReader
from posecheck.recorded import RecordedPractice
from posecheck.spec import Exercise, Strictness
from posecheck.trace import follow
from posecheck.tune import Knob, Score, Trial, Trials, find_knob, knobs, propose, with_edge

SCHEMA = "posecheck/tuning@1"


def load_trials(
    sources: Sequence[Path],
    exercise: Exercise,
    library: Library,
    *,
    model: Callable[[], Path],
    progress: Progress,
    strictness: Strictness = "gentle",
) -> tuple[Trials, list[str], list[str]]:
    """Read recordings and follow them.

    Args:
        sources: Labelled folders (see ``labels.load_set``), recorded practices (see ``recorded``), videos or
            recordings; what shows another exercise is left out. The mistakes of a practice, and of a file without
            a label, are unknown; of a stretch in which a correction was wrong, those of all others.
        exercise: To tune.
        library: The definitions.
        model: Gives the pose model's path; called only where landmarks are not in the cache.
        progress: Told how far it is.
        strictness: Which bands are judged.

    Returns:
        The trials, a sentence for every file that could not be read, and what is doubtful about the labels.

    Raises:
        PosecheckError: where the exercise has no bands.
        SourceError: where no recording shows the exercise, or none of those that do can be read.
    """
    if not knobs(exercise):
        raise PosecheckError(
            f"{exercise.id} has no bands to tune: it is led, not judged.", "Name another exercise."
        )
    doubts: list[str] = []
    cases = [case for source in sources for case in _cases(source, exercise, library.check_ids, doubts)]
    trials: list[Trial] = []
    failed: list[str] = []
    kept: LandmarkCache | None = None
    with PoseReader(model, library.coaching.tracking) as reader:
        for i, case in enumerate(cases):
            progress(i / len(cases), case.name)
            try:
                if kept is None and source_kind(case.path) != "recording":
                    kept = open_cache(model(), library.coaching.tracking)
                pose, mistakes = case.part_of(reader.read_kept(case.path, kept))
            except SourceError as error:
                failed.append(f"{case.name}: {error}")
                continue
            if len(pose.t) > 1:
                trace, _ = follow(exercise, library, pose, strictness=strictness)
                trials.append(Trial(case.name, trace, mistakes, case.about))
    progress(1.0, exercise.id)
    if not trials and failed:
        raise SourceError("\n".join(failed))
    if not trials:
        where = ", ".join(str(source) for source in sources)
        raise SourceError(
            f"No recording of {exercise.id} in {where}.",
            f"Give recordings of it, or a folder that holds a folder {exercise.id!r} or {LABELS}.",
        )
    return Trials(exercise, library.coaching, trials, strictness), failed, doubts


def _cases(source: Path, exercise: Exercise, checks: dict[str, list[str]], doubts: list[str]) -> list[Case]:
    if source_kind(source) == "folder":
        practices = recorded.practices(source)
        if not practices:  # or one of them
            place = source.resolve()
            practices = tuple(p for p in recorded.practices(place.parent) if p.folder == place)
        if practices:
            return [case for practice in practices for case in _pieces(practice, exercise)]
        labelled = load_set(source, checks)
        doubts += labelled.warnings
        return [case for case in labelled.cases if case.label == exercise.id]
    case = case_of(source)
    if not case.label and case.about is None:
        case = replace(case, about=())
    return [case] if case.label in ("", exercise.id) or case.label not in checks else []


def _pieces(practice: RecordedPractice, exercise: Exercise) -> Iterator[Case]:
    """Yield what a practice holds of an exercise, without a label: what she did well in it, nobody has said."""
    for piece in practice.pieces:
        path = piece.landmarks or piece.video
        if path is not None and piece.exercise == exercise.id:
            yield Case(f"{practice.folder.name}/{path.stem}", path, label="", about=())


def moved_by_text(exercise: Exercise, text: str) -> Exercise:
    """Return the exercise with the band moved that ``CHECK[.MEASURE[.min|max]]=CUE`` names.

    Raises:
        PosecheckError: where it names no band, or gives no number.
    """
    name, equals, number = text.partition("=")
    knob = find_knob(exercise, name.strip())
    try:
        cue = float(number)
    except ValueError:
        cue = math.nan
    if not equals or not math.isfinite(cue):
        raise PosecheckError(f"{text!r} gives no number.", f"Write {name}={knob.edge(exercise).cue:g}.")
    edge = knob.moved(exercise, cue)
    if edge.cue != cue:
        raise PosecheckError(f"{text!r} lies beyond what can be measured.", f"Write {name}={edge.cue:g}.")
    return with_edge(exercise, knob, edge)


def tuning_report(trials: Trials, own: Exercise, check: str | None = None) -> dict[str, Any]:
    """Return how every knob stands, what moving one would do, and how sure that is, ready for JSON.

    Args:
        trials: Recordings.
        own: The exercise with moved bands; the same as the trials' where none was moved.
        check: Only this check's.
    """
    before, after = trials.scores(trials.exercise), trials.scores(own)
    rows = [_row(trials, knob) for knob in knobs(trials.exercise) if check in (None, knob.check)]
    names = [name for name in before if check in (None, name)]
    return {
        "schema": SCHEMA,
        "exercise": trials.exercise.id,
        "recordings": len(trials),
        "unlabelled": sum(trial.about == () for trial in trials.trials),
        "marked": sum(bool(trial.about) for trial in trials.trials),
        "bands": rows,
        "checks": {name: {"now": _plain(before[name]), "moved": _plain(after[name])} for name in names},
        "moved": overrides.describe(trials.exercise, own),
        "changes": verdict_changes(trials, own),
        "accepted": {
            "now": sum(o.accepted for o in trials.outcomes(trials.exercise)),
            "moved": sum(o.accepted for o in trials.outcomes(own)),
        },
    }


def _row(trials: Trials, knob: Knob) -> dict[str, Any]:
    values = trials.judged_values(knob)
    proposal = propose(trials.sweep(knob))
    edge = knob.edge(trials.exercise)
    return {
        "check": knob.check,
        "name": knob.describe(trials.exercise),
        "end": knob.end,
        "band": {"good": edge.good, "ok": edge.ok, "cue": edge.cue},
        "correct": _spread(values.right),
        "faulty": _spread(values.wrong),
        "unlabelled": _spread(values.unlabelled),
        "proposal": proposal
        and {
            "cue": _round(proposal.cue),
            "low": _round(proposal.low),
            "high": _round(proposal.high),
            "now": _plain(proposal.present),
            "then": _plain(proposal.score),
        },
    }


def _plain(score: Score) -> dict[str, Any]:
    figures = {"recall": score.recall, "precision": score.precision, "f1": score.f1}
    return {
        "positives": score.positives,
        "caught": score.caught,
        "negatives": score.negatives,
        "false": score.false,
        **{name: None if math.isnan(x) else _round(x) for name, x in figures.items()},
    }


def _round(x: float) -> float:
    return round(float(x), 3) + 0.0


def _spread(values: FloatArray) -> list[float] | None:
    """Return the 5th, 50th and 95th percentile; None without values."""
    return [_round(x) for x in np.percentile(values, [5, 50, 95])] if values.size else None


def table(report: dict[str, Any]) -> list[str]:
    """Return a tuning report as lines of text."""
    count, unlabelled, marked = report["recordings"], report["unlabelled"], report["marked"]
    unsaid = f", mistakes unknown in {unlabelled}" if unlabelled else ""
    unsaid += f", one correction known in {marked}" if marked else ""
    lines = [f"{report['exercise']}: {how_many(count)}{unsaid}; values are 5/50/95 %"]
    kinds = ["correct", "faulty", *(["unlabelled"] if unlabelled or marked else [])]
    heads = "".join(f"{kind:>22}" for kind in kinds)
    width = max(len(row["name"]) for row in report["bands"])
    lines.append(f"{'band':{width}}{'now':>8}  {heads}  {'caught':>7}{'false':>8}  proposal")
    for row in report["bands"]:
        now = report["checks"][row["check"]]["now"]
        caught = f"{now['caught']}/{now['positives']}"
        false = f"{now['false']}/{now['negatives']}"
        values = "".join(f"{_three(row[kind]):>22}" for kind in kinds)
        line = f"{row['name']:{width}}{row['band']['cue']:8g}  {values}"
        lines.append(f"{line}  {caught:>7}{false:>8}  {_proposed(row['proposal'])}")
    if report["moved"]:
        accepted = report["accepted"]
        lines += ["", "Moved:", *(f"  {line}" for line in report["moved"])]
        lines.append(f"Accepted: {accepted['now']} -> {accepted['moved']} of {how_many(count)}")
        lines += [f"  {line}" for line in report["changes"]] or ["  Nothing else is said of any recording."]
    return lines


def how_many(recordings: int) -> str:
    """Return a number of recordings in words that fit it."""
    return f"{recordings} {'recording' if recordings == 1 else 'recordings'}"


def _three(values: list[float] | None) -> str:
    return "-" if values is None else "/".join(f"{x:.3g}" for x in values)


def _proposed(proposal: dict[str, Any] | None) -> str:
    if proposal is None:
        return "needs recordings with and without the mistake"
    now, then = proposal["now"], proposal["then"]
    if now["f1"] == then["f1"]:
        return "as it is"
    found = f"{proposal['cue']:g} ({proposal['low']:g} to {proposal['high']:g})"
    return f"{found}: caught {then['caught']}/{then['positives']}, false {then['false']}/{then['negatives']}"


def verdict_changes(trials: Trials, own: Exercise) -> list[str]:
    """Return one line for every recording of which something else is said with other bands."""
    lines = []
    for before, after in zip(trials.outcomes(trials.exercise), trials.outcomes(own), strict=True):
        words = [f"+{name}" for name in after.faults if name not in before.faults]
        words += [f"-{name}" for name in before.faults if name not in after.faults]
        if before.accepted != after.accepted:
            words.append("now accepted" if after.accepted else "no longer accepted")
        if words:
            lines.append(f"{before.name}: {', '.join(words)}")
    return lines


def save_own_bands(shipped: Exercise, own: Exercise, folder: Path, source: str) -> Path | None:
    """Write a person's own bands; remove the file where nothing differs any more.

    Returns:
        The file, or None where nothing differs from the shipped bands.

    Raises:
        OutputError: where it cannot be written.
    """
    path = folder / f"{shipped.id}.yaml"
    changed = overrides.changes(shipped, own, source)
    try:
        if changed is None:
            path.unlink(missing_ok=True)
            return None
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise describe_unwritable(path, e) from e
    with whole_file(path) as temporary:
        temporary.write_text(overrides.to_yaml(changed), encoding="utf-8")
    return path
