"""Who practises, what she told about herself, and what may be done today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from posecheck.diary import Answers, PastSession, Profile
from posecheck.history import History, open_history
from posecheck.safety import Question
from posecheck.screening import Reason, Verdict, assess, daily, due_again
from posecheck.ui import frame
from posecheck.ui.frame import escape
from posecheck.ui.preferences import prefer, take_over
from posecheck.ui.view import Words

_HERS = (
    "profile", "greeted", "open", "told", "checked", "ask_again", "later", "here_anyway", "proposal", "plan",
    "position", "begin", "wanted", "closing", "stopped_for", "writer", "record", "recording", "recorder",
    "corrections", "replay", "tune",
)  # fmt: skip
"""What the pages remember of whoever practises."""


@st.cache_resource(show_spinner=False)
def history() -> History:
    """Return the history, one for all who open the page."""
    return open_history()


def today() -> date:
    """Return the day on her calendar."""
    return date.today()


def profile() -> Profile | None:
    """Return who practises, or None before the first has told about herself."""
    profiles = {known.id: known for known in history().profiles()}
    chosen = profiles.get(st.session_state.get("profile", ""))
    if chosen is None and profiles:
        chosen = max(profiles.values(), key=_last_seen)
        be(chosen)
    return chosen


def is_nameless(known: Profile) -> bool:
    """Return whether she gave no name, and stands as "Me" in the language the page had then."""
    library = frame.library()
    return known.name in {library.phrase("somebody", language) for language in library.languages}


def called(known: Profile, words: Words) -> str:
    """Return her name, or "Me" in the page's language where she gave none."""
    return words("somebody") if is_nameless(known) else known.name


def _last_seen(known: Profile) -> str:
    sessions = history().sessions(known.id)
    return sessions[-1].started_at.isoformat() if sessions else ""


def be(known: Profile) -> None:
    """Be this person from now on, with her own preferences."""
    if st.session_state.get("profile") is not None:  # somebody else's plan is not hers
        forget()
    st.session_state.profile = known.id
    take_over({**history().preferences(known.id), "language": known.language})


def forget() -> None:
    """Let this visit know nothing more of whoever practised: what she chose, broke off, recorded and looked at."""
    for name in _HERS:
        st.session_state.pop(name, None)


def prefer_always(name: str, value: object) -> None:
    """Choose something now, and for whoever practises from now on."""
    prefer(name, value)
    known = profile()
    if known is not None and name == "language":
        history().change_profile(replace(known, language=str(value)))
    elif known is not None:
        history().save_preferences(known.id, {name: str(value)})


def sessions() -> Sequence[PastSession]:
    """Return her practices, oldest first."""
    known = profile()
    return history().sessions(known.id) if known else ()


def asked_today() -> tuple[Question, ...]:
    """Return the questions of today's short check."""
    known, rules = profile(), frame.library().safety
    told = history().answers(known.id, today(), ()) if known else {}
    return daily(rules, told, practised=bool(sessions()))


def answers() -> Answers:
    """Return what she told about herself, and today about today."""
    known = profile()
    if known is None:
        return {}
    return history().answers(known.id, today(), {question.id for question in asked_today()})


def asked_again() -> tuple[str, ...]:
    """Return the questions about herself whose answers may have changed for the better."""
    known, rules = profile(), frame.library().safety
    if known is None:
        return ()
    given = history().answered(known.id, today())
    return tuple(question.id for question in due_again(rules, answers(), given, today()))


def verdict() -> Verdict:
    """Return what her answers say about today."""
    library, known = frame.library(), profile()
    clearances = history().clearances(known.id) if known else ()
    return assess(library.safety, answers(), library.exercises, today(), clearances)


def admit(words: Words) -> bool:
    """Return whether exercises may be offered today at all; where not, show why and what to do next."""
    found = verdict()
    if found.colour == "red":
        show_rest(found, words)
        return False
    if not found.missing:
        return True
    frame.notice(words("gate_check_in"), words("gate_check_in_next"), heads=True)
    if st.button(words("gate_answer"), key="answer", type="primary"):
        frame.go_to("today")
    return False


def gate(exercises: Sequence[str], words: Words) -> bool:
    """Return whether all these exercises may be done today; where not, show why."""
    found, names = verdict(), frame.library().exercises
    for lock in (found.locked[name] for name in exercises if name in found.locked):
        title = words("gate_locked", exercise=words.of(names[lock.exercise].name))
        frame.notice(title, " ".join(sentence(reason, words) for reason in lock.reasons))
    return found.colour != "red" and all(found.may(name) for name in exercises)


def show_rest(found: Verdict, words: Words) -> None:
    """Show the calm page of a red day: rest, and whom to turn to; nothing on it leads to an exercise."""
    lines = [reason for reason in found.reasons if reason.colour == "red"]
    said = "".join(
        f"<li><b>{escape(sentence(reason, words))}</b>"
        + (f"<p>{escape(words(reason.contact))}</p>" if reason.contact else "")
        + "</li>"
        for reason in lines
    )
    st.html(
        f'<section class="pc-rest" aria-labelledby="rest"><h1 id="rest">{escape(words("rest_title"))}</h1>'
        f"<p>{escape(words('rest_lead'))}</p><ul>{said}</ul>"
        f'<p class="pc-soft">{escape(words("rest_changed"))}</p>{draw_sources(lines, words)}</section>'
    )


def sentence(reason: Reason, words: Words) -> str:
    """Return a reason in her language."""
    return words(reason.phrase, **reason.values)


def draw_sources(reasons: Sequence[Reason], words: Words) -> str:
    """Return in markup, to be said quietly, what the reasons rest on."""
    rules = frame.library().safety
    cited = dict.fromkeys(text for reason in reasons for text in rules.cited(reason.source))
    if not cited:
        return ""
    said = "".join(f"<li>{escape(text)}</li>" for text in cited)
    return (
        f'<details class="pc-soft"><summary>{escape(words("sources"))}</summary>'
        f"<ul>{said}</ul><p>{escape(words('no_diagnosis'))}</p></details>"
    )
