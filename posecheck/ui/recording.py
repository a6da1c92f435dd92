"""Recording a practice, as she sees it: the choice before, the light while it runs, the list afterwards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from posecheck import folders, recorded
from posecheck.errors import PosecheckError
from posecheck.recorded import Piece, RecordedPractice
from posecheck.recorder import Recorder, Recording
from posecheck.ui import frame, person
from posecheck.ui.frame import escape, notice
from posecheck.ui.speaker import Spoken
from posecheck.ui.view import Words

Choice = Literal["landmarks", "video"]

_MOST_PACKED = 1e9
"""Bytes of one download: it is made in memory."""


def folder() -> Path:
    """Return where the practices of whoever practises are kept; it need not exist."""
    known = person.profile()
    return recorded.of_person(known.id if known else None)


# --- before ---------------------------------------------------------------------------------------------------


def ask_consent(words: Words, page: str) -> None:
    """Offer to record the practice that is begun on this page; off unless she says so, each time anew."""
    choice: Choice | None = None
    with st.container(key="record"):
        with st.expander(words("record_title")):
            said = words("record_lead", place=folders.practices_folder())
            st.html(f"<p class='pc-soft'>{escape(said)}</p>")
            if st.checkbox(words("record_on"), key="record-on"):
                choice = "landmarks"
                if st.checkbox(words("record_video"), key="record-video"):
                    choice = "video"
                st.html(f"<p class='pc-soft'>{escape(words('record_video_lead'))}</p>")
        if choice:
            said = words("record_will_video" if choice == "video" else "record_will")
            st.html(f'<p class="pc-light" role="status"><i></i>{escape(said)}</p>')
    st.session_state.record = (page, choice)


def consent(page: str) -> Choice | None:
    """Return what she chose on a page for the practice that begins there; ``record`` is then set back to None."""
    chosen_on, choice = st.session_state.get("record") or (page, None)
    return choice if chosen_on == page else None


def recorder_maker(choice: Choice | None) -> Callable[[], Recorder | None]:
    """Return what makes the recorder of a connection, on another thread; it makes none without her consent."""
    if choice is None:
        return lambda: None
    parent, video = folder(), choice == "video"
    return lambda: Recorder(parent, datetime.now(), video=video)


# --- the light ------------------------------------------------------------------------------------------------


def show_light(recorder: Recorder | None, words: Words) -> list[Spoken]:
    """Show on the picture that it is being recorded, in a word and not by colour alone; return what to say."""
    if recorder is None:
        st.html("<span></span>")  # the same elements with and without: none of those after it changes its place
        return []
    state = recorder.state
    shown = words(f"light_{light(state)}")
    on = "" if state.trouble else " data-waits" if state.waits else " data-on"
    st.html(f'<p class="pc-light" role="status"{on}><i></i>{escape(shown)}</p>')
    said = "record_said_off" if state.trouble else "record_said"
    return [{"id": f"{said}-{id(recorder):x}", "text": words(said), "chime": None, "rank": 2}]


def light(state: Recording) -> str:
    """Return the end of the phrase that says how a recording stands."""
    return state.trouble or ("waits" if state.waits else "video" if state.video else "on")


# --- afterwards -----------------------------------------------------------------------------------------------


def show_kept(recorder: Recorder | None, words: Words) -> None:
    """Say after a practice what was kept of it, and let her delete it at once."""
    if recorder is None or recorder.folder is None:
        return
    with st.container(key="kept", horizontal=True):
        if not recorder.folder.exists():
            st.html(f'<p role="status">{escape(words("record_deleted"))}</p>')
            return
        state = recorder.state
        said = words("record_kept_video" if state.video else "record_kept", length=length(state.seconds, words))
        if state.trouble:
            said = f"{said} {words('record_said_off')}"
        st.html(f"<p>{escape(said)}</p>")
        if st.button(words("record_delete_now"), key="record-delete", type="tertiary"):
            recorder.finish()
            _delete(recorder.folder)


def length(seconds: float, words: Words) -> str:
    """Return a length of time in minutes and seconds."""
    return words("record_length", minutes=int(seconds) // 60, seconds=int(seconds) % 60)


# --- the list -------------------------------------------------------------------------------------------------


def show_recordings(words: Words) -> None:
    """Show what she recorded, each practice to be looked at, saved and deleted."""
    found = recorded.practices(folder())
    marked = [path for path in folders.recordings_folder().glob("*/*.npz") if not path.name.startswith(".")]
    if not found and not marked:
        st.html(f"<p class='pc-soft'>{escape(words('recordings_none'))}</p>")
    for practice in found:
        name = practice.folder.name
        with st.container(key=f"recorded-{name}"):
            st.html(f"<p>{escape(_line(practice, words))}</p>")
            with st.container(key=f"recorded-do-{name}", horizontal=True):
                if st.button(words("recordings_look"), key=f"look-{name}"):
                    st.session_state.update({"replay-kind": "own", "replay-own": _source(practice.pieces[0])})
                    frame.go_to("replay")
                st.download_button(
                    words("recordings_save"), _packed({name: practice.folder}), f"{name}.zip", "application/zip",
                    key=f"save-{name}", on_click="ignore",
                )  # fmt: skip
                if st.button(words("recordings_delete"), key=f"delete-{name}", type="tertiary"):
                    _delete(practice.folder)
    if marked:
        with st.container(key="recorded-marked", horizontal=True):
            st.html(f"<p>{escape(words('recordings_marked', count=len(marked)))}</p>")
            if st.button(words("recordings_delete"), key="delete-marked", type="tertiary"):
                _delete(folders.recordings_folder())


def _line(practice: RecordedPractice, words: Words) -> str:
    names = dict.fromkeys(_name(piece.exercise, words) for piece in practice.pieces)
    seconds = sum(piece.seconds or 0.0 for piece in practice.pieces)
    pictured = any(piece.video for piece in practice.pieces)
    said = words(
        "recordings_line",
        day=words.day(practice.when.date()),
        time=f"{practice.when:%H:%M}",
        exercises=", ".join(names),
        length=length(seconds, words),
        size=practice.size,
    )
    return f"{said} · {words('recordings_video' if pictured else 'recordings_points')}"


def _name(exercise: str, words: Words) -> str:
    known = frame.library().exercises.get(exercise)
    return words.of(known.name) if known else exercise


def _delete(place: Path) -> None:
    try:
        recorded.delete(place)
    except PosecheckError as e:
        notice(e.message, e.hint)
    else:
        st.rerun()


def own_sources(words: Words) -> Iterator[tuple[Path, str, str]]:
    """Yield what she recorded, exercise by exercise: the file to look at, what to call it, and the exercise."""
    for practice in recorded.practices(folder()):
        for piece in practice.pieces:
            parts = [f"{words.day(practice.when.date())}, {practice.when:%H:%M}", _name(piece.exercise, words)]
            if piece.seconds is not None:
                parts.append(length(piece.seconds, words))
            parts.append(words("recordings_video" if piece.video else "recordings_points"))
            yield _source(piece), " · ".join(parts), piece.exercise


def _source(piece: Piece) -> Path:
    source = piece.video or piece.landmarks
    assert source is not None
    return source


# --- with everything else -------------------------------------------------------------------------------------


def pack_all(archive: zipfile.ZipFile) -> None:
    """Add all recordings to an archive, unless they are too many for one download; see ``show_too_large``."""
    if recorded.size_of(recorded.belongings()) <= _MOST_PACKED:
        recorded.pack(recorded.belongings(), archive)


def show_too_large(words: Words) -> None:
    """Say where the recordings are that do not fit into one download."""
    size = recorded.size_of(recorded.belongings())
    if size > _MOST_PACKED:
        said = words("data_large", size=size, place=folders.practices_folder())
        st.html(f"<p class='pc-soft'>{escape(said)}</p>")


def _packed(places: dict[str, Path]) -> Callable[[], bytes]:
    def make() -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            recorded.pack(places, archive)
        return out.getvalue()

    return make
