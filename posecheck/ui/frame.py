"""What every page stands in: the look, the words, the row of pages, the sentence for what stands in the way."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import streamlit as st

from posecheck import folders
from posecheck.errors import DefinitionError
from posecheck.library import Library, load_library, with_own_bands
from posecheck.ui.language import chosen_language, tell_language
from posecheck.ui.view import Words

_STYLE = Path(__file__).with_name("style.css")


def show(pages: Mapping[str, Callable[[], None]]) -> None:
    """Show the page that the address names, the first one by default.

    Args:
        pages: The end of each page's address -> what shows it; its name is the phrase ``nav_<end>``.
    """
    st.html(_STYLE)
    try:
        says = words()
    except DefinitionError as e:
        _show_broken_definitions(e)
        return
    tell_language(says.language)
    places = {
        name: st.Page(page, title=f"{says(f'nav_{name}')} · posecheck", url_path=name, default=i == 0)
        for i, (name, page) in enumerate(pages.items())
    }
    st.session_state.places = places
    current = st.navigation([*places.values()], position="hidden")
    with st.container(key="nav", horizontal=True):
        for name, place in places.items():
            with st.container(key=f"nav-{name}{'-here' if place == current else ''}"):
                st.page_link(place, label=says(f"nav_{name}"))
    current.run()


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


def escape(text: str) -> str:
    """Return a sentence as it may stand in markup."""
    return html.escape(text)


def notice(message: str, hint: str = "") -> None:
    """Say what stands in the way, and what to do next."""
    st.html(f'<div class="pc-notice" role="alert"><b>{escape(message)}</b><p>{escape(hint)}</p></div>')


def _show_broken_definitions(error: DefinitionError) -> None:
    # Said in plain words here: the phrases themselves may be what is broken.
    notice(
        "The exercise files need a look before we can start.",
        "Run `posecheck check`, put right what it lists, then reload this page.",
    )
    st.html(f'<div class="pc-faults">{escape(error.message)}</div>')
