"""What a frame costs, stage by stage, beside the bare inference of the same run; and what judging again costs."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np

from posecheck import landmarker, quantities, smoothing
from posecheck.capture import Video, open_video
from posecheck.drawing import Tone, annotate_frame
from posecheck.errors import SourceError
from posecheck.files import source_kind
from posecheck.job import Progress, no_progress
from posecheck.judgement import Settings
from posecheck.landmarker import Landmarker
from posecheck.library import Library
from posecheck.outputs import Outputs
from posecheck.reader import PoseReader
from posecheck.replay import replay
from posecheck.spec import Exercise
from posecheck.trace import follow
from posecheck.trainer import Trainer
from posecheck.tune import Trial, Trials, knobs, with_edge

SCHEMA = "posecheck/bench@1"
WARM_UP = 5
"""Frames left out at the start: caches fill, and the model looks for the person anew."""

INFERENCE = "inference"
STAGES = {
    "decode": "decode and turn upright",
    INFERENCE: "bare inference",
    "landmarks": "landmarks, mask and tracking",
    "measures": "measures with the silhouette",
    "smoothing": "smoothing",
    "judging": "judging: rules, holds, coach",
    "drawing": "drawing",
}
"""In the order of a frame's way; all but the inference are ours to keep small."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds per frame and stage of one run.

    Attributes:
        source: File name.
        exercise: Judged.
        frame_size: Pixels.
        stages: Stage -> seconds of every frame, shape ``(frames,)`` each.
    """

    source: str
    exercise: str
    frame_size: tuple[int, int]
    stages: dict[str, np.ndarray[Any, np.dtype[np.float64]]]

    @property
    def beside_inference(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Seconds of every frame in all stages but the inference, shape ``(frames,)``."""
        ours = [seconds for stage, seconds in self.stages.items() if stage != INFERENCE]
        return np.asarray(np.sum(ours, axis=0), dtype=np.float64)

    def describe(self) -> dict[str, Any]:
        """Return mean, median and 95th percentile in ms, plain and ready for JSON.

        The mean is what a frame costs: she is not judged in every one.
        """
        return {
            "schema": SCHEMA,
            "source": self.source,
            "exercise": self.exercise,
            "frame_size": list(self.frame_size),
            "frames": len(self.stages[INFERENCE]),
            "stages": {stage: _milliseconds(seconds) for stage, seconds in self.stages.items()},
            "beside_inference": _milliseconds(self.beside_inference),
        }


ROUNDS = 3
"""Everything is run so often, in turn, and the least taken: another program only adds to it."""


def measure(
    source: Path,
    exercise: str,
    library: Library,
    model: Path,
    progress: Progress = no_progress,
) -> Costs:
    """Run a video through everything, on one core, and return what each stage cost in the cheapest run.

    Raises:
        SourceError: where the source is no video, or too short.
    """
    if source_kind(source) != "video":
        raise SourceError(f"{source} is not a video.", "Give bench a video of a few seconds.")
    runs = []
    for i in range(ROUNDS):
        # The decoder's threads are not kept to that core: they are at work while the model is.
        with open_video(source) as video, _on_one_core(i):
            runs.append(_costs(video, library.exercises[exercise], library, model, progress))
    return min(runs, key=lambda costs: float(np.mean(costs.beside_inference)))


def _costs(video: Video, chosen: Exercise, library: Library, model: Path, progress: Progress) -> Costs:
    rows: list[dict[str, float]] = []
    watch = _Watch()
    with ExitStack() as stack:
        eyes = stack.enter_context(
            Landmarker(model, limits=library.coaching.tracking, silhouette=chosen.needs_silhouette)
        )
        for module, name, stage in (
            (quantities, "measures_of", "measures"),
            (smoothing, "euro_step", "smoothing"),
        ):
            stack.enter_context(watch.on(module, name, stage))
        stack.enter_context(_watch_inference(watch))
        trainer = Trainer(chosen, library)
        frames = iter(video)
        while True:
            with watch("decode"):
                frame = next(frames, None)
            if frame is None:
                break
            with watch("landmarks"):
                pose = eyes.detect(frame.image, frame.t)
            with watch("judging"):
                moment = trainer.push(pose)
            with watch("drawing"):
                tone: Tone = "good" if moment.counting else "neutral"
                annotate_frame(frame.image, pose, moment.highlight, tone=tone, in_place=True)
            rows.append(watch.take())
            progress(video.fraction(frame.t), video.path.name)
    rows = rows[WARM_UP:]
    if not rows:
        raise SourceError(f"{video.path.name} has no more than {WARM_UP} frames.", "Give bench a longer video.")
    stages = {stage: np.array([row.get(stage, 0.0) for row in rows]) for stage in STAGES}
    return Costs(video.path.name, chosen.id, video.frame_size, stages)


@contextmanager
def _on_one_core(i: int) -> Iterator[None]:
    """Keep what is started within to one core, the i-th of those there are, on systems that can.

    The model runs on threads of its own. Where they wake one another across cores, a frame also costs what it
    takes to wake a core and to fill its caches: on a virtual machine with two cores a third more, the inference
    included, and another third at another time. On one core it is the work that is measured.
    """
    if sys.platform != "linux":
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(allowed)[i % len(allowed)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


PAIRS = 5
"""Replays of each way, every one between two runs of the inference alone: how fast a machine is changes within
seconds, by a third and more on one shared with others, and neighbours are slowed alike."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How long replaying took, the opening of the model left out, beside the inference alone of the same pictures.

    Attributes:
        inference: Seconds of the model alone, on pictures that were decoded before; one run of it before and one
            after every replay.
        replays: Way of replaying -> seconds of each replay, and of the inference within it: ``analyse`` (a video
            judged), ``annotate`` (judged, drawn and encoded), ``annotate_auto`` (the same, with the exercise to be
            found out); the ways in turn.
    """

    inference: list[float]
    replays: dict[str, list[tuple[float, float]]]

    def describe(self) -> dict[str, float]:
        """Return seconds, and how many times the inference each replay took: the median of each.

        ``…_ratio`` compares with the inference alone just before and after; ``…_own_ratio`` with the inference
        within the replay itself, which other programs slow by the same, but so does what runs beside it.
        """
        alone = [(before + after) / 2 for before, after in pairwise(self.inference)]
        result = {"inference": median(self.inference)}
        for i, (name, runs) in enumerate(self.replays.items()):
            beside = alone[i :: len(self.replays)]
            result[name] = median(whole for whole, _ in runs)
            result[f"{name}_ratio"] = median(whole / a for (whole, _), a in zip(runs, beside, strict=True))
            result[f"{name}_own_ratio"] = median(whole / own for whole, own in runs)
        return {name: round(x, 3) for name, x in result.items()}


def measure_overlap(
    source: Path,
    exercise: str,
    library: Library,
    model: Path,
    progress: Progress = no_progress,
) -> Overlap:
    """Replay a video in several ways, in turn, and return how long each took.

    Raises:
        SourceError: where the source is no video.
    """
    if source_kind(source) != "video":
        raise SourceError(f"{source} is not a video.", "Give bench a video of a few seconds.")
    limits = library.coaching.tracking
    with open_video(source) as video:
        frames = list(video)

    def infer() -> float:
        watch = _Watch()
        silhouette = library.exercises[exercise].needs_silhouette
        with Landmarker(model, limits=limits, silhouette=silhouette) as eyes, _watch_inference(watch):
            for frame in frames:
                eyes.detect(frame.image, frame.t)
        return watch.take()[INFERENCE]

    def run(settings: Settings, outputs: Outputs) -> tuple[float, float]:
        opening, inference = _Watch(), _Watch()  # they run on different threads
        start = time.perf_counter()
        with (
            opening.on(landmarker, "_create", "opening"),
            _watch_inference(inference),
            PoseReader(lambda: model, limits) as reader,
        ):
            replay(source, library, settings, outputs, reader=reader)
        return time.perf_counter() - start - opening.take()["opening"], inference.take()[INFERENCE]

    with TemporaryDirectory() as folder:
        film = Outputs(annotate=Path(folder) / "film.mp4")
        named, auto = Settings(exercise), Settings()
        ways = {"analyse": (named, Outputs()), "annotate": (named, film), "annotate_auto": (auto, film)}
        infer()  # the first run of all is slower: caches fill
        alone, replays = [infer()], {name: list[tuple[float, float]]() for name in ways}
        for i in range(PAIRS):
            progress(i / PAIRS, "replaying")
            for name, way in ways.items():
                replays[name].append(run(*way))
                alone.append(infer())
    return Overlap(alone, replays)


INSTANTS = 100_000
"""Recorded instants judged again: what a teacher may have before her on the tune page, and more."""


@dataclass(frozen=True, slots=True)
class Rejudging:
    """Recordings judged again after one band was moved, as the tune page does at every move of a slider.

    Attributes:
        recordings: How many; copies of one.
        instants: In all of them together.
        knob: What was moved.
        changed: Recordings of which something else is said than before.
        seconds: From the moved band to what is said of every recording.
    """

    recordings: int
    instants: int
    knob: str
    changed: int
    seconds: float

    def describe(self) -> dict[str, Any]:
        """Return the figures, plain and ready for JSON."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


def measure_rejudging(source: Path, exercise: str, library: Library, model: Path) -> Rejudging | None:
    """Follow a video or recording once, and judge copies of it again with a moved band.

    The band moved is the first one: what is only just good is a fault then. None where nothing is judged.

    Raises:
        SourceError: where the source cannot be read.
    """
    chosen = library.exercises[exercise]
    knob = next(iter(knobs(chosen)), None)
    if knob is None:
        return None
    with PoseReader(lambda: model, library.coaching.tracking) as reader:
        trace, _ = follow(chosen, library, reader.read(source, silhouette=chosen.needs_silhouette))
    copies = math.ceil(INSTANTS / len(trace.t))
    trials = Trials(chosen, library.coaching, [Trial(source.name, trace)] * copies)
    own = with_edge(chosen, knob, knob.moved(chosen, knob.edge(chosen).good))
    before = trials.outcomes(chosen)
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        after = trials.outcomes(own)
        spent.append(time.perf_counter() - start)
    changed = sum(a != b for a, b in zip(after, before, strict=True))
    return Rejudging(copies, copies * len(trace.t), knob.describe(chosen), changed, min(spent))


class _Watch:
    """Sums wall time by stage; time of a stage inside another counts for the inner one alone."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._inner: list[float] = []

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        self._inner.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self._sums[stage] = self._sums.get(stage, 0.0) + spent - self._inner.pop()
            if self._inner:
                self._inner[-1] += spent

    def around(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Return the function with its time counted."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self(stage):
                return function(*args, **kwargs)

        return timed

    def on(self, module: ModuleType, name: str, stage: str) -> AbstractContextManager[None]:
        """Return a context in which a room's function has its time counted."""
        return _replaced(module, name, self.around(getattr(module, name), stage))

    def take(self) -> dict[str, float]:
        """Return the sums since last taken."""
        sums, self._sums = self._sums, {}
        return sums


def _watch_inference(watch: _Watch) -> AbstractContextManager[None]:
    """Return a context in which the native call alone counts as inference, as if nothing of ours were around."""
    run = landmarker._run

    def timed(detect: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return run(watch.around(detect, INFERENCE), *args, **options)

    return _replaced(landmarker, "_run", timed)


@contextmanager
def _replaced(module: ModuleType, name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Let another function stand in for a room's own while it is measured: the rooms know nothing of the bench."""
    before = getattr(module, name)
    setattr(module, name, function)
    try:
        yield
    finally:
        setattr(module, name, before)


def _milliseconds(seconds: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, float]:
    mean, (median, p95) = np.mean(seconds * 1000), np.percentile(seconds * 1000, [50, 95])
    return {"mean_ms": round(float(mean), 3), "median_ms": round(float(median), 3), "p95_ms": round(float(p95), 3)}


def table(result: dict[str, Any]) -> list[str]:
    """Return the costs as lines of a table."""
    width, height = result["frame_size"]
    rows = [(STAGES[stage], cost) for stage, cost in result["stages"].items()]
    rows.append(("everything but the inference", result["beside_inference"]))
    frames = f"{result['source']}, {width}x{height}, {result['frames']} frames, judged as {result['exercise']}"
    lines = [f"{frames}; on one core, the least of {ROUNDS} runs"]
    lines.append(f"{'ms a frame':32}{'mean':>8}{'median':>8}{'95 %':>8}")
    for name, cost in rows:
        lines.append(f"{name:32}{cost['mean_ms']:8.2f}{cost['median_ms']:8.2f}{cost['p95_ms']:8.2f}")
    return lines


def overlap_table(result: dict[str, float]) -> list[str]:
    """Return what replaying took as lines of a table."""
    names = {
        "analyse": "analyse",
        "annotate": "analyse --annotate",
        "annotate_auto": "the same, exercise found out",
    }
    lines = [f"{f'seconds, the median of {PAIRS} runs':32}{'':>8}{'x infer.':>9}{'x its own':>10}"]
    lines.append(f"{'the inference alone':32}{result['inference']:8.2f}")
    for key, name in names.items():
        ratios = f"{result[f'{key}_ratio']:9.2f}{result[f'{key}_own_ratio']:10.2f}"
        lines.append(f"{name:32}{result[key]:8.2f}{ratios}")
    return lines


def rejudging_table(result: dict[str, Any]) -> list[str]:
    """Return what judging again took as lines of a table."""
    said = f"{result['instants']} instants of {result['recordings']} recordings, {result['knob']} moved"
    return [said, f"{'seconds to judge them again':32}{result['seconds']:8.2f}"]
