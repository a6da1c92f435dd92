"""Replay: a video, photograph, recording or folder through the same judgement as the live camera.

What draws or reads pictures is imported where there are pictures: a landmark recording is judged without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from posecheck.analysis import SET_SCHEMA, Analysis, Replayed, writable
from posecheck.columns import write_csv, write_parquet
from posecheck.errors import SourceError
from posecheck.files import folder_sources, source_kind, whole_file
from posecheck.job import Progress, no_progress
from posecheck.judgement import Settings, Take
from posecheck.library import Library
from posecheck.outputs import Outputs, check_outputs, place_outputs
from posecheck.pose import Pose
from posecheck.reader import PoseReader, Seen, Warn, no_warning
from posecheck.recording import PoseLog, save_recording
from posecheck.spec import Exercise
from posecheck.survey import AUTO, Survey, check_exercise, needs_silhouette

if TYPE_CHECKING:
    from posecheck.annotate import Film, Image
    from posecheck.capture import Frame

_CATCH_UP = 3
"""Instants judged behind for every one seen, until nothing is left behind: to judge, draw and encode three takes
no longer than to find the body in one."""
_GUESSES = 2
"""Exercises judged before the end at most, while it is not known which it is."""
_DRAWING_SHARE = 0.2
"""Of the whole work, as far as the bar of progress is concerned."""


def analyse(
    source: Path,
    library: Library,
    settings: Settings | None = None,
    outputs: Outputs | None = None,
    *,
    model: Callable[[], Path],
    progress: Progress = no_progress,
    warn: Warn = no_warning,
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
    check_outputs(source, outputs)
    with PoseReader(model, library.coaching.tracking) as reader:
        done = replay(source, library, settings, outputs, reader=reader, progress=progress, warn=warn)
        return done.describe(library)


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
    placed = place_outputs(folder, sources, outputs)
    items: list[Analysis] = []
    with PoseReader(model, library.coaching.tracking) as reader:
        for i, (source, places) in enumerate(zip(sources, placed, strict=True)):

            def within(fraction: float | None, what: str, before: int = i) -> None:
                progress((before + (fraction or 0.0)) / len(sources), what)

            within(0.0, source.name)
            try:
                done = replay(source, library, settings, places, reader=reader, progress=within, warn=warn)
                items.append(done.describe(library))
            except SourceError as e:
                items.append({"source": writable(source.name), "error": writable(str(e))})
    progress(1.0, folder.name)
    return {"schema": SET_SCHEMA, "items": items}


def replay(
    source: Path,
    library: Library,
    settings: Settings,
    outputs: Outputs,
    *,
    reader: PoseReader,
    progress: Progress = no_progress,
    warn: Warn = no_warning,
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
        ledger = take.ledger
        if self.outputs.csv:
            write_csv(self.outputs.csv, ledger)
        if self.outputs.parquet:
            write_parquet(self.outputs.parquet, ledger)
        size = survey.frame_size
        return Replayed(self.source.name, take.exercise, ledger, survey.shares(), survey.view(), size)

    def _take_poses(self, survey: Survey) -> Take:
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
                    _push(take, pose[i], film)
                    self.progress((i + 1) / len(pose.t), self.source.name)
        if self.outputs.record:
            save_recording(self.outputs.record, pose)
        return take

    def _take_video(self, survey: Survey) -> Take:
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
                            _push(take, one.pose, film, one.frame.image)
                            self.progress(one.fraction, self.source.name)
        if self.outputs.record and log is not None:
            save_recording(self.outputs.record, log.whole())
        return take

    def _follow(
        self, seen: Iterator[Seen], survey: Survey, log: PoseLog, still: bool, temporary: Path | None
    ) -> Take:
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

    def _take(self, exercise: Exercise | None, still: bool) -> Take:
        return Take(exercise, self.library, self.settings, still=still)

    def _film_file(self) -> AbstractContextManager[Path | None]:
        """Give the temporary name of the annotated video, or None where none is wanted."""
        return whole_file(self.outputs.annotate) if self.outputs.annotate else nullcontext()

    def _film(self, temporary: Path | None) -> AbstractContextManager[Film | None]:
        if temporary is None:
            return nullcontext()
        from posecheck.annotate import Film

        return Film(temporary, self.outputs.annotate)


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
            _push(self.take, self._log[self.done], self._film, None if frame is None else frame.image)
            self.done += 1
        return self.done > before


def _push(take: Take, pose: Pose, film: Film | None, image: Image | None = None) -> None:
    """Judge the next instant, and draw it where there is a film; on a plain ground where there is no picture."""
    moment = take.push(pose)
    if film is not None:
        film.add(image, pose, moment)
