"""The page she opens: one thing proposed, with why and how long, after a short look at how she is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from posecheck import folders
from posecheck.diary import Answers, PastSession
from posecheck.progression import LeftOut, Proposal, ProposedItem
from posecheck.screening import Verdict, questions
from posecheck.ui import figures, frame, person
from posecheck.ui.after import ask_after, hurts_more, show_told
from posecheck.ui.clip import samples_of
from posecheck.ui.frame import escape
from posecheck.ui.questions import ask
from posecheck.ui.recording import ask_consent
from posecheck.ui.resume import LOOK_FOR_END_S, begin, elsewhere, offer_the_rest, proposed
from posecheck.ui.settings import choose_language
from posecheck.ui.view import Words, hold_dose, needs

_TOUR_EXERCISE = "downward_dog"
_STEPS = ("tour", "greeted", "answered", "ask_again", "proposal")
"""What she has done on this page that puts something else in its place, in the session's state."""


def page() -> None:
    """Show the page for where she is: first run, tour, check-in, rest, or what is proposed."""
    words = frame.words()
    state = st.session_state
    if state.get("tour"):
        _show_tour(words)
    elif person.profile() is None and not state.get("greeted"):
        _welcome(words)
    elif asked := _open_questions():
        _get_to_know(asked, words)
    else:
        _today(words)
    frame.begin_at_top(" ".join(str(state.get(name)) for name in _STEPS))


def _today(words: Words) -> None:
    verdict = person.verdict()
    resting = verdict.colour == "red" and not st.session_state.get("ask_again")
    if not resting:
        with st.container(key="greeting"):
            st.html(f"<h1>{escape(_greeting(words))}</h1>")
    show_told()
    other = elsewhere(person.sessions())
    if other is not None and st.session_state.get("here_anyway") != other:
        _wait_for_its_end(other, words)
        return
    last = _unanswered_session(person.sessions())
    if last is not None:
        ask_after(last, words)
    if resting:
        person.show_rest(verdict, words)
    elif st.session_state.get("ask_again"):
        _check_in(words)
    elif not _check_in_is_due(verdict):
        _propose(verdict, words)
    elif last is not None:
        pass  # how her back is now is asked once at a time
    elif _asks_today(verdict) or not _has_done_enough():
        _check_in(words)
    else:
        _rest_of_the_day(words)


@st.fragment(run_every=LOOK_FOR_END_S)
def _wait_for_its_end(session: str, words: Words) -> None:
    """Say that a practice goes on in another window, and go on here once it is over, or at her wish."""
    if elsewhere(person.sessions()) is None:
        st.rerun()
    frame.notice(words("elsewhere"), words("elsewhere_next"))
    if st.button(words("elsewhere_anyway"), key="here-anyway"):
        st.session_state.here_anyway = session
        st.rerun()


# --- the first run ---------------------------------------------------------------------------------------------


def _welcome(words: Words) -> None:
    st.html(
        f"<h1>{escape(words('welcome_title'))}</h1><p class='pc-lead'>{escape(words('welcome_lead'))}</p>"
        f"<p class='pc-soft'>{escape(words('welcome_private'))}</p>"
    )
    with st.container(key="welcome", horizontal=True):
        st.button(
            words("welcome_tour"),
            key="see-tour",
            type="primary",
            on_click=st.session_state.update,
            kwargs={"tour": True},
        )
        st.button(words("welcome_begin"), key="begin", on_click=st.session_state.update, kwargs={"greeted": True})
    choose_language(words)


def _show_tour(words: Words) -> None:
    steps = (
        (figures.draw_from_beside(_TOUR_EXERCISE, words("placement_height_side")), "tour_place"),
        (figures.draw_figure(_TOUR_EXERCISE), "tour_voice"),
        (figures.draw_figure("child"), "tour_pause"),
    )
    shown = "".join(
        f'<li><img alt="" src="{drawing}"><div><h2>{escape(words(f"{name}_title"))}</h2>'
        f"<p>{escape(words(name))}</p></div></li>"
        for drawing, name in steps
    )
    st.html(
        f"<h1>{escape(words('tour_title'))}</h1><ol class='pc-tour'>{shown}</ol>"
        f"<p class='pc-soft'>{escape(words('page_private'))}</p>"
    )
    clips = samples_of(_TOUR_EXERCISE, folders.samples_folder())
    if clips:
        st.html(f"<p class='pc-soft'>{escape(words('tour_watch_line'))}</p>")
    with st.container(key="welcome", horizontal=True):
        if clips and st.button(words("tour_watch"), key="watch", type="primary"):
            st.session_state.update(tour=False, tour_clip=_TOUR_EXERCISE)
            frame.go_to("practice")
        st.button(
            words("welcome_begin"),
            key="begin",
            on_click=st.session_state.update,
            kwargs={"tour": False, "greeted": True},
        )


def _open_questions() -> Sequence[str]:
    asked = {*person.verdict().missing, *person.asked_again()}
    return [q.id for q in questions(frame.library().safety, "first_run") if q.id in asked]


def _get_to_know(asked: Sequence[str], words: Words) -> None:
    known = person.profile()
    first = questions(frame.library().safety, "first_run")
    with st.container(key="asking"):
        partly = known is not None and len(asked) < len(first)
        st.html(
            f"<h1>{escape(words('know_title'))}</h1>"
            f"<p class='pc-soft'>{escape(words('know_open' if partly else 'know_lead'))}</p>"
        )
        name = (
            ""
            if known
            else st.text_input(words("know_name"), key="name", max_chars=40, placeholder=words("know_optional"))
        )
        before = person.answers()
        told = ask([q for q in first if q.id in asked], words, today=person.today(), told=before, key="know")
        if st.button(words("go_on"), key="save", type="primary"):
            if told or name.strip():
                _remember(told, name.strip() or words("somebody"))
            _leave_open([q.id for q in first if q.id in asked], told)
        _show_open(asked, told, words)
        st.html(f"<p class='pc-soft'>{escape(words('no_diagnosis'))} {escape(words('know_kept'))}</p>")


def _leave_open(asked: Sequence[str], told: Answers) -> None:
    """Look at the page again, with what was not answered still open."""
    state = st.session_state
    state.open = [name for name in asked if name not in told]
    if not state.open:
        state.answered = state.get("answered", 0) + 1
    st.rerun()


def _show_open(asked: Sequence[str], told: Answers, words: Words) -> None:
    """Name the questions that were left open when she last wished to go on."""
    still = [name for name in st.session_state.get("open", ()) if name in asked and name not in told]
    if still:
        said = " ".join(words(f"ask_{name}") for name in still)
        frame.notice(words("answers_open", count=len(still)), said)


def _remember(told: Answers, name: str = "") -> None:
    known = person.profile()
    if known is None:
        known = person.history().add_profile(name, st.session_state.get("pref_language", ""))
        person.be(known)
    person.history().save_answers(known.id, told, person.today())


# --- before a practice -----------------------------------------------------------------------------------------


def _asks_today(verdict: Verdict) -> bool:
    return bool({question.id for question in person.asked_today()} & {*verdict.missing})


def _check_in_is_due(verdict: Verdict) -> bool:
    if _asks_today(verdict):
        return True
    past = person.sessions()
    # What she said before an earlier practice of the day says nothing about now.
    return bool(past) and past[-1].day == person.today() and st.session_state.get("checked") != len(past)


def _has_done_enough() -> bool:
    """Return whether her last practice came to its end, was just asked after or left more pain: no more now."""
    last = person.sessions()[-1]
    over = last.outcome == "done" or last.id == st.session_state.get("later")
    return hurts_more(last) or (over and any(e.outcome != "skipped" for e in last.exercises))


def _rest_of_the_day(words: Words) -> None:
    """Let her go; another practice begins with how she is then."""
    st.html(
        f"<p class='pc-lead'>{escape(words('today_done'))}</p>"
        f"<p class='pc-soft'>{escape(words('today_done_next'))}</p>"
    )
    st.button(
        words("today_once_more"), key="once-more", on_click=st.session_state.update, kwargs={"ask_again": True}
    )


def _check_in(words: Words) -> None:
    asked = person.asked_today()
    with st.container(key="asking"):
        told = ask(asked, words, today=person.today(), told={}, key=f"now-{len(person.sessions())}")
        if st.button(words("go_on"), key="save", type="primary"):
            if len(told) == len(asked):
                st.session_state.update(checked=len(person.sessions()), ask_again=False)
            _remember(told)
            _leave_open([q.id for q in asked], told)
        _show_open([q.id for q in asked], told, words)
        st.html(f"<p class='pc-soft'>{escape(words('no_diagnosis'))}</p>")


# --- what is proposed ------------------------------------------------------------------------------------------


def _propose(verdict: Verdict, words: Words) -> None:
    proposals = proposed()
    _show_last_time(words)
    _show_care(verdict, words)
    offer_the_rest(proposals, words, "today")
    if not proposals:
        frame.notice(words("nothing_open"), words("nothing_open_next"))
        return
    chosen = st.session_state.get("proposal")
    best = next((proposal for proposal in proposals if proposal.programme == chosen), proposals[0])
    with st.container(key="proposal"):
        _show_proposal(best, words)
        with st.container(key="go"):
            if st.button(words("begin"), key="start", type="primary"):
                begin(best, "today")
            st.html(f"<p class='pc-soft'>{escape(words('start_hint'))}</p>")
    ask_consent(words, "today")
    others = [proposal for proposal in proposals if proposal is not best]
    if others:
        st.html(f"<h2>{escape(words('something_else'))}</h2>")
        with st.container(key="cards"):
            for other in others:
                _show_other(other, words)
    _show_left_out(best, words)


def _show_last_time(words: Words) -> None:
    """Recall what went well last time, and the one thing she was told for this time."""
    last = next((past for past in reversed(person.sessions()) if past.strength), None)
    if last is not None:
        said = " ".join(filter(None, (last.strength, last.next_time)))
        st.html(f'<p class="pc-last"><b>{escape(words("last_time"))}</b> {escape(said)}</p>')


def _show_proposal(proposal: Proposal, words: Words) -> None:
    programme = frame.library().programmes[proposal.programme]
    why = "".join(f"<li>{escape(words(because.phrase, **because.values))}</li>" for because in proposal.because)
    items = "".join(_item(item, words) for item in proposal.items)
    name, lasts = escape(words.of(programme.name)), escape(minutes(proposal, words))
    st.html(
        f'<div class="pc-proposal"><h2>{name}&nbsp;· <span class="pc-whole">{lasts}</span></h2>'
        f"<p>{escape(words.of(programme.summary))}{needs(programme, words)}</p>"
        f'<ul class="pc-why">{why}</ul><ol class="pc-items">{items}</ol></div>'
    )


def _item(item: ProposedItem, words: Words) -> str:
    exercise = frame.library().exercises[item.exercise]
    return (
        f'<li><img alt="" src="{figures.draw_figure(item.exercise)}"><b>{escape(words.of(exercise.name))}</b>'
        f'<span class="pc-soft">{escape(_dose(item, words))}</span></li>'
    )


def _dose(item: ProposedItem, words: Words) -> str:
    if item.lasts_s is not None:
        return words("dose_lasts", minutes=round(item.lasts_s / 60))
    if item.cycles is not None:
        return words("dose_cycles", count=item.cycles)
    return hold_dose(frame.library().exercises[item.exercise], item.hold_s or 0.0, item.times, words)


def minutes(proposal: Proposal, words: Words) -> str:
    """Return about how long it takes, in whole minutes."""
    return words("minutes", count=max(1, round(proposal.seconds / 60)))


def _show_other(proposal: Proposal, words: Words) -> None:
    programme = frame.library().programmes[proposal.programme]
    name = words.of(programme.name)
    with st.container(key=f"card-{proposal.programme}"):
        st.html(
            f"<h2>{escape(name)}</h2><p>{escape(words.of(programme.summary))}{needs(programme, words)}</p>"
            f"<p class='pc-soft'>{escape(minutes(proposal, words))}</p>"
        )
        st.button(
            name,
            key=f"propose-{proposal.programme}",
            on_click=st.session_state.update,
            kwargs={"proposal": proposal.programme},
        )


def _show_care(verdict: Verdict, words: Words) -> None:
    lines = [reason for reason in verdict.reasons if reason.colour == "amber"]
    if not lines:
        return
    said = "".join(
        f"<p>{escape(person.sentence(r, words))}{' ' + escape(words(r.contact)) if r.contact else ''}</p>"
        for r in lines
    )
    st.html(f'<div class="pc-notice" role="note"><b>{escape(words("care_today"))}</b>{said}</div>')
    st.html(person.draw_sources(lines, words))


def _show_left_out(proposal: Proposal, words: Words) -> None:
    if not proposal.left_out:
        return
    names = frame.library().exercises
    said = "".join(
        f"<li><b>{escape(words.of(names[out.exercise].name))}</b> {escape(' '.join(_why(out, words)))}</li>"
        for out in proposal.left_out
    )
    st.html(f'<details class="pc-soft"><summary>{escape(words("left_out"))}</summary><ul>{said}</ul></details>')


def _why(out: LeftOut, words: Words) -> list[str]:
    reasons = [person.sentence(reason, words) for reason in out.reasons]
    return reasons + [words(because.phrase, **because.values) for because in out.because]


def _greeting(words: Words) -> str:
    hour = datetime.now().astimezone().hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    known = person.profile()
    if known is None or person.is_nameless(known):
        return words(f"greet_{part}")
    return words(f"greet_{part}_name", name=known.name)


# --- after a practice ------------------------------------------------------------------------------------------


def _unanswered_session(past: Sequence[PastSession]) -> PastSession | None:
    if not past or past[-1].pain_after is not None or past[-1].id == st.session_state.get("later"):
        return None
    if elsewhere(past):  # it is not over yet
        return None
    ago = (datetime.now(UTC) - past[-1].started_at).total_seconds()
    recent = ago < frame.library().coaching.guide.asked_after
    return past[-1] if recent and past[-1].seconds > 0 else None
