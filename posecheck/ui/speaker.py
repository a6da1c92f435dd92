"""The voice of the page: one component that speaks in the browser and chimes, each thing exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypedDict

import streamlit as st

VoiceMode = Literal["on", "quiet", "mute"]


class Spoken(TypedDict):
    """One thing for the ear.

    Attributes:
        id: Different for everything ever said in this browser tab; what was said once is not said again.
        text: What to speak, or None for a chime alone.
        chime: ``start``, ``held`` or ``done``, or None.
        rank: A higher rank interrupts a lower one.
    """

    id: str
    text: str | None
    chime: str | None
    rank: int


_speaker = st.components.v2.component(
    "posecheck.speaker", js=Path(__file__).with_name("speaker.js").read_text("utf-8")
)


def speak(sayings: Sequence[Spoken], *, voice: VoiceMode, lang: str, rate: float) -> None:
    """Let the browser say what it has not said yet; ``quiet`` softly, ``mute`` not at all.

    ``voiceless`` in the session's state says whether the browser cannot speak the language, as far as it is known.
    A voice that is not on this computer counts as none: it would send every sentence away.
    """
    silent = bool(st.session_state.get("voiceless", False))
    data = {"sayings": list(sayings), "voice": voice, "lang": lang, "rate": rate, "silent": silent}
    result = _speaker(key="speaker", data=data, on_silent_change=lambda: None)
    st.session_state.voiceless = silent or bool(result.silent)
