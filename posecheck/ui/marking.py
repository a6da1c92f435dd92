"""Calling a correction wrong: the seconds before it are kept as landmarks, and help to tune the bands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from posecheck import folders
from posecheck.errors import PosecheckError
from posecheck.recent import Corrections, Given, keep_marked
from posecheck.ui import frame
from posecheck.ui.frame import escape, notice
from posecheck.ui.view import Words


def ask_about(corrections: Corrections | None, words: Words) -> None:
    """After a practice, list the corrections that were given; one tap says that one was wrong."""
    said = st.session_state.pop("marked", None)
    if said:
        st.html(f'<p role="status">{escape(said)}</p>')
    given = corrections.given() if corrections else ()
    if not given:
        return
    assert corrections is not None
    with st.expander(words("marking_title")):
        st.html(f"<p class='pc-soft'>{escape(words('marking_hint'))}</p>")
        _show(corrections, given, words)


def _show(corrections: Corrections, given: Sequence[Given], words: Words) -> None:
    exercises = frame.library().exercises
    for i, one in enumerate(given):
        check = next((c for c in exercises[one.exercise].checks if c.id == one.check), None)
        if check is None:
            continue
        with st.container(key=f"marking-{i}", horizontal=True):
            st.html(f"<p>{escape(words.of(check.say))}</p>")
            if st.button(words("marking_wrong"), key=f"mark-{one.exercise}-{one.check}"):
                _keep(corrections, one, words)


def keep_seconds(one: Given) -> None:
    """Keep the seconds before a correction that was wrong, as landmarks.

    Raises:
        OutputError: where they cannot be written.
    """
    assert one.pose is not None
    keep_marked(one.pose, one.exercise, one.check, folders.recordings_folder(), datetime.now())


def _keep(corrections: Corrections, one: Given, words: Words) -> None:
    try:
        keep_seconds(one)
    except PosecheckError as e:
        notice(e.message, e.hint)
        return
    corrections.drop(one)
    st.session_state.marked = words("marking_kept")
    st.rerun()
