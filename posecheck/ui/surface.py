"""What she sees while she practises: the one sentence, and the ring or the set-up beside the picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
_surface = st.components.v2.component(
    "posecheck.surface",
    css=(_HERE / "surface.css").read_text("utf-8"),
    js=(_HERE / "surface.js").read_text("utf-8"),
)


def show_cue(view: Mapping[str, Any]) -> None:
    """Show the one sentence; ``view`` as from ``view.view_cue``."""
    _surface(key="surface-cue", data={"kind": "cue", **view})


def show_side(view: Mapping[str, Any]) -> None:
    """Show ring, count or set-up; ``view`` as from ``view.view_side``."""
    _surface(key="surface-side", data={"kind": "side", **view})


def show_breath(view: Mapping[str, Any]) -> str | None:
    """Show the breath line; ``view`` as from ``view.view_breath``.

    Returns:
        What a key that was just pressed asks for: ``pause`` or ``skip``.
    """
    result = _surface(key="surface-breath", data={"kind": "breath", **view}, on_key_change=lambda: None)
    return result.key or None
