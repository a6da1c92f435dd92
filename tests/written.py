"""Definition files written for a test, and the faults found in them."""

from __future__ import annotations

from pathlib import Path

from posecheck.definitions import validate_files

GOOD = """\
schema: posecheck/exercise@1
id: dog
name: {en: "Dog"}
summary: {en: "A triangle."}
framing:
  views: [side]
  camera: {en: "Beside the mat."}
  turn: {en: "Turn side-on, please."}
  show: [head, hands]
entry:
  all:
    - {measure: trunk_tilt, max: -20}
    - {measure: hip_angle, min: 35, max: 135}
  enter_after: 0.5 s
  exit_after: 1 s
  say: {en: "Lift your hips."}
  source: "own"
hold: {target: 8 s, times: 2, grace: 1 s, resume_within: 20 s}
steps:
  start: {en: "Begin."}
  during: {en: "Breathe."}
  done: {en: "Rest."}
checks:
  - id: knees_bent
    priority: 2
    persist: 1 s
    limits:
      - {measure: knee_angle, min: {good: 160, ok: 150, cue: 145}}
    say: {en: "Longer legs."}
    source: "own"
  - id: back_rounded
    priority: 1
    persist: 800 ms
    limits:
      - {measure: back_turn, max: {good: 25, ok: 35, cue: 40}}
    say: {en: "A long back."}
    source: "own"
safety:
  - {en: "Stop if it hurts."}
sources: {own: "ourselves"}
"""


def write(folder: Path, text: str | bytes, name: str = "dog.yaml") -> Path:
    """Write a file and return where it is."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(folder: Path, text: str | bytes, name: str = "dog.yaml") -> list[str]:
    """Return the faults of one file, without its folder."""
    path = write(folder, text, name)
    return [fault.replace(f"{folder}/", "") for fault in validate_files([path])]


def changed(old: str, new: str, text: str = GOOD) -> str:
    """Return a text with the first of what it says replaced."""
    assert old in text
    return text.replace(old, new, 1)
