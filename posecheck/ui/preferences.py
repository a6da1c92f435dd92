"""What she has chosen about language, voice and care; kept in her profile, at hand in the page's state."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from posecheck.spec import Strictness
from posecheck.speech import Talk
from posecheck.ui.figures import LaptopSide
from posecheck.ui.speaker import VoiceMode


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the trainer behaves towards one person.

    Attributes:
        language: Code of a language, or empty: as the browser says.
        voice: Aloud, softly for a sleeping baby, or not at all.
        rate: How fast it speaks; 1 is the usual pace.
        talk: How much it says.
        strictness: How closely it looks.
        laptop: The side of hers on which the laptop stands, for views from the side.
    """

    language: str = ""
    voice: VoiceMode = "on"
    rate: float = 1.0
    talk: Talk = "full"
    strictness: Strictness = "gentle"
    laptop: LaptopSide = "any"


CHOICES: dict[str, tuple[Any, ...]] = {
    "voice": ("on", "quiet", "mute"),
    "rate": (0.8, 0.9, 1.0, 1.1, 1.2),
    "talk": ("full", "some", "little"),
    "strictness": ("gentle", "standard"),
    "laptop": ("any", "left", "right"),
}
"""What can be chosen for each; languages are those there are folders of."""


def preferences() -> Preferences:
    """Return what is chosen now."""
    chosen = {
        field.name: st.session_state.get(f"pref_{field.name}", field.default) for field in fields(Preferences)
    }
    return Preferences(**chosen)


def prefer(name: str, value: Any) -> None:
    """Choose something for the rest of the visit."""
    st.session_state[f"pref_{name}"] = value


def take_over(stored: dict[str, str]) -> None:
    """Choose what a profile remembers; what it does not, or what cannot be chosen any more, is as usual."""
    for field in fields(Preferences):
        value = _read(field.name, stored.get(field.name, ""))
        prefer(field.name, field.default if value is None else value)


def _read(name: str, text: str) -> Any:
    if name not in CHOICES:
        return text
    return next((choice for choice in CHOICES[name] if str(choice) == text), None)
