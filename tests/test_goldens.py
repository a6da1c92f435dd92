"""Recorded bodies through the trainer: everything that is told and judged stays what it was.

The recordings of ``tests/data/recordings`` were made with ``posecheck analyse CLIP --record`` from the clips of
``sample_videos``. After a change that is meant, run the tests once with POSECHECK_WRITE_GOLDENS=1 and read the
difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest
from bodies import play

from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.recording import load_recording
from posecheck.trainer import Trainer

DATA = Path(__file__).parent / "data"
EXERCISES = ["cat", "child", "downward_dog", "letter_t", "twist"]
CLIPS = ["catcow", "downdog", "downdog_bad"]


def tell(moments: Sequence[Moment]) -> list[str]:
    """Return the course of an exercise as lines of text, times to a tenth of a second."""
    lines = []
    for phase, stretch in groupby(moments, key=lambda m: m.phase):
        first, *_, last = [*stretch] * 2
        lines.append(f"{first.t:.1f}-{last.t:.1f} {phase}")
    for faults, stretch in groupby(moments, key=lambda m: m.faults):
        first, *_, last = [*stretch] * 2
        if faults:
            lines.append(f"{first.t:.1f}-{last.t:.1f} faults: {', '.join(faults)}")
    for unknown, stretch in groupby(moments, key=lambda m: m.unknown):
        first, *_, last = [*stretch] * 2
        if unknown:
            lines.append(f"{first.t:.1f}-{last.t:.1f} unknown: {', '.join(unknown)}")
    for e in (e for m in moments for e in m.events):
        more = [str(x) for x in (e.id, e.count, e.side) if x is not None]
        lines.append(" ".join([f"{e.t:.1f}", e.kind, *more]))
    last = moments[-1]
    lines.append(f"held {last.held_s:.1f} s, holds {last.holds}, cycles {last.cycles}")
    return lines


def golden_of(clip: str, library: Library) -> str:
    whole = load_recording(DATA / "recordings" / f"{clip}.npz")
    lines = []
    for name in EXERCISES:
        for strictness in ("gentle", "standard"):
            trainer = Trainer(library.exercises[name], library, strictness=strictness)
            lines += [f"# {name}, {strictness}", *tell(play(trainer, (whole[i] for i in range(len(whole.t))))), ""]
    return "\n".join(lines)


@pytest.mark.parametrize("clip", CLIPS)
def test_a_recorded_body_is_judged_as_before(clip: str, library: Library) -> None:
    path = DATA / "goldens" / f"{clip}.txt"
    found = golden_of(clip, library)
    if os.environ.get("POSECHECK_WRITE_GOLDENS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found.splitlines() == path.read_text(encoding="utf-8").splitlines()


def test_the_recordings_say_what_the_clips_show(library: Library) -> None:
    goldens = {clip: (DATA / "goldens" / f"{clip}.txt").read_text(encoding="utf-8") for clip in CLIPS}

    def part(clip: str, title: str) -> str:
        return goldens[clip].split(f"# {title}\n")[1].split("\n\n")[0]

    good = part("downdog", "downward_dog, gentle")
    assert "entered" in good
    assert "cue" not in good
    assert "faults" not in good
    assert "cue back_rounded" in part("downdog_bad", "downward_dog, gentle")
    assert "cycles 1" in part("catcow", "cat, gentle")
    for clip, name in (
        ("downdog", "twist"),
        ("catcow", "twist"),
        ("catcow", "downward_dog"),
        ("downdog_bad", "twist"),
    ):
        assert "entered" not in part(clip, f"{name}, gentle")
