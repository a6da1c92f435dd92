"""A page waits for its work: how far it is, how long it will take, a way to stop it, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

import streamlit as st

from posecheck.errors import PosecheckError
from posecheck.job import Job
from posecheck.ui.frame import escape
from posecheck.ui.view import Words

LOOK_EVERY_S = 0.4
T = TypeVar("T")
Trouble = tuple[str, str]
"""What stood in the way, and what to do next."""


class Waiting(Protocol[T]):
    """What a page that waits remembers.

    Attributes:
        job: Its work; None where there is none.
        trouble: What stood in the way of the last one.
    """

    job: Job[T] | None
    trouble: Trouble | None


@st.fragment(run_every=LOOK_EVERY_S)
def wait(state: Waiting[T], page: str, heading: str, take: Callable[[T], None], words: Words) -> None:
    """Show how far the work of a page is, until it has ended or she stops it.

    Args:
        state: Of the page; holds the work, and the trouble it met.
        page: What the page's phrases and keys begin with: ``<page>_cancelled`` is said where she stopped it,
            ``<page>_failed`` and ``<page>_failed_next`` after a defect of ours.
        heading: What is being done.
        take: Called with what came of it.
        words: The page's sentences.
    """
    job = state.job
    if job is None or job.ended:
        state.job = None
        ended = _outcome(job, words, f"{page}_failed")
        result, trouble = ended
        state.trouble = trouble or state.trouble
        if result is not None:
            take(result)
        st.rerun()
        return
    st.html(f"<h2>{escape(heading)}</h2>")
    st.progress(job.fraction or 0.0, time_left(job.left_s, words) or " ")
    if st.button(words("waiting_stop"), key=f"{page}-stop"):
        job.stop()
        state.job, state.trouble = None, (words(f"{page}_cancelled"), "")
        st.rerun()


def time_left(seconds: float | None, words: Words) -> str:
    """Return in words how long it will take; nothing where that is not known."""
    if seconds is None:
        return ""
    if seconds >= 90:
        return words("waiting_left", minutes=round(seconds / 60))
    return words("waiting_left_short", seconds=max(1, round(seconds)))


def _outcome(job: Job[T] | None, words: Words, failed: str) -> tuple[T | None, Trouble | None]:
    """Return the result of work that has ended, or the trouble it met; neither where it was stopped."""
    try:
        return (job.result() if job else None), None
    except PosecheckError as e:
        return None, (e.message, e.hint)
    except Exception:  # a defect of ours in the work's thread: without this the page would show a traceback
        logging.getLogger(__name__).exception("The work behind a page broke off")
        return None, (words(failed), words(f"{failed}_next"))
