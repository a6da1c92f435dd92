"""The browser's camera as a stream through a LiveProcessor; the only file that knows streamlit-webrtc."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import streamlit as st
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from posecheck.live import LiveProcessor
from posecheck.ui.clip import ClipPlayer

Status = Literal["idle", "asking", "connecting", "playing", "ended", "refused", "missing", "busy", "unsafe"]

MakeProcessor = Callable[[], LiveProcessor]

CONSTRAINTS: dict[str, Any] = {
    # 15 pictures a second are enough to coach by and leave the computer room to judge each of them.
    "video": {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 15, "max": 30}},
    "audio": False,
}
_PICTURE = {
    "autoPlay": True,
    "controls": False,
    "muted": True,
    # A mirror for her, by style alone: what is judged is never mirrored.
    "style": {
        "position": "fixed",
        "inset": "0",
        "width": "100%",
        "height": "100%",
        "objectFit": "contain",
        "transform": "scaleX(-1)",
    },
}
_probe = st.components.v2.component("posecheck.probe", js=Path(__file__).with_name("probe.js").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Camera:
    """The stream as of this run of the page.

    Attributes:
        status: ``asking``: the browser asks her for leave; ``ended``: it played and stopped by itself;
            ``refused``, ``missing``, ``busy`` (another program has it), ``unsafe`` (the browser gives this
            address none): why there is no picture.
        processor: Of the present connection, once there is one.
    """

    status: Status
    processor: LiveProcessor | None = None


def live_camera(
    key: str, *, attempt: int, wanted: bool, clip: Path | None, make_processor: MakeProcessor
) -> Camera:
    """Show the stream's picture here and return its state; the one seam between the pages and WebRTC.

    Always call it at the same place of a page, wanted or not: the connection belongs to the place. The first call
    must come with ``wanted=False``: a stream wanted from the start opens several connections that race.

    Args:
        key: Of the stream in the session.
        attempt: Counts her presses of START; asks the browser anew for each.
        wanted: Whether it should play.
        clip: Play this file instead of the camera.
        make_processor: Makes the processor of a connection, on another thread.
    """
    # Both containers in every run: a stream that changes its place among the elements is torn down.
    picture, probe = st.container(key="picture"), st.container(key="probe")
    with probe:
        answer = "ready" if clip or not wanted else _ask(key, attempt)
    with picture:
        context = webrtc_streamer(
            key=key,
            mode=WebRtcMode.RECVONLY if clip else WebRtcMode.SENDRECV,
            rtc_configuration={"iceServers": []},
            media_stream_constraints=CONSTRAINTS,
            desired_playing_state=wanted and answer == "ready",
            # Any: the library's own types ask for its base classes, its code for the methods alone.
            player_factory=cast(Any, (lambda: ClipPlayer(clip)) if clip else None),
            video_processor_factory=cast(Any, make_processor),
            async_processing=True,
            sendback_audio=False,
            video_html_attrs=_PICTURE,
            media_toggle_controls=False,
        )
    played = st.session_state.setdefault(f"{key}-played", set())
    if not wanted:
        return Camera("idle")
    if answer != "ready":
        return Camera(answer)
    if context.state.playing:
        played.add(attempt)
        return Camera("playing", context.video_processor)
    if attempt in played and not context.state.signalling:
        return Camera("ended")
    return Camera("connecting", context.video_processor)


def _ask(key: str, attempt: int) -> Status | Literal["ready"]:
    """Return what came of asking the browser for the camera in this attempt."""
    data = {"attempt": attempt, "constraints": CONSTRAINTS}
    result = _probe(key=f"{key}-probe", data=data, on_answer_change=lambda: None)
    answer = result.answer
    if not answer or answer["attempt"] != attempt:
        return "asking"
    word: Status | Literal["ready"] = answer["word"]
    return word
