"""The timeline of one recording, or of two laid over each other, in step with the videos beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import streamlit as st

from posecheck import timeline
from posecheck.timeline import Timeline
from posecheck.ui.view import Words

_HERE = Path(__file__).parent
_WORDS: Mapping[str, str] = {
    "slider": "timeline_slider",
    "play": "timeline_play",
    "pause": "timeline_pause",
    "nearer": "timeline_nearer",
    "farther": "timeline_farther",
    "unseen": "timeline_unseen",
    "entry": "timeline_entry",
    "move": "timeline_move",
    "key_good": "key_good",
    "key_cue": "key_cue",
    "key_unknown": "key_unknown",
}
_player = st.components.v2.component(
    "posecheck.timeline",
    css=(_HERE / "timeline.css").read_text("utf-8"),
    js=(_HERE / "timeline.js").read_text("utf-8"),
)


def show_player(
    timelines: Sequence[Timeline], videos: Sequence[str], words: Words, version: str, bands: Collection[str] = ()
) -> str | None:
    """Show timelines beside their videos.

    Args:
        timelines: One or two.
        videos: The key of the container that each one's video is in.
        words: The page's sentences.
        version: Changes with whatever is shown: what is shown already is not built again.
        bands: The checks whose lanes lead to where their bands are moved.

    Returns:
        The check whose band she has just asked for.
    """
    data = {
        "version": version,
        "timeline": timeline.describe(timelines),
        "videos": list(videos),
        "bands": list(bands),
        "words": {name: words(phrase) for name, phrase in _WORDS.items()},
    }
    result = _player(key="replay-player", data=data, on_band_change=lambda: None)
    return result.band or None
