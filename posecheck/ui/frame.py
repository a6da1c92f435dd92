"""What every page has at hand: the definitions, the words, other pages, the sentence for what is in the way."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from pathlib import Path

import streamlit as st

from posecheck import folders
from posecheck.library import Library, load_library, with_own_bands
from posecheck.ui.language import chosen_language
from posecheck.ui.view import Words

_top = st.components.v2.component("posecheck.top", js=Path(__file__).with_name("top.js").read_text("utf-8"))


def begin_at_top(step: str) -> None:
    """Begin at the top of the page, for eyes and for screen readers, wherever ``step`` is new."""
    with st.container(key="top"):
        _top(key="page-top", data={"step": step})


def keep(*keys: str) -> None:
    """Keep what was chosen under these keys also while it is not shown."""
    for key in keys:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def go_to(name: str) -> None:
    """Leave for another page."""
    st.switch_page(st.session_state.places[name])


@st.cache_resource(show_spinner=False, max_entries=2)
def _library(folder: Path, bands: Path, changed: tuple[tuple[str, int], ...]) -> Library:
    return with_own_bands(load_library(folder), bands)


def library() -> Library:
    """Return the definitions with her own bands; a file that was changed is read again.

    Raises:
        DefinitionError: where they are faulty.
    """
    folder, bands = folders.routines_folder(), folders.own_bands_folder()
    return _library(folder, bands, _changes(folder, bands))


def _changes(*places: Path) -> tuple[tuple[str, int], ...]:
    """Return when each definition file in some folders was last changed."""
    files = [path for place in places for path in sorted(place.rglob("*.yaml"))]
    found = []
    for path in files:
        with suppress(OSError):  # gone meanwhile, as editors do while saving
            found.append((str(path), path.stat().st_mtime_ns))
    return tuple(found)


def words() -> Words:
    """Return the page's sentences in her language."""
    known = library()
    return Words(known, chosen_language(known.languages))


def shipped_words() -> Words:
    """Return the page's sentences where her own bands are faulty, which ``words`` would say."""
    known = load_library(folders.routines_folder())
    return Words(known, chosen_language(known.languages))


def escape(text: str) -> str:
    """Return a sentence as it may stand in markup, where a number keeps its % in its line."""
    return html.escape(re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text))


def notice(message: str, hint: str = "", *, heads: bool = False) -> None:
    """Say what stands in the way, and what to do next; it ``heads`` a page that shows little else."""
    tag = "h1" if heads else "b"
    st.html(f'<div class="pc-notice" role="alert"><{tag}>{escape(message)}</{tag}><p>{escape(hint)}</p></div>')
