"""Evaluate a labelled set: every clip judged as ``posecheck analyse`` judges it, and compared with its label.

What the figures mean is written at the head of ``posecheck/figures.py``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posecheck.analysis import describe
from posecheck.body import Body, side_balance
from posecheck.cache import LandmarkCache, open_cache
from posecheck.errors import PosecheckError, SourceError
from posecheck.examples import Example, find_examples
from posecheck.figures import ANGLES, BACKS, Finding, cues_of, match, runs_of, shown_runs
from posecheck.files import source_kind
from posecheck.job import Progress, no_progress
from posecheck.judgement import Judgement, Settings, judge
from posecheck.labels import Case, Mistake, load_set, read_json
from posecheck.laws import try_laws
from posecheck.ledger import intervals
from posecheck.library import Library
from posecheck.measures import MEASURES
from posecheck.pose import N_LANDMARKS, BoolArray, FloatArray, Pose
from posecheck.reader import PoseReader
from posecheck.spec import Exercise, Strictness
from posecheck.survey import AUTO

Examined = tuple[Finding, tuple[Example, ...]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A set and everything found in it.

    Attributes:
        findings: Of every case that could be read, in the order of the set.
        examples: Instants that show where they differ from the labels.
        failed: A sentence for every case that could not be read.
        warnings: Sentences about what was left out or only partly read.
    """

    findings: tuple[Finding, ...]
    examples: tuple[Example, ...] = ()
    failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


# --- the whole set --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """How every case is read and judged; the same for all, and sent to each process once.

    Attributes:
        library: The definitions.
        strictness: Which bands the checks keep to.
        model: The pose model; None where there are only recordings.
        cache: Landmarks of earlier runs; None to read everything anew.
        laws: Whether to try the laws as well.
    """

    library: Library
    strictness: Strictness = "gentle"
    model: Path | None = None
    cache: LandmarkCache | None = None
    laws: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file gave: a finding with examples, or a sentence, for each of its cases."""

    found: tuple[Examined | str, ...]
    warnings: tuple[str, ...] = ()


def evaluate(
    folder: Path,
    library: Library,
    *,
    strictness: Strictness = "gentle",
    jobs: int | None = None,
    use_cache: bool = True,
    laws: bool = False,
    model: Callable[[], Path],
    progress: Progress = no_progress,
) -> Evaluation:
    """Judge every labelled clip of a folder.

    Args:
        folder: A labelled set (see ``labels.load_set``).
        library: The definitions.
        strictness: Which bands the checks keep to.
        jobs: Processes; as many as there are cores by default. With 1 everything is done in this one.
        use_cache: Whether landmarks of earlier runs may be used, and new ones kept.
        laws: Whether every clip of an exercise is judged again in all the ways of ``laws.try_laws``.
        model: Gives the pose model's path; called only where there are pictures.
        progress: Told how far it is.

    Raises:
        SourceError: where the folder holds no labelled clip, or its labels cannot be understood.
        PosecheckError: where the model is missing.
    """
    labelled = load_set(folder, library.check_ids)
    files = [list(group) for _, group in groupby(labelled.cases, key=lambda case: case.path)]
    path = model() if any(_has_pictures(cases[0].path) for cases in files) else None
    cache = open_cache(path, library.coaching.tracking) if path and use_cache else None
    task = Task(library, strictness, path, cache, laws)
    results: list[_Read | None] = [None] * len(files)
    progress(0.0, folder.name)
    for done, (i, result) in enumerate(_work(files, task, min(jobs or _cores(), len(files))), start=1):
        results[i] = result
        progress(done / len(files), folder.name)
    if cache:
        cache.trim()
    reads = [result for result in results if result]
    found = [item for result in reads for item in result.found]
    examined = [item for item in found if not isinstance(item, str)]
    return Evaluation(
        findings=tuple(finding for finding, _ in examined),
        examples=tuple(example for _, examples in examined for example in examples),
        failed=tuple(item for item in found if isinstance(item, str)),
        warnings=(*labelled.warnings, *(warning for result in reads for warning in result.warnings)),
    )


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _has_pictures(path: Path) -> bool:
    try:
        return source_kind(path) != "recording"
    except SourceError:
        return False  # said when it is its turn


def _work(files: Sequence[list[Case]], task: Task, jobs: int) -> Iterator[tuple[int, _Read]]:
    """Yield the place of each file and what it gave, as they are done."""
    if jobs == 1:
        with _reader(task) as reader:
            for i, cases in enumerate(files):
                yield i, _examine_file(cases, task, reader)
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _start, (task,))
    try:
        places: dict[Future[_Read], int] = {}
        for i, cases in enumerate(files):
            with _ctrl_c_afterwards():
                places[pool.submit(_examine_here, cases)] = i
        yield from _as_done(places)
    except BrokenProcessPool as e:
        raise PosecheckError(
            "The evaluation broke off: one of its processes ended by itself, perhaps for want of memory.",
            "Try again with --jobs 1.",
        ) from e
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _as_done(places: Mapping[Future[_Read], int]) -> Iterator[tuple[int, _Read]]:
    waiting = set(places)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield places[future], future.result()


@contextmanager
def _ctrl_c_afterwards() -> Iterator[None]:
    """Hear Ctrl-C when this has ended; a process that is started meanwhile is deaf to it, and ended by this one.

    To start one takes as long as it imports what it needs: Ctrl-C must not be lost in that time.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    # A thread of a library may be told of it as well, so that the mask, which processes inherit, is not enough.
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if heard:
        signal.raise_signal(signal.SIGINT)


# --- in each process ------------------------------------------------------------------------------------------

_here: list[tuple[Task, PoseReader]] = []
"""In a process of the pool: its task and its reader, with the model loaded once for all photographs."""


def _start(task: Task) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here.append((task, _reader(task)))


def _examine_here(cases: list[Case]) -> _Read:
    task, reader = _here[0]
    return _examine_file(cases, task, reader)


def _reader(task: Task) -> PoseReader:
    def model() -> Path:
        assert task.model is not None
        return task.model

    return PoseReader(model, task.library.coaching.tracking)


def _examine_file(cases: Sequence[Case], task: Task, reader: PoseReader) -> _Read:
    """Read one file and examine its cases."""
    warnings: list[str] = []
    try:
        pose = reader.read_kept(cases[0].path, task.cache, warnings.append)
    except SourceError as e:
        return _Read(tuple(f"{case.name}: {e}" for case in cases[:1]))
    return _Read(tuple(_examine_or_say(case, pose, task) for case in cases), tuple(warnings))


def _examine_or_say(case: Case, pose: Pose, task: Task) -> Examined | str:
    try:
        return examine(case, pose, task.library, task.strictness, laws=task.laws)
    except SourceError as e:
        return f"{case.name}: {e}"


# --- one case -------------------------------------------------------------------------------------------------


def examine(
    case: Case, pose: Pose, library: Library, strictness: Strictness = "gentle", *, laws: bool = False
) -> Examined:
    """Judge a case and compare with its label; return what was found, and what is worth looking at.

    Args:
        case: With its label.
        pose: Of the whole file, T instants from 0.
        library: The definitions.
        strictness: Which bands the checks keep to.
        laws: Whether to try the laws on a clip of an exercise.

    Raises:
        SourceError: where the label speaks of times that the file does not have.
    """
    pose, mistakes = case.part_of(pose)
    exercise = library.exercises.get(case.label)
    if exercise and exercise.entry is None:
        exercise = None  # a guided time is not judged
    settings = Settings(exercise.id if exercise else AUTO, strictness)
    judgement = judge(pose, library, settings)
    lasting = intervals(pose.t)
    still = len(pose.t) == 1
    inside = {
        name: _seconds_inside(mask & pose.person, pose.t, lasting, library.exercises[name])
        for name, mask in judgement.inside.items()
    }
    own = inside.get(case.label, 0.0) if not still else 0.0
    instead = {name for name, seconds in inside.items() if name != case.label and seconds > own}
    finding = Finding(
        case=case,
        still=still,
        seconds=0.0 if still else float(pose.t[-1] + lasting[-1] - pose.t[0]),
        entered=frozenset(name for name, seconds in inside.items() if seconds > 0),
        instead=frozenset(instead),
    )
    if exercise is not None:
        finding = _compare(finding, exercise, judgement, mistakes, library)
        if laws and not still:
            finding = replace(finding, laws=try_laws(judgement, library, settings))
    return finding, find_examples(finding, judgement, library, library.coaching.strictness[strictness])


def _compare(
    finding: Finding, exercise: Exercise, judgement: Judgement, mistakes: Sequence[Mistake], library: Library
) -> Finding:
    """Return the finding with what can only be said of a case of an exercise."""
    cues = cues_of(judgement.moments)
    persist = {check.id: check.persist for check in exercise.checks}
    made, alarms = match(shown_runs(judgement.moments), cues, mistakes, persist)
    if finding.still:
        made = tuple(replace(m, latency=None) for m in made)  # a photograph has no time
    corrections = {check.id for check in exercise.checks if not check.advice}
    summary = describe(finding.case.name, judgement, library)["summary"]
    finding = replace(
        finding,
        accepted=bool(summary["accepted"]) if finding.correct else None,
        cues=sum(check in corrections for check, _ in cues),
        made=made,
        alarms=tuple(alarm for alarm in alarms if finding.case.speaks_of(alarm.check)),
    )
    return compare_with_truth(finding, judgement, library)


def _seconds_inside(mask: BoolArray, t: FloatArray, lasting: FloatArray, exercise: Exercise) -> float:
    """Return for how long the entry conditions held, counting only stretches of ``enter_after``; 1 for a still."""
    if len(mask) == 1:
        return float(mask[0])
    dwell = exercise.entry.enter_after if exercise.entry else 0.0
    runs = (float(lasting[a:b].sum()) for a, b in runs_of(mask) if t[b - 1] - t[a] >= dwell)
    return sum(runs)


# --- angles and the back against the truth --------------------------------------------------------------------


def compare_with_truth(finding: Finding, judgement: Judgement, library: Library) -> Finding:
    """Return the finding with the angles and the back beside the truth; as it is where the view may not judge."""
    case, exercise, pose = finding.case, judgement.exercise, judgement.pose
    if case.truth is None or exercise is None:
        return finding
    truth = read_json(case.truth)
    if truth.get("view") not in exercise.views:
        return finding
    start = case.stretch[0] if case.stretch else 0.0
    frame, true = _true_joints(truth, pose, start, case.truth)
    valid = frame < len(true)
    frame = np.minimum(frame, len(true) - 1)
    valid &= np.array([moment.in_pose for moment in judgement.moments])
    balance = side_balance(pose.visibility)
    # One side for the whole clip: the trainer latches it too, and the camera does not walk around her.
    near = np.asarray(int(np.nanmedian(balance) < 0) if np.isfinite(balance).any() else 0)
    sight = library.coaching.sight
    seen_body = Body(pose, near, sight)
    true_body = Body(
        replace(pose, image=true[frame], visibility=np.ones(pose.visibility.shape)),
        near,
        sight.model_copy(update={"elbow_tip": 0.0}),  # true joints have no habit to correct
    )
    errors: dict[str, list[FloatArray]] = {}
    backs: dict[str, FloatArray] = {}
    for name, side in exercise.measures:
        compute = MEASURES[name].compute
        if name in ANGLES:
            error = np.abs(compute(seen_body, side) - compute(true_body, side))[valid]
            errors.setdefault(name, []).append(error[np.isfinite(error)])
        elif name in BACKS:
            backs = _backs(seen_body, truth, frame, valid, case.truth)
    return replace(finding, angles={name: np.concatenate(parts) for name, parts in errors.items()}, backs=backs)


def _backs(
    body: Body, truth: Mapping[str, Any], frame: NDArray[np.intp], valid: BoolArray, path: Path
) -> dict[str, FloatArray]:
    """Return what was read of the back and what was true, by measure, for those that the truth gives."""
    pairs = {}
    for name, key in BACKS.items():
        if key not in truth:
            continue
        try:
            true = np.asarray(truth[key], dtype=np.float64)[frame]
        except (IndexError, TypeError, ValueError) as e:
            raise SourceError(f"{path.name} must give {key} as one number for each frame.") from e
        pair = np.stack([MEASURES[name].compute(body, "near"), true], axis=-1)[valid]
        pairs[name] = pair[np.isfinite(pair).all(axis=-1)]
    return pairs


def _true_joints(
    truth: Mapping[str, Any], pose: Pose, start: float, path: Path
) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the frame of the truth at each of the pose's instants, and the true landmarks, pixels ``(F, 33, 2)``.

    Raises:
        SourceError: where the truth does not give them.
    """
    try:
        joints = np.asarray(truth["joints2d_px"], dtype=np.float64)
        scale = pose.frame_size / np.asarray(truth["frame_size"], dtype=np.float64)
        frame = np.rint((pose.t + start) * float(truth["fps"])).astype(np.intp)
    except (KeyError, TypeError, ValueError) as e:
        raise SourceError(f"{path.name} does not give joints2d_px, frame_size and fps.") from e
    if joints.ndim != 3 or joints.shape[1:] != (N_LANDMARKS, 2):
        raise SourceError(f"{path.name} must give joints2d_px of shape (T, {N_LANDMARKS}, 2), not {joints.shape}.")
    return frame, joints * scale
