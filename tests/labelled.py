"""Labelled sets of synthetic dogs, good and bent: what tests of evaluating share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bodies import ALL_FOURS, DOG, film, timeline, times

from posecheck.evaluate import Evaluation, evaluate
from posecheck.figures import summarise
from posecheck.library import Library
from posecheck.pose import Pose, stack
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
    """Return a recording at 15 fps that goes through shapes at their times."""
    return stack(film(timeline(*stops), times(stops[-1][0], 15)))


def save_set(folder: Path, **poses: Pose) -> Path:
    """Save recordings into a folder and return it; ``cat__a`` becomes ``cat/a.npz``."""
    for name, pose in poses.items():
        path = folder / f"{name.replace('__', '/')}.npz"
        path.parent.mkdir(exist_ok=True)
        save_recording(path, pose)
    return folder


def no_model() -> Path:
    raise AssertionError("recordings need no model")


def measure(folder: Path, library: Library, **options: Any) -> tuple[Evaluation, dict[str, Any]]:
    """Evaluate a set in this process, and sum it up."""
    result = evaluate(folder, library, model=no_model, **{"jobs": 1, **options})
    return result, summarise(result.findings, library.exercises)


def labels(folder: Path, *rows: str) -> None:
    """Write the set's labels.csv."""
    (folder / "labels.csv").write_text(
        "path,start_s,end_s,label,faults\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
