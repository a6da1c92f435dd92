"""Replay: a video, photograph, recording or folder through the same judgement as the live camera.

The result is ``posecheck/analysis@1``, a dictionary of plain values ready for JSON.
"""

from __future__ import annotations

import csv
import difflib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from posecheck.errors import OutputError, PosecheckError, SourceError
from posecheck.files import check_output, folder_sources, source_kind, whole_file
from posecheck.library import Library
from posecheck.moment import Event, Moment
from posecheck.pose import FloatArray, Pose, stack
from posecheck.recording import load_recording, save_recording
from posecheck.spec import Exercise, Strictness
from posecheck.tracking import TrackingLimits
from posecheck.trainer import Trainer, assess_photograph, classify_view, entered

if TYPE_CHECKING:
    from posecheck.landmarker import Landmarker

SCHEMA = "posecheck/analysis@1"
SET_SCHEMA = "posecheck/analysis-set@1"
AUTO = "auto"

Analysis = dict[str, Any]
Progress = Callable[[float | None, str], None]
"""Called with the share done in [0, 1], None where unknown, and what is being done."""
Warn = Callable[[str], None]
"""Called with one sentence about input that was only partly readable."""


def _no_progress(fraction: float | None, what: str) -> None:
    """Take no notice."""


def _no_warning(sentence: str) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to judge.

    Attributes:
        exercise: An exercise id, or ``auto``: the one whose entry conditions hold longest.
        strictness: Which bands the checks keep to.
        language: Of the sentences.
    """

    exercise: str = AUTO
    strictness: Strictness = "gentle"
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files to write beside the result; for a folder each is a folder itself.

    Attributes:
        csv: One row a frame.
        annotate: The video with skeleton and sentences (MP4), or a picture for a photograph.
        record: The landmark recording.
    """

    csv: Path | None = None
    annotate: Path | None = None
    record: Path | None = None

    @property
    def named(self) -> dict[str, Path]:
        """The outputs asked for, by the name of their option."""
        every = {"--csv": self.csv, "--annotate": self.annotate, "--record": self.record}
        return {option: path for option, path in every.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A pose over T instants with what the trainer says of each.

    Attributes:
        pose: T instants, media seconds from 0.
        exercise: What it was judged as; None where no exercise was entered.
        moments: One an instant.
        recognised: Exercise id -> share of the instants with a person inside its entry conditions.
        view: ``side``, ``front``, ``three_quarter`` or ``unknown``.
        inside: Exercise id -> whether each instant by itself is inside its entry conditions, shape ``(T,)``.
        neutral: The person's neutral, by measure, where the trainer found one.
    """

    pose: Pose
    exercise: Exercise | None
    moments: tuple[Moment, ...]
    recognised: Mapping[str, float]
    view: str
    inside: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    neutral: Mapping[str, float] = field(default_factory=dict)


# --- the whole way --------------------------------------------------------------------------------------------


def analyse(
    source: Path,
    library: Library,
    settings: Settings | None = None,
    outputs: Outputs | None = None,
    *,
    model: Callable[[], Path],
    progress: Progress = _no_progress,
    warn: Warn = _no_warning,
) -> Analysis:
    """Return the analysis of a video, photograph or recording, or the analysis-set of a folder.

    Args:
        source: What to analyse.
        library: The definitions.
        settings: How to judge; gentle and ``auto`` by default.
        outputs: Files to write; none by default.
        model: Gives the pose model's path; called only where there are pictures.
        progress: Told how far it is.
        warn: Told one sentence where only part of a file could be read.

    Raises:
        SourceError: where a source, other than one in a folder, cannot be read.
        OutputError: where an output cannot be written; said before the analysis begins if possible.
        PosecheckError: where the exercise is not in the library, or the model is missing.
    """
    settings, outputs = settings or Settings(), outputs or Outputs()
    check_exercise(settings.exercise, library)
    if source_kind(source) == "folder":
        return _analyse_folder(source, library, settings, outputs, model, progress, warn)
    _check_outputs(source, outputs)
    with PoseReader(model, library.coaching.tracking) as reader:
        return _analyse_one(source, library, settings, outputs, reader, progress, warn)


def check_exercise(name: str, library: Library, *, auto: bool = True) -> None:
    """Raise one sentence where ``name`` is no exercise of the library, nor ``auto`` where that may be."""
    known = [*library.exercises, *([AUTO] if auto else [])]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise PosecheckError(f"There is no exercise {name!r}.", f"{hint}Known: {', '.join(known)}.")


def failed_items(analysis: Analysis) -> list[str]:
    """Return the sentences of the items of an analysis-set that could not be read; empty for one analysis."""
    return [item["error"] for item in analysis.get("items", ()) if "error" in item]


def write_json(path: Path, analysis: Analysis) -> None:
    """Write an analysis as JSON, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(to_json(analysis), encoding="utf-8")


def to_json(analysis: Analysis) -> str:
    """Return an analysis as JSON text; a number that is not finite would be a defect."""
    return json.dumps(analysis, ensure_ascii=False, allow_nan=False) + "\n"


def _analyse_folder(
    folder: Path,
    library: Library,
    settings: Settings,
    outputs: Outputs,
    model: Callable[[], Path],
    progress: Progress,
    warn: Warn,
) -> Analysis:
    sources = folder_sources(folder)
    placed = _place_outputs(folder, sources, outputs)
    items: list[Analysis] = []
    with PoseReader(model, library.coaching.tracking) as reader:
        for i, (source, places) in enumerate(zip(sources, placed, strict=True)):

            def within(fraction: float | None, what: str, done: int = i) -> None:
                progress((done + (fraction or 0.0)) / len(sources), what)

            within(0.0, source.name)
            try:
                items.append(_analyse_one(source, library, settings, places, reader, within, warn))
            except SourceError as e:
                items.append({"source": _writable(source.name), "error": _writable(str(e))})
    progress(1.0, folder.name)
    return {"schema": SET_SCHEMA, "items": items}


def _analyse_one(
    source: Path,
    library: Library,
    settings: Settings,
    outputs: Outputs,
    reader: PoseReader,
    progress: Progress,
    warn: Warn,
) -> Analysis:
    # A second reading of the pictures for the annotated video counts as a third of the work.
    share = 0.7 if outputs.annotate else 1.0

    def reading(fraction: float | None, what: str) -> None:
        progress(None if fraction is None else fraction * share, what)

    def drawing(fraction: float | None, what: str) -> None:
        progress(None if fraction is None else share + fraction * (1 - share), what)

    silhouette = outputs.record is not None or needs_silhouette(settings.exercise, library)
    pose = reader.read(source, silhouette=silhouette, progress=reading, warn=warn)
    judgement = judge(pose, library, settings)
    if outputs.record:
        save_recording(outputs.record, judgement.pose)
    if outputs.csv:
        write_csv(outputs.csv, judgement)
    if outputs.annotate:
        from posecheck.annotate import write_annotated

        lasting = intervals(pose.t)
        write_annotated(source, outputs.annotate, pose, judgement.moments, lasting, drawing)
    return describe(source.name, judgement, library)


def needs_silhouette(exercise: str, library: Library) -> bool:
    """Return whether the model must give the person's mask: to find the exercise, or to judge the one named."""
    return True if exercise == AUTO else library.exercises[exercise].needs_silhouette


def _check_outputs(source: Path, outputs: Outputs) -> None:
    for option, path in outputs.named.items():
        check_output(path, option, source)
    paths = [path.resolve() for path in outputs.named.values()]
    for option, path in outputs.named.items():
        if paths.count(path.resolve()) > 1:
            raise OutputError(f"{path} is named twice.", f"Give {option} a file of its own.")
    if outputs.annotate:
        kinds = {".jpg", ".jpeg", ".png", ".mp4"} if source_kind(source) == "photograph" else {".mp4"}
        if outputs.annotate.suffix.lower() not in kinds:
            raise OutputError(f"--annotate writes {' or '.join(sorted(kinds))}, not {outputs.annotate.name}.")


def _place_outputs(folder: Path, sources: Sequence[Path], outputs: Outputs) -> list[Outputs]:
    """Return each source's own outputs inside the folders named; makes those folders."""
    for option, path in outputs.named.items():
        if path.is_file() or (path.suffix and not path.is_dir()):
            raise OutputError(f"{folder} is a folder and {path} is not.", f"Give {option} a folder as well.")
        if path.resolve() == folder.resolve():
            raise OutputError(f"{option} would write among the sources in {folder}.", "Give another folder.")
        try:
            path.mkdir(exist_ok=True)
        except OSError as e:
            raise OutputError(f"The folder {path} cannot be made: {e.strerror}.", "Choose another.") from e
    stems = [source.stem for source in sources]
    names = [s.stem if stems.count(s.stem) == 1 else s.name for s in sources]
    return [
        Outputs(
            csv=outputs.csv and outputs.csv / f"{name}.csv",
            annotate=outputs.annotate and outputs.annotate / f"{name}.mp4",
            record=outputs.record and outputs.record / f"{name}.npz",
        )
        for name in names
    ]


# --- sources into poses ---------------------------------------------------------------------------------------


class PoseReader:
    """Reads sources into poses; a context manager that keeps one model for all photographs of a folder."""

    def __init__(self, model: Callable[[], Path], limits: TrackingLimits) -> None:
        self._model = model
        self._limits = limits
        self._stack = ExitStack()
        self._still: Landmarker | None = None
        self._still_silhouette = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(
        self, source: Path, *, silhouette: bool, progress: Progress = _no_progress, warn: Warn = _no_warning
    ) -> Pose:
        """Return the pose over all T instants of a source, media seconds from 0; T = 1 for a photograph.

        Raises:
            SourceError: where it cannot be read.
        """
        kind = source_kind(source)
        if kind == "recording":
            pose = load_recording(source)
            return replace(pose, t=pose.t - pose.t[0])
        if kind == "photograph":
            return stack([self._read_photograph(source, silhouette)])
        return stack(list(self._read_video(source, silhouette, progress, warn)))

    def _read_photograph(self, source: Path, silhouette: bool) -> Pose:
        from posecheck.capture import read_photograph
        from posecheck.landmarker import Landmarker

        image = read_photograph(source)
        if self._still is None or self._still_silhouette != silhouette:
            self._still = self._stack.enter_context(
                Landmarker(self._model(), limits=self._limits, silhouette=silhouette, video=False)
            )
            self._still_silhouette = silhouette
        return self._still.detect(image, 0.0)

    def _read_video(self, source: Path, silhouette: bool, progress: Progress, warn: Warn) -> Iterator[Pose]:
        from posecheck.capture import open_video
        from posecheck.landmarker import Landmarker

        with open_video(source) as video:  # before the model: a wrong file is said at once
            with Landmarker(self._model(), limits=self._limits, silhouette=silhouette) as landmarker:
                for frame in video:
                    yield landmarker.detect(frame.image, frame.t)
                    progress(video.fraction(frame.t), source.name)
            if video.warning:
                warn(video.warning)


# --- poses into judgements ------------------------------------------------------------------------------------


def judge(pose: Pose, library: Library, settings: Settings) -> Judgement:
    """Fold the trainer over a pose of T instants; one of a single instant is judged as a photograph."""
    inside = {name: _entered(exercise, library, pose) for name, exercise in library.exercises.items()}
    exercise = _choose(inside, pose, library, settings.exercise)
    neutral: Mapping[str, float] = {}
    if exercise is None:
        moments = tuple(_unjudged(t, person) for t, person in zip(pose.t, pose.person, strict=True))
    elif len(pose.t) == 1:
        strictness, language = settings.strictness, settings.language
        moments = (assess_photograph(exercise, library, pose[0], strictness=strictness, language=language),)
    else:
        trainer = Trainer(exercise, library, strictness=settings.strictness, language=settings.language)
        moments = tuple(trainer.push(pose[i]) for i in range(len(pose.t)))
        neutral = trainer.neutral
    people = int(pose.person.sum())
    shares = {name: float((mask & pose.person).sum()) / max(1, people) for name, mask in inside.items()}
    return Judgement(pose, exercise, moments, shares, classify_view(library, pose), inside, neutral)


def _entered(exercise: Exercise, library: Library, pose: Pose, chunk: int = 256) -> NDArray[np.bool_]:
    """Return ``entered`` of all instants, some at a time: unpacked silhouettes of a long video fill the memory."""
    starts = range(0, len(pose.t), chunk)
    return np.concatenate([entered(exercise, library, pose[i : i + chunk]) for i in starts])


def _choose(inside: Mapping[str, NDArray[np.bool_]], pose: Pose, library: Library, wanted: str) -> Exercise | None:
    if wanted != AUTO:
        return library.exercises[wanted]
    # A single instant lasts no time, and counts all the same.
    lasting = intervals(pose.t) if len(pose.t) > 1 else np.ones(1)
    seconds = {name: float(lasting[mask].sum()) for name, mask in inside.items()}
    best = max(seconds, key=lambda name: seconds[name], default=None)
    return library.exercises[best] if best is not None and seconds[best] > 0 else None


def _unjudged(t: float, person: bool) -> Moment:
    return Moment(t=float(t), person=bool(person), phase="out" if person else "away")


def intervals(t: FloatArray) -> FloatArray:
    """Return how long each instant lasts, in seconds, shape ``(T,)``: until the next; the last the median.

    Frame rates of files are promises; only the times are facts. A single instant lasts 0 s.
    """
    if len(t) < 2:
        return np.zeros(len(t))
    steps = np.diff(t)
    return np.append(steps, np.median(steps))


# --- judgements into words and files --------------------------------------------------------------------------


def describe(source: str, judgement: Judgement, library: Library) -> Analysis:
    """Return the analysis of a judgement, ``posecheck/analysis@1``."""
    pose, exercise = judgement.pose, judgement.exercise
    return {
        "schema": SCHEMA,
        "source": _writable(source),
        "exercise": exercise.id if exercise else None,
        "view": judgement.view,
        "duration_s": _milli(float(pose.t[-1] - pose.t[0] + intervals(pose.t)[-1])),
        "frames": len(pose.t),
        "frame_size": [round(float(side)) for side in pose.frame_size],
        "person_frames": int(pose.person.sum()),
        "recognised": {name: _milli(share) for name, share in judgement.recognised.items()},
        "timeline": [_describe_moment(moment) for moment in judgement.moments],
        "events": [_describe_event(event) for moment in judgement.moments for event in moment.events],
        "summary": _summarise(judgement, library),
    }


def _describe_moment(moment: Moment) -> dict[str, Any]:
    return {
        "t": _milli(moment.t),
        "person": bool(moment.person),
        "in_pose": bool(moment.in_pose),
        "phase": moment.phase,
        "measures": _round_measures(moment.measures),
        "faults": list(moment.faults),
        "unknown": list(moment.unknown),
    }


def _round_measures(measures: Mapping[str, float]) -> dict[str, float]:
    # "+ 0.0": a value rounded to -0.0 reads 0.0.
    return {name: round(float(value), 1) + 0.0 for name, value in measures.items() if math.isfinite(value)}


def _describe_event(event: Event) -> dict[str, Any]:
    described: dict[str, Any] = {"t": _milli(event.t), "kind": event.kind}
    if event.id is not None:
        described["id"] = event.id
    if event.text is not None:
        described["text"] = event.text
    if event.seconds is not None:
        described["seconds"] = _milli(event.seconds)
    if event.count is not None:
        described["count"] = event.count
    if event.side is not None:
        described["side"] = event.side
    return described


@dataclass(slots=True)
class _Tally:
    """Sums over the moments of one judgement, in seconds (in instants for a photograph)."""

    in_pose: float = 0.0
    clean: float = 0.0
    held: float = 0.0
    faults: dict[str, float] = field(default_factory=dict)


def _summarise(judgement: Judgement, library: Library) -> dict[str, Any]:
    pose, moments, exercise = judgement.pose, judgement.moments, judgement.exercise
    still = len(moments) == 1
    tally = _tally(moments, np.ones(1) if still else intervals(pose.t), exercise)
    unit = 0.0 if still else 1.0  # a photograph has shares but no seconds
    last = moments[-1]
    # The sums are of rounded times: without the slack, exactly 80 % could fall a hair below.
    enough = tally.clean >= library.coaching.accept_share * tally.in_pose - 1e-9
    return {
        "in_pose_s": _milli(tally.in_pose * unit),
        "held_s": _milli(tally.held),
        "cycles": last.cycles,
        "sides": {side: _milli(last.sides_s[side]) for side in ("left", "right")},
        "faults": {
            name: {"seconds": _milli(seconds * unit), "share": _milli(seconds / tally.in_pose)}
            for name, seconds in tally.faults.items()
        },
        "accepted": bool(tally.in_pose > 0 and enough),
        "cues": sum(event.kind == "cue" for moment in moments for event in moment.events),
    }


def _tally(moments: Sequence[Moment], lasting: FloatArray, exercise: Exercise | None) -> _Tally:
    advice = {check.id for check in exercise.checks if check.advice} if exercise else set()
    tally = _Tally()
    held_before = 0.0
    for moment, seconds in zip(moments, map(float, lasting), strict=True):
        # The clock of a hold starts again from 0 with the next hold.
        tally.held += moment.held_s - held_before if moment.held_s >= held_before else moment.held_s
        held_before = moment.held_s
        if not moment.in_pose:
            continue
        tally.in_pose += seconds
        if advice.issuperset(moment.faults):
            tally.clean += seconds
        for name in moment.faults:
            tally.faults[name] = tally.faults.get(name, 0.0) + seconds
    return tally


def write_csv(path: Path, judgement: Judgement) -> None:
    """Write one row a frame, whole or not at all; a measure that cannot be seen is an empty cell."""
    names = list(dict.fromkeys(name for moment in judgement.moments for name in moment.measures))
    header = ["t", "person", "in_pose", "phase", "side", "held_s", "cycles", *names, "faults", "unknown"]
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(_csv_rows(judgement.moments, names))


def _csv_rows(moments: Iterable[Moment], names: Sequence[str]) -> Iterator[list[object]]:
    for moment in moments:
        measures = _round_measures(moment.measures)
        yield [
            _milli(moment.t),
            int(moment.person),
            int(moment.in_pose),
            moment.phase,
            moment.side or "",
            _milli(moment.held_s),
            moment.cycles,
            *(measures.get(name, "") for name in names),
            " ".join(moment.faults),
            " ".join(moment.unknown),
        ]


def _writable(name: str) -> str:
    """Return a file's name as text that can be written: some systems allow names that are no text."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _milli(value: float) -> float:
    return round(float(value), 3) + 0.0
