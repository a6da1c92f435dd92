"""Settings: who practises, language, voice, how closely I look, her answers, and where everything is kept."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import streamlit as st

from posecheck import recorded
from posecheck.database import HistoryError
from posecheck.diary import Clearance, Profile
from posecheck.errors import PosecheckError
from posecheck.screening import questions
from posecheck.ui import frame, person, recording
from posecheck.ui.frame import escape, notice
from posecheck.ui.language import show_language_choice
from posecheck.ui.preferences import CHOICES, preferences
from posecheck.ui.questions import ask
from posecheck.ui.view import Words


def page() -> None:
    """Show the settings page."""
    words = frame.words()
    known = person.profile()
    st.html(f"<h1>{escape(words('nav_settings'))}</h1>")
    with st.container(key="settings"):
        with _part("who", words):
            _show_people(known, words)
        with _part("voice", words):
            choose_language(words)
            for name in ("voice", "rate", "talk"):
                _choose(name, words)
        with _part("looking", words):
            for name in ("strictness", "laptop"):
                _choose(name, words)
        if known is not None:
            with _part("about", words):
                _show_answers(known, words)
            with _part("professional", words):
                _show_clearances(known, words)
        with _part("recordings", words):
            recording.show_recordings(words)
        with _part("data", words):
            show_data(words)
        with _part("more", words):  # on a phone, where the row of pages is short
            for name in ("replay", "tune"):
                st.page_link(st.session_state.places[name], label=words(f"nav_{name}"))


def _part(name: str, words: Words) -> Any:
    box = st.container(key=f"part-{name}")
    box.html(f"<h2>{escape(words(f'settings_{name}'))}</h2>")
    return box


def choose_language(words: Words) -> None:
    """Offer the languages, and go on in the one she chooses."""
    show_language_choice(words, frame.library().languages, lambda code: person.prefer_always("language", code))


def _choose(name: str, words: Words) -> None:
    state, key = st.session_state, f"choose-{name}"
    state[key] = getattr(preferences(), name)

    def keep() -> None:
        if state[key] is not None:  # tapping what is chosen already changes nothing
            person.prefer_always(name, state[key])

    st.segmented_control(
        words(name), CHOICES[name], format_func=lambda choice: words(_label(name, choice)), key=key, on_change=keep
    )


def _label(name: str, choice: object) -> str:
    return f"{name}_{choice}".replace(".", "_")


# --- who -------------------------------------------------------------------------------------------------------


def _show_people(known: Profile | None, words: Words) -> None:
    state, people = st.session_state, person.history().profiles()
    if known is None:
        st.html(f"<p class='pc-soft'>{escape(words('who_nobody'))}</p>")
        return
    if len(people) > 1:
        key, by_id = "choose-person", {other.id: other for other in people}
        state[key] = known.id

        def change() -> None:
            if state[key] is not None:
                person.be(by_id[state[key]])

        st.segmented_control(
            words("who_now"),
            list(by_id),
            format_func=lambda name: person.called(by_id[name], words),
            key=key,
            on_change=change,
        )
    with st.container(key="name", horizontal=True, vertical_alignment="bottom"):
        called = person.called(known, words)
        name = st.text_input(words("who_name"), value=called, max_chars=40, key=f"name-{known.id}")
        if name.strip() and name.strip() != called:
            person.history().change_profile(replace(known, name=name.strip()))
            st.rerun()
    if state.get("adding"):
        added = st.text_input(words("who_new"), max_chars=40, key="new-name")
        if st.button(words("who_add_now"), key="add-now", disabled=not added.strip()):
            person.be(person.history().add_profile(added.strip(), known.language))
            state.adding = False
            frame.go_to("today")
    else:
        st.button(words("who_add"), key="add", type="tertiary", on_click=state.update, kwargs={"adding": True})


def _show_answers(known: Profile, words: Words) -> None:
    rules, told = frame.library().safety, person.answers()
    st.html(f"<p class='pc-soft'>{escape(words('about_lead'))}</p>")
    with st.expander(words("about_show")):
        answers = ask(questions(rules, "first_run"), words, today=person.today(), told=told, key="about")
        if answers != {name: told[name] for name in answers if name in told}:
            person.history().save_answers(known.id, answers, person.today())
    asked_today = any(q.id in told for q in person.asked_today())
    if asked_today and st.button(words("about_again"), key="answer-again"):
        st.session_state.ask_again = True
        frame.go_to("today")


def _show_clearances(known: Profile, words: Words) -> None:
    st.html(f"<p class='pc-soft'>{escape(words('professional_lead'))}</p>")
    names = frame.library().exercises
    for word in person.history().clearances(known.id):
        about = ", ".join(words.of(names[n].name) for n in word.exercises if n in names) if word.exercises else ""
        said = words("professional_yes_line" if word.allows else "professional_no_line", day=word.day, by=word.by)
        st.html(f"<p>{escape(said)} {escape(about)} <span class='pc-soft'>{escape(word.note)}</span></p>")
    with st.expander(words("professional_add")):
        by = st.text_input(words("professional_by"), max_chars=60, key="word-by")
        allows = st.segmented_control(
            words("professional_said"), (True, False), key="word-allows",
            format_func=lambda yes: words("professional_said_yes" if yes else "professional_said_no"),
        )  # fmt: skip
        about_ids = st.multiselect(
            words("professional_about"), list(names), format_func=lambda name: words.of(names[name].name),
            placeholder=words("professional_all"), key="word-about",
        )  # fmt: skip
        note = st.text_input(words("professional_note"), max_chars=200, key="word-note")
        if st.button(words("professional_keep"), key="word-keep", disabled=allows is None):
            exercises = tuple(about_ids) or None
            word = Clearance(person.today(), bool(allows), exercises, by.strip(), note.strip())
            person.history().add_clearance(known.id, word)
            st.rerun()


# --- data ------------------------------------------------------------------------------------------------------


def show_data(words: Words) -> None:
    """Show where everything is, with export and delete one click each."""
    history, known = person.history(), person.profile()
    st.html(
        f"<p class='pc-soft'>{escape(words('data_lead'))}</p><p class='pc-where'>{escape(history.where())}</p>"
    )
    with st.container(key="data", horizontal=True):
        st.download_button(
            words("data_json"),
            lambda: history.export_json(None),
            "posecheck.json",
            "application/json",
            key="export-json",
        )
        st.download_button(words("data_csv"), _tables, "posecheck.zip", "application/zip", key="export-csv")
    recording.show_too_large(words)
    with st.container(key="delete", horizontal=True):
        if known is not None and len(history.profiles()) > 1:
            _delete("person", words("delete_person", name=person.called(known, words)), words, known.id)
        _delete("all", words("delete_all"), words, None)


def _tables() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in person.history().export_csv(None).items():
            archive.writestr(name, text)
        recording.pack_all(archive)
    return out.getvalue()


def _delete(what: str, label: str, words: Words, profile_id: str | None) -> None:
    with st.popover(label, type="tertiary"):
        st.html(f"<p>{escape(words(f'delete_{what}_sure'))}</p>")
        if st.button(words("delete_yes"), key=f"delete-{what}", type="primary"):
            try:
                recorded.delete_belongings(profile_id)
                if profile_id is None:
                    person.history().delete_all()
                else:
                    person.history().delete_profile(profile_id)
            except HistoryError as e:
                notice(words(e.phrase, **e.values), words("delete_later"))
                return
            except PosecheckError as e:
                notice(e.message, e.hint)
                return
            person.forget()
            frame.go_to("today")
