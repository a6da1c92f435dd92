"""After a practice: "How is your back now?", later if she likes."""

from __future__ import annotations

import streamlit as st

from posecheck.diary import PastSession
from posecheck.screening import after_session
from posecheck.ui import frame, person
from posecheck.ui.frame import escape
from posecheck.ui.questions import ask_pain
from posecheck.ui.view import Words


def ask_after(session: PastSession, words: Words) -> None:
    """Ask how her back is after a practice, and keep the answer; "later" asks again at her next visit.

    Whichever she tapped, ``later`` in the session's state names the practice: nothing more is asked of her now.
    """
    state = st.session_state
    with st.container(key="after"):
        st.html(f"<p class='pc-soft'>{escape(words('after_lead'))}</p>")
        pain = ask_pain(words("after_pain"), words, key=f"after-{session.id}")
        with st.container(key="after-go", horizontal=True):
            if st.button(words("after_save"), key="after-save", type="primary", disabled=pain is None):
                person.history().set_pain_after(session.id, pain)
                state.later = session.id
                _say_kindly(session, pain, words)
                st.rerun()
            st.button(words("after_later"), key="after-later", on_click=state.update, kwargs={"later": session.id})


def _say_kindly(session: PastSession, pain: int | None, words: Words) -> None:
    reason = after_session(frame.library().safety, session.pain_before, pain)
    said = words(reason.phrase, **reason.values) if reason else words("after_thanks")
    st.session_state.told = said


def hurts_more(session: PastSession) -> bool:
    """Return whether it hurts clearly more after a practice, as far as she has said."""
    return after_session(frame.library().safety, session.pain_before, session.pain_after) is not None


def show_told() -> None:
    """Say once what the last answer leads to."""
    said = st.session_state.pop("told", None)
    if said:
        st.html(f'<p class="pc-told" role="status">{escape(said)}</p>')
