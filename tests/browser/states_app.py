"""The app with the practice page in a state of the address's choosing, ``?state=hold``: for tests to look at.

The camera's place is taken by a still picture, ``PRACTICE_PICTURE`` if that names one.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import streamlit as st

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bodies import FRAME, all_fours, dog  # noqa: E402

from posecheck.drawing import annotate_frame  # noqa: E402
from posecheck.folders import routines_folder  # noqa: E402
from posecheck.library import load_library  # noqa: E402
from posecheck.pose import Pose, nobody  # noqa: E402
from posecheck.programmes import Dose, with_dose  # noqa: E402
from posecheck.recent import Corrections  # noqa: E402
from posecheck.routine import Item, Plan, Session  # noqa: E402
from posecheck.session import Snapshot  # noqa: E402
from posecheck.ui import camera  # noqa: E402

FPS = 10
Stretch = tuple[Callable[..., Pose], float, dict[str, Any]]


def hidden_feet(t: float) -> Pose:
    return all_fours(t, hidden=["ankle"])


def empty(t: float) -> Pose:
    return nobody(t, FRAME)


BENT = {"elbow": 120.0}
STATES: dict[str, tuple[Stretch, ...]] = {
    "setup": ((hidden_feet, 3.0, {}),),
    "countdown": ((all_fours, 7.0, {}),),
    "hold": ((dog, 9.0, {}),),
    "cue": ((dog, 8.2, BENT),),
    "slow": ((dog, 8.2, BENT),),
    "rest": ((dog, 15.5, {}), (all_fours, 2.0, {})),
    "between": ((dog, 28.0, {}), (all_fours, 4.0, {}), (dog, 16.0, {}), (all_fours, 5.5, {})),
    "paused": ((dog, 9.0, {}),),
    "away": ((dog, 9.0, {}), (empty, 5.0, {})),
    "over": ((dog, 9.0, {}),),
}


@st.cache_resource
def state(name: str, language: str) -> tuple[Plan, Snapshot]:
    """Play a state once."""
    library = load_library(routines_folder())
    named = library.programmes["five_minutes"]
    doses = (
        with_dose(library.exercises["downward_dog"], Dose.model_validate({"hold": "10 s", "times": 2})),
        library.exercises["twist"],
    )
    plan = Plan(tuple(Item(exercise) for exercise in doses), named.id, named.name, introduce=False)
    return plan, play(name, plan, library, language)


def play(name: str, plan: Plan, library: Any, language: str) -> Snapshot:
    session, t, shown = Session(plan, library, language=language), 0.0, Snapshot()
    for body, seconds, shape in STATES[name]:
        for _ in range(round(seconds * FPS)):
            shown, t = session.push(body(t, **shape), 120.0), t + 1 / FPS
    if name == "paused":
        session.ask("pause")
        shown = session.push(dog(t), 120.0)
    if name == "over":
        shown = replace(session.stop(), over=True)
    return replace(shown, frames=100, frame_size=(640, 480), pace=15.0, slow=name == "slow")


class Processor:
    """Shows one snapshot."""

    arrived = 0
    recorder = None

    def __init__(self, shown: Snapshot) -> None:
        self.shown, self.corrections = shown, Corrections()

    def snapshot(self) -> Snapshot:
        return self.shown

    def update(self, *_: object) -> None:
        return

    ask = stop = update


@st.cache_data
def still() -> str:
    """Return the picture in the camera's place."""
    picture = os.environ.get("PRACTICE_PICTURE")
    if picture:
        return b64encode(Path(picture).read_bytes()).decode()
    drawn = annotate_frame(np.full((480, 640, 3), 140, np.uint8), dog(0.0))
    return b64encode(cv2.imencode(".png", drawn[..., ::-1])[1].tobytes()).decode()


def still_camera(key: str, *, wanted: bool, **_: object) -> camera.Camera:
    with st.container(key="picture"):
        if wanted:
            st.html(f'<img alt="" style="display: block; width: 100%" src="data:image/png;base64,{still()}">')
    st.container(key="probe")
    shown = st.session_state.get("state_shown")
    return camera.Camera("playing", cast(Any, Processor(shown))) if wanted and shown else camera.Camera("idle")


name = st.query_params.get("state")
if name and st.session_state.get("state_name") != name:
    plan, shot = state(name, st.query_params.get("language", "en"))
    st.session_state.update(
        state_name=name, state_shown=shot, plan=plan, wanted=True, clip=None, attempt=1,
        since=time.monotonic(), position=0, reached=0, closing=None, trouble=None, begin=None,
    )  # fmt: skip
camera.live_camera = still_camera
runpy.run_path(str(HERE.parents[1] / "app.py"))
