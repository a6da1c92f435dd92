"""Replay: a video, photograph, recording or folder through the same judgement as the live camera.

The result is ``posecheck/analysis@1``, a dictionary of plain values ready for JSON.
"""

from __future__ import annotations

import difflib
import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from posecheck.ahead import Ahead
from posecheck.body import Body
from posecheck.columns import write_csv, write_parquet
from posecheck.errors import OutputError, PosecheckError, SourceError
from posecheck.files import check_output, folder_sources, source_kind, whole_file
from posecheck.instants import assess_photograph, entered
from posecheck.ledger import Ledger, intervals, milli
from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.pose import FloatArray, Pose, stack
from posecheck.quantities import name_view
from posecheck.recording import PoseLog, load_recording, save_recording
from posecheck.spec import Exercise, Strictness
from posecheck.tracking import TrackingLimits
from posecheck.trainer import Trainer

if TYPE_CHECKING:
    from posecheck.annotate import Film
    from posecheck.cache import LandmarkCache
    from posecheck.capture import Frame
    from posecheck.landmarker import Landmarker

SCHEMA = "posecheck/analysis@1"
SET_SCHEMA = "posecheck/analysis-set@1"
AUTO = "auto"
_STRETCH = 32
"""Instants looked at together: enough to share the cost of a look and to guess mostly right, few enough
to judge it from early on. Of 81 clips 1 % of the instants are left to judge at the end; with 64 it was 15 %."""
_CATCH_UP = 3
"""Instants judged behind for every one seen, until nothing is left behind: to judge, draw and encode three takes
no longer than to find the body in one."""
_GUESSES = 2
"""Exercises judged before the end at most, while it is not known which it is."""
_DRAWING_SHARE = 0.2
"""Of the whole work, as far as the bar of progress is concerned."""

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
        parquet: The same in full precision, each column with its unit and meaning.
        annotate: The video with skeleton and sentences (MP4), or a picture for a photograph.
        record: The landmark recording.
    """

    csv: Path | None = None
    parquet: Path | None = None
    annotate: Path | None = None
    record: Path | None = None

    @property
    def named(self) -> dict[str, Path]:
        """The outputs asked for, by the name of their option."""
        every = {
            "--csv": self.csv,
            "--parquet": self.parquet,
            "--annotate": self.annotate,
            "--record": self.record,
        }
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


@dataclass(frozen=True, slots=True)
class Replayed:
    """A whole recording as the trainer saw it.

    Attributes:
        source: The file's name.
        exercise: What it was judged as; None where no exercise was entered.
        ledger: All that was said, instant by instant.
        recognised: Exercise id -> share of the instants with a person inside its entry conditions.
        view: ``side``, ``front``, ``three_quarter`` or ``unknown``.
        frame_size: Pixels, shape ``(2,)``.
    """

    source: str
    exercise: Exercise | None
    ledger: Ledger
    recognised: Mapping[str, float]
    view: str
    frame_size: FloatArray

    def describe(self, library: Library) -> Analysis:
        """Return the analysis, ``posecheck/analysis@1``."""
        ledger, exercise = self.ledger, self.exercise
        t = ledger.t
        return {
            "schema": SCHEMA,
            "source": _writable(self.source),
            "exercise": exercise.id if exercise else None,
            "view": self.view,
            "duration_s": milli(t[-1] - t[0] + intervals(t)[-1]),
            "frames": len(ledger),
            "frame_size": [round(float(side)) for side in self.frame_size],
            "person_frames": sum(ledger.person),
            "recognised": {name: milli(share) for name, share in self.recognised.items()},
            "timeline": ledger.describe_timeline(),
            "events": ledger.describe_events(),
            "summary": self.summarise(library),
        }

    def summarise(self, library: Library) -> dict[str, Any]:
        """Return the ``summary`` of the analysis."""
        advice = [check.id for check in self.exercise.checks if check.advice] if self.exercise else []
        return self.ledger.summarise(intervals(self.ledger.t), advice, library.coaching.accept_share)


class Seen(NamedTuple):
    """One picture of a video with what the model saw in it.

    Attributes:
        frame: The picture and its time.
        pose: Who is in it.
        fraction: How much of the file has been read, in [0, 1]; None where unknown.
    """

    frame: Frame
    pose: Pose
    fraction: float | None


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
    return replay(source, library, settings, outputs, reader=reader, progress=progress, warn=warn).describe(
        library
    )


def replay(
    source: Path,
    library: Library,
    settings: Settings,
    outputs: Outputs,
    *,
    reader: PoseReader,
    progress: Progress = _no_progress,
    warn: Warn = _no_warning,
) -> Replayed:
    """Judge one video, photograph or recording and write what was asked for.

    The pictures of a video pass through and are not kept; nor are its poses, unless the exercise must be found out
    or a recording is wanted. What ``progress`` raises ends it, and leaves no file behind.

    Raises:
        SourceError: where the source cannot be read.
        OutputError: where an output cannot be written.
    """
    return _Run(source, library, settings, outputs, reader, progress, warn).replay()


@dataclass(frozen=True, slots=True)
class _Run:
    """One source on its way through."""

    source: Path
    library: Library
    settings: Settings
    outputs: Outputs
    reader: PoseReader
    progress: Progress
    warn: Warn

    def replay(self) -> Replayed:
        survey = Survey(self.library)
        take = self._take_video(survey) if source_kind(self.source) == "video" else self._take_poses(survey)
        ledger = take.finish()
        if self.outputs.csv:
            write_csv(self.outputs.csv, ledger)
        if self.outputs.parquet:
            write_parquet(self.outputs.parquet, ledger)
        size = survey.frame_size
        return Replayed(self.source.name, take.exercise, ledger, survey.shares(), survey.view(), size)

    def _take_poses(self, survey: Survey) -> _Take:
        """Judge a recording or a photograph, whose poses are all there at once."""
        pose = self.reader.read(self.source, silhouette=self._silhouette)
        survey.add_all(pose)
        still = len(pose.t) == 1
        take = self._take(survey.choose(self.settings.exercise), still)
        if still and self.outputs.annotate:
            from posecheck.annotate import write_annotated_photograph

            write_annotated_photograph(self.source, self.outputs.annotate, pose[0], take.push(pose[0]))
        else:
            with self._film_file() as temporary, self._film(temporary) as film:
                for i in range(len(pose.t)):
                    take.push(pose[i], film)
                    self.progress((i + 1) / len(pose.t), self.source.name)
        if self.outputs.record:
            save_recording(self.outputs.record, pose)
        return take

    def _take_video(self, survey: Survey) -> _Take:
        """Judge a video while it is read: decoding, inference, and what follows each on a thread of its own."""
        auto = self.settings.exercise == AUTO
        log = PoseLog() if auto or self.outputs.record else None
        with self.reader.stream(self.source, silhouette=self._silhouette, warn=self.warn) as seen:
            head = list(islice(seen, 2))
            still = len(head) == 1  # a picture without time is judged as a photograph

            def noted() -> Iterator[Seen]:
                for one in chain(head, seen):
                    survey.add(one.pose)
                    if log is not None:
                        log.append(one.pose)
                    yield one

            with self._film_file() as temporary:
                if auto and log is not None:
                    take = self._follow(noted(), survey, log, still, temporary)
                else:
                    take = self._take(survey.choose(self.settings.exercise), still)
                    with self._film(temporary) as film:
                        for one in noted():
                            take.push(one.pose, film, one.frame.image)
                            self.progress(one.fraction, self.source.name)
        if self.outputs.record and log is not None:
            save_recording(self.outputs.record, log.whole())
        return take

    def _follow(
        self, seen: Iterator[Seen], survey: Survey, log: PoseLog, still: bool, temporary: Path | None
    ) -> _Take:
        """Judge, and draw, what is already known to be the exercise; where that was too early, once more.

        Which exercise it is can only be told at the end. Until then the one held longest so far is judged, a
        little behind the inference, so that at the end little is left to do.
        """
        with ExitStack() as stack:
            follower: _Follower | None = None
            guesses = 0
            reached = 0.0
            for one in seen:
                lead = survey.lead()
                if follower is not None and follower.take.exercise is not lead:
                    follower.close()
                    follower = None
                if follower is None and lead is not None and guesses < _GUESSES:
                    guesses += 1
                    follower = stack.enter_context(_Follower(self, lead, still, log, temporary))
                if follower is not None:
                    follower.step(_CATCH_UP)
                done = follower.done / len(log) if follower else 0.0
                share = _DRAWING_SHARE if temporary else 0.0
                if one.fraction is not None:  # it never falls, also where another exercise is begun anew
                    reached = max(reached, one.fraction * (1 - share + share * done))
                self.progress(reached if one.fraction is not None else None, self.source.name)
            chosen = survey.choose(AUTO)
            if follower is None or follower.take.exercise is not chosen:
                stack.close()
                follower = stack.enter_context(_Follower(self, chosen, still, log, temporary))
            while follower.step(1):
                share = (1 - follower.done / len(log)) * _DRAWING_SHARE
                self.progress(1 - share, self.source.name)
            return follower.take

    @property
    def _silhouette(self) -> bool:
        return self.outputs.record is not None or needs_silhouette(self.settings.exercise, self.library)

    def _take(self, exercise: Exercise | None, still: bool) -> _Take:
        return _Take(exercise, self.library, self.settings, still=still)

    def _film_file(self) -> AbstractContextManager[Path | None]:
        """Give the temporary name of the annotated video, or None where none is wanted."""
        return whole_file(self.outputs.annotate) if self.outputs.annotate else nullcontext()

    def _film(self, temporary: Path | None) -> AbstractContextManager[Film | None]:
        if temporary is None:
            return nullcontext()
        from posecheck.annotate import Film

        return Film(temporary, self.outputs.annotate)


class _Take:
    """One pass of the trainer over the instants of a recording; without an exercise nothing is judged."""

    def __init__(self, exercise: Exercise | None, library: Library, settings: Settings, *, still: bool) -> None:
        self.exercise = exercise
        self._library = library
        self._settings = settings
        self._still = still
        self._ledger = Ledger()
        self._words: dict[str, Any] = {"strictness": settings.strictness, "language": settings.language}
        self._trainer = None if exercise is None or still else Trainer(exercise, library, **self._words)

    def push(self, pose: Pose, film: Film | None = None, image: NDArray[np.uint8] | None = None) -> Moment:
        """Judge the next instant, write it down, and draw it where there is a film."""
        if self._trainer is not None:
            moment = self._trainer.push(pose)
        elif self.exercise is not None:
            moment = assess_photograph(self.exercise, self._library, pose, **self._words)
        else:
            moment = _unjudged(float(pose.t), bool(pose.person))
        self._ledger.add(moment)
        if film is not None:
            film.add(image, pose, moment)
        return moment

    def finish(self) -> Ledger:
        """Return all that was said."""
        if self._trainer is not None:
            self._ledger.neutral = dict(self._trainer.neutral)
        return self._ledger


class _Follower:
    """A take of what was seen so far, its pictures read once more; a context manager."""

    def __init__(
        self, run: _Run, exercise: Exercise | None, still: bool, log: PoseLog, temporary: Path | None
    ) -> None:
        self.take = run._take(exercise, still)
        self.done = 0
        self._log = log
        self._stack = ExitStack()
        self._film = self._stack.enter_context(run._film(temporary))
        self._pictures: Iterator[Frame] | None = None
        if self._film is not None:
            from posecheck.capture import open_video

            self._pictures = iter(self._stack.enter_context(open_video(run.source)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def close(self) -> None:
        """Leave it at what was done so far."""
        self._stack.close()

    def step(self, most: int) -> bool:
        """Do up to ``most`` more instants; return whether there was anything to do."""
        before = self.done
        while self.done < min(len(self._log), before + most):
            frame = next(self._pictures) if self._pictures is not None else None
            self.take.push(self._log[self.done], self._film, None if frame is None else frame.image)
            self.done += 1
        return self.done > before


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
            parquet=outputs.parquet and outputs.parquet / f"{name}.parquet",
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

    def read(self, source: Path, *, silhouette: bool, warn: Warn = _no_warning) -> Pose:
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
        with self.stream(source, silhouette=silhouette, warn=warn) as seen:
            return stack([one.pose for one in seen])

    @contextmanager
    def stream(self, source: Path, *, silhouette: bool, warn: Warn = _no_warning) -> Iterator[Iterator[Seen]]:
        """Give the instants of a video, a few at most made ahead: decoding and inference have a thread each.

        Raises:
            SourceError: where it cannot be read.
        """
        from posecheck.capture import open_video
        from posecheck.landmarker import Landmarker

        # The video before the model: a wrong file is said at once.
        with (
            open_video(source) as video,
            Landmarker(self._model(), limits=self._limits, silhouette=silhouette) as landmarker,
            Ahead(video) as frames,
        ):

            def look() -> Iterator[Seen]:
                for frame in frames:
                    yield Seen(frame, landmarker.detect(frame.image, frame.t), video.fraction(frame.t))

            with Ahead(look()) as seen:
                yield seen
        if video.warning:
            warn(video.warning)

    def read_kept(self, source: Path, kept: LandmarkCache | None, warn: Warn = _no_warning) -> Pose:
        """Return the pose with its silhouettes, from the cache where the same file was read before.

        Raises:
            SourceError: where it cannot be read.
        """
        warnings: list[str] = []

        def read() -> tuple[Pose, bool]:
            return self.read(source, silhouette=True, warn=warnings.append), not warnings

        pose = kept.pose_of(source, read) if kept and source_kind(source) != "recording" else read()[0]
        for sentence in warnings:
            warn(sentence)
        return pose

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


# --- what a recording shows, whatever it is judged as ---------------------------------------------------------


class Survey:
    """Which exercises a recording is inside of, and from where the camera sees her; instant by instant."""

    def __init__(self, library: Library) -> None:
        self.frame_size = np.zeros(2)
        self._library = library
        self._waiting: list[Pose] = []
        self._t = array("d")
        self._person: list[NDArray[np.bool_]] = []
        self._inside: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in library.exercises}
        self._counts = dict.fromkeys(library.exercises, 0)
        self._view_ratios: list[FloatArray] = []

    def add(self, pose: Pose) -> None:
        """Look at one more instant."""
        self._waiting.append(pose)
        if len(self._waiting) >= _STRETCH:
            self._look()

    def add_all(self, pose: Pose, stretch: int = 256) -> None:
        """Look at a pose over T instants, some at a time: unpacked silhouettes of a long one fill the memory."""
        self._look()
        for start in range(0, len(pose.t), stretch):
            self._look_at(pose[start : start + stretch])

    def lead(self) -> Exercise | None:
        """Return the exercise of most instants so far, as far as it was looked."""
        best = max(self._counts, key=lambda name: self._counts[name], default=None)
        return self._library.exercises[best] if best is not None and self._counts[best] else None

    def choose(self, wanted: str) -> Exercise | None:
        """Return the exercise named, or for ``auto`` the one whose entry conditions hold longest, if any."""
        if wanted != AUTO:
            return self._library.exercises[wanted]
        self._look()
        # A single instant lasts no time, and counts all the same.
        lasting = intervals(np.array(self._t)) if len(self._t) > 1 else np.ones(1)
        seconds = {name: float(lasting[mask].sum()) for name, mask in self.inside().items()}
        best = max(seconds, key=lambda name: seconds[name], default=None)
        return self._library.exercises[best] if best is not None and seconds[best] > 0 else None

    def inside(self) -> dict[str, NDArray[np.bool_]]:
        """Return whether each instant is inside each exercise's entry conditions, shape ``(T,)`` each."""
        self._look()
        return {name: np.concatenate(masks) for name, masks in self._inside.items()}

    def shares(self) -> dict[str, float]:
        """Return the share of the instants with a person inside each exercise's entry conditions."""
        self._look()
        person = np.concatenate(self._person)
        people = max(1, int(person.sum()))
        return {name: float((mask & person).sum()) / people for name, mask in self.inside().items()}

    def view(self) -> str:
        """Return ``side``, ``front``, ``three_quarter`` or ``unknown``."""
        self._look()
        return name_view(np.concatenate(self._view_ratios), self._library.coaching.views)

    def _look(self) -> None:
        if self._waiting:
            self._look_at(stack(self._waiting))
            self._waiting.clear()

    def _look_at(self, pose: Pose) -> None:
        self.frame_size = pose.frame_size
        self._t.extend(pose.t)
        self._person.append(pose.person)
        body = Body.by_itself(pose, self._library.coaching.sight)
        for name, exercise in self._library.exercises.items():
            mask = entered(exercise, body)
            self._inside[name].append(mask)
            self._counts[name] += int(mask.sum())
        self._view_ratios.append(body.view_ratio)


# --- poses into judgements ------------------------------------------------------------------------------------


def judge(pose: Pose, library: Library, settings: Settings) -> Judgement:
    """Fold the trainer over a pose of T instants; one of a single instant is judged as a photograph."""
    survey = Survey(library)
    survey.add_all(pose)
    take = _Take(survey.choose(settings.exercise), library, settings, still=len(pose.t) == 1)
    moments = tuple(take.push(pose[i]) for i in range(len(pose.t)))
    neutral = take.finish().neutral
    return Judgement(pose, take.exercise, moments, survey.shares(), survey.view(), survey.inside(), neutral)


def _unjudged(t: float, person: bool) -> Moment:
    return Moment(t=t, person=person, phase="out" if person else "away")


# --- judgements into words and files --------------------------------------------------------------------------


def describe(source: str, judgement: Judgement, library: Library) -> Analysis:
    """Return the analysis of a judgement, ``posecheck/analysis@1``."""
    ledger = Ledger(judgement.moments)
    size = judgement.pose.frame_size
    replayed = Replayed(source, judgement.exercise, ledger, judgement.recognised, judgement.view, size)
    return replayed.describe(library)


def _writable(name: str) -> str:
    """Return a file's name as text that can be written: some systems allow names that are no text."""
    return name.encode("utf-8", "replace").decode("utf-8")
