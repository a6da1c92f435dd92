"""What is proposed today, and the rest of a practice that broke off: offered wherever she finds herself then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from posecheck.diary import PastSession
from posecheck.progression import Proposal, suggest
from posecheck.routine import plan_of
from posecheck.ui import frame, person
from posecheck.ui.after import hurts_more
from posecheck.ui.frame import escape
from posecheck.ui.view import Words

LOOK_FOR_END_S = 3.0
"""Seconds between two looks whether the practice in another window is over."""


def proposed() -> Sequence[Proposal]:
    """Return what is proposed today, the best first."""
    library = frame.library()
    return suggest(
        library.programmes.values(),
        library.progression,
        library.safety,
        library.exercises,
        person.sessions(),
        person.verdict(),
        person.today(),
    )


def elsewhere(past: Sequence[PastSession]) -> str | None:
    """Return the key of her latest practice while it goes on in another window; None where it does not."""
    mine = st.session_state.get("writer")  # one that she has just left in this window is over for her
    if not past or not person.history().goes_on(past[-1].id) or (mine and mine.session_id == past[-1].id):
        return None
    return past[-1].id


def begin(proposal: Proposal, page: str, position: int = 0) -> None:
    """Leave a page for the practice page and begin there."""
    plan = plan_of(proposal, frame.library())
    st.session_state.update(plan=plan, position=position, closing=None, begin=page)
    frame.go_to("practice")


def offer_the_rest(proposals: Sequence[Proposal], words: Words, page: str) -> None:
    """Offer to go on where a practice broke off a short while ago: the page was closed, or somebody cried.

    Args:
        proposals: Today's.
        words: The page's sentences.
        page: On which it is offered; what she chose there about recording holds.
    """
    past = person.sessions()
    if not past or past[-1].outcome not in ("stopped", "broken") or elsewhere(past):
        return
    harmless = [word.id for word in frame.library().safety.stop if not word.eases]
    if hurts_more(past[-1]) or past[-1].stopped_for not in (None, *harmless):
        return
    proposal = next((p for p in proposals if p.programme == past[-1].programme), None)
    ago = (datetime.now(UTC) - past[-1].started_at).total_seconds()
    if proposal is None or ago > frame.library().coaching.guide.rest_offered:
        return
    today = [s for s in past if s.programme == proposal.programme and s.day == past[-1].day]
    done = {e.exercise for s in today for e in s.exercises if e.outcome not in ("stopped", "broken")}
    position = next((i for i, item in enumerate(proposal.items) if item.exercise not in done), 0)
    if not position:
        return
    library = frame.library()
    name = words.of(library.exercises[proposal.items[position].exercise].name)
    with st.container(key="rest-of-it", horizontal=True):
        st.html(
            f"<p>{escape(words('broke_off', programme=words.of(library.programmes[proposal.programme].name)))}</p>"
        )
        if st.button(words("again_from", exercise=name), key="go-on"):
            begin(proposal, page, position)
