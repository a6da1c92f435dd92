"""The router's work: the look, the row of pages, and what every page says first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import streamlit as st

from posecheck.commands.page import only_page
from posecheck.errors import DefinitionError, OwnBandsError, PosecheckError
from posecheck.files import put_aside
from posecheck.history import default_place
from posecheck.ui import frame, person
from posecheck.ui.frame import escape, notice
from posecheck.ui.language import tell_language
from posecheck.ui.view import Words

_STYLE = Path(__file__).with_name("style.css")


def show(pages: Mapping[str, Callable[[], None]]) -> None:
    """Show the page that the address names, the first one by default.

    Args:
        pages: The end of each page's address -> what shows it; its name is the phrase ``nav_<end>``.
    """
    st.html(_STYLE)
    try:
        person.profile()  # her language comes with her
        says = frame.words()
    except OwnBandsError as e:
        _show_faulty_bands(e)
        return
    except DefinitionError as e:
        _show_broken_definitions(e)
        return
    tell_language(says.language)
    try:
        _serve_alone(f"http://localhost:{st.get_option('server.port')}", default_place())
    except _OpenElsewhereError as e:
        _block(says("open_already"), says("open_already_next"))
        st.html(f'<p><a href="{escape(e.address)}">{escape(e.address)}</a></p>')
        return
    first = next(iter(pages))
    places = {
        # The first page lives under the bare address.
        name: st.Page(
            page,
            title=f"{says(f'nav_{name}')} · posecheck",
            url_path="" if name == first else name,
            default=name == first,
        )
        for name, page in pages.items()
    }
    st.session_state.places = places
    # And whoever types its name gets there as well.
    by_name = st.Page(lambda: frame.go_to(first), title=first, url_path=first, visibility="hidden")
    current = st.navigation([*places.values(), by_name], position="hidden")
    # A tab that had no page keeps what it was called then, until it is called something else.
    st.set_page_config(page_title=current.title)
    with st.container(key="nav", horizontal=True):
        st.html('<div class="pc-name">posecheck</div>')
        for name, place in places.items():
            with st.container(key=f"nav-{name}{'-here' if place == current else ''}"):
                st.page_link(place, label=says(f"nav_{name}"))
    _show_trouble(says)
    current.run()


class _OpenElsewhereError(Exception):
    """Another server shows the page of the same history."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@st.cache_resource(show_spinner=False)
def _serve_alone(address: str, place: str) -> ExitStack:
    """Be the only server of a history until this one ends, also where it was not ``posecheck`` that started it.

    Args:
        address: Ours; ``posecheck`` says the same of the server it starts.
        place: Of the history, by which the answer is kept.

    Raises:
        _OpenElsewhereError: where there is another one. That is not kept: whoever reloads the page asks anew.
    """
    with ExitStack() as held:
        other = held.enter_context(only_page(address))
        if other not in (None, address):
            raise _OpenElsewhereError(other)
        return held.pop_all()


def _show_trouble(words: Words) -> None:
    """Say what stands between her and her history, and what was put aside; everything else goes on."""
    aside = st.session_state.get("put_aside")
    if aside:
        notice(words("bands_aside"), words("bands_aside_next", where=", ".join(map(str, aside))))
        st.button(words("understood"), key="aside-understood", on_click=st.session_state.pop, args=("put_aside",))
    trouble = person.history().trouble
    if trouble is None:
        return
    notice(words(trouble.phrase, **trouble.values), words(f"{trouble.phrase}_next", **trouble.values))
    if trouble.waiting is None:
        st.button(words("understood"), key="understood", on_click=person.history().dismiss)


def _block(message: str, hint: str) -> None:
    """Say what stands in the way of every page; without one the tab would be called after Streamlit."""
    st.set_page_config(page_title="posecheck")
    notice(message, hint, heads=True)


def _show_faulty_bands(error: OwnBandsError) -> None:
    """Say what is wrong with her own bands, and offer to go on with the shipped ones."""
    words, count = frame.shipped_words(), len(error.files)
    tell_language(words.language)
    _block(words("bands_faulty"), words("bands_faulty_next", count=count))
    st.html(f"<p>{escape(words('bands_faults'))}</p>")
    _show_faults(error)
    if not st.button(words("bands_put_aside", count=count), key="put-aside", type="primary"):
        return
    try:
        st.session_state.put_aside = [put_aside(path, datetime.now().astimezone()) for path in error.files]
    except PosecheckError as e:
        notice(e.message, e.hint)
        return
    st.rerun()


def _show_faults(error: DefinitionError) -> None:
    st.html(f'<div class="pc-faults" lang="en">{escape(error.message)}</div>')


def _show_broken_definitions(error: DefinitionError) -> None:
    # Said in plain words here: the phrases themselves may be what is broken.
    _block(
        "The exercise files need a look before we can start.",
        "Run `posecheck check`, put right what it lists, then reload this page.",
    )
    _show_faults(error)
