"""The practice page: choose, set up once, and then never touch the keyboard again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

import streamlit as st

from posecheck import folders, models
from posecheck.errors import ModelMissingError
from posecheck.landmarker import Landmarker
from posecheck.library import Library
from posecheck.live import LiveProcessor
from posecheck.session import Practice, Settings, Snapshot
from posecheck.spec import Exercise, Strictness
from posecheck.ui import camera, figures, frame
from posecheck.ui.clip import samples_of
from posecheck.ui.frame import escape, notice
from posecheck.ui.speaker import Spoken, VoiceMode, speak
from posecheck.ui.surface import show_cue, show_side
from posecheck.ui.view import Words, dose, sayings, view_cue, view_side

LOOK_EVERY_S = 0.25
SLOW_TO_CONNECT_S = 12.0
_DEFAULTS: dict[str, Any] = {
    "wanted": False,
    "attempt": 0,
    "clip": None,
    "paused": False,
    "skip": False,
    "strictness": "gentle",
    "voice": "on",
    "trouble": None,
    "model": None,
}
_TROUBLES = ("ended", "refused", "missing", "busy", "unsafe")


def page() -> None:
    """Show the practice page."""
    library, words = frame.library(), frame.words()
    state = st.session_state
    for name, value in _DEFAULTS.items():
        state.setdefault(name, value)
    if state.get("exercise") not in library.exercises:
        state.exercise = next(iter(library.exercises))
    exercise = library.exercises[state.exercise]

    with st.container(key="stage"):
        seen = camera.live_camera(
            "live",
            attempt=state.attempt,
            wanted=state.wanted,
            clip=state.clip,
            make_processor=_processor_maker(exercise, library, _settings(), state.model, words.language),
        )
        if seen.status in _TROUBLES:
            state.wanted, state.trouble = False, seen.status
            st.rerun()
        if state.wanted:
            with st.container(key="live"):
                _practise(exercise, library, words, seen)
    if not state.wanted:
        _choose(exercise, library, words)


def _settings() -> Settings:
    state = st.session_state
    return Settings(cast(Strictness, state.strictness), paused=state.paused, skip_setup=state.skip)


def _processor_maker(
    exercise: Exercise, library: Library, settings: Settings, model: Path | None, language: str
) -> camera.MakeProcessor:
    def make() -> LiveProcessor:
        def open_landmarker() -> Landmarker:
            path, limits = model or models.obtain_model(), library.coaching.tracking
            return Landmarker(path, limits=limits, silhouette=exercise.needs_silhouette)

        return LiveProcessor(Practice(exercise, library, settings, language=language), open_landmarker)

    return make


# --- choosing -----------------------------------------------------------------------------------------------


def _choose(exercise: Exercise, library: Library, words: Words) -> None:
    state = st.session_state
    with st.container(key="head", horizontal=True, horizontal_alignment="distribute"):
        st.html('<div class="pc-name">posecheck</div>', width="content")
        _show_settings(words)
    st.html(f"<h1>{escape(words('page_title'))}</h1><p class='pc-soft'>{escape(words('page_lead'))}</p>")
    _show_trouble(words)
    with st.container(key="cards"):
        for other in library.exercises.values():
            _show_card(other, words, chosen=other.id == exercise.id)
    with st.container(key="placement"):
        st.html(_placement(exercise, words))
        with st.container(key="go"):
            if _model_is_here(words):
                _show_start(exercise, words)
        care = "".join(f"<li>{escape(words.of(line))}</li>" for line in exercise.safety)
        st.html(f'<div class="pc-care"><b>{escape(words("care_title"))}</b><ul>{care}</ul></div>')
    st.html(f"<p class='pc-soft'>{escape(words('page_private'))}</p>")
    told: list[Spoken] = []
    if state.trouble == "ended":
        told.append({"id": f"ended-{state.attempt}", "text": words("camera_ended"), "chime": None, "rank": 3})
    speak(told, voice=cast(VoiceMode, state.voice), lang=words.language)


def _show_card(exercise: Exercise, words: Words, *, chosen: bool) -> None:
    name, summary = words.of(exercise.name), words.of(exercise.summary)
    drawing = figures.draw_figure(exercise.id)
    with st.container(key=f"card-{exercise.id}"):
        st.html(
            f'<div class="pc-card"><img alt="" src="{drawing}"><div><h2>{escape(name)}</h2>'
            f"<p>{escape(summary)}</p><p class='pc-soft'>{escape(dose(exercise, words))}</p></div></div>"
        )
        st.button(
            name,
            key=f"choose-{exercise.id}",
            type="primary" if chosen else "secondary",
            on_click=st.session_state.update,
            kwargs={"exercise": exercise.id, "trouble": None},
        )


def _show_start(exercise: Exercise, words: Words) -> None:
    st.button(words("start"), key="start", type="primary", on_click=_start)
    st.html(f"<p class='pc-soft'>{escape(words('start_hint'))}</p>")
    names = ("sample", "sample_fault")
    for clip, name in zip(samples_of(exercise.id, folders.samples_folder()), names, strict=False):
        st.button(words(name), key=name, type="tertiary", on_click=_start, args=(clip,))


def _show_settings(words: Words) -> None:
    with st.popover(words("settings"), type="tertiary"):
        _show_voice(words)
        chosen = st.segmented_control(
            words("strictness"),
            ("gentle", "standard"),
            default=st.session_state.strictness,
            format_func=lambda name: words(f"strictness_{name}"),
            key="strictness-choice",
        )
        st.session_state.strictness = chosen or st.session_state.strictness


def _show_voice(words: Words, *, label: bool = True) -> None:
    chosen = st.segmented_control(
        words("voice"),
        ("on", "quiet", "mute"),
        default=st.session_state.voice,
        format_func=lambda name: words(f"voice_{name}"),
        key="voice-choice",
        label_visibility="visible" if label else "collapsed",
    )
    st.session_state.voice = chosen or st.session_state.voice


def _start(clip: Path | None = None) -> None:
    st.session_state.update(
        wanted=True,
        clip=clip,
        attempt=st.session_state.attempt + 1,
        since=time.monotonic(),
        paused=False,
        skip=False,
        trouble=None,
    )


def _stop() -> None:
    st.session_state.update(wanted=False, paused=False, skip=False)


def _placement(exercise: Exercise, words: Words) -> str:
    view = "front" if exercise.views[0] == "front" else "side"
    drawings = (
        (figures.draw_from_above(view, words("placement_distance")), words("placement_above")),
        (figures.draw_from_beside(exercise.id, words(f"placement_height_{view}")), words("placement_level")),
    )
    shown = "".join(
        f'<figure><img alt="" src="{src}"><figcaption>{escape(caption)}</figcaption></figure>'
        for src, caption in drawings
    )
    return (
        f'<div class="pc-placement">{shown}<div><h2>{escape(words(f"placement_{view}"))}</h2>'
        f"<p>{escape(words.of(exercise.framing.camera))}</p></div></div>"
    )


# --- what may stand in the way ------------------------------------------------------------------------------


def _show_trouble(words: Words) -> None:
    trouble = st.session_state.trouble
    if trouble in _TROUBLES:
        notice(words(f"camera_{trouble}"), words(f"camera_{trouble}_next"))


def _model_is_here(words: Words) -> bool:
    """Return whether there is a model; else show what is missing and how it comes here."""
    state = st.session_state
    try:
        state.model = state.model or models.find_model()
    except ModelMissingError as e:
        notice(e.message, e.hint)
        return False
    if state.model:
        return True
    notice(words("model_missing"), words("model_missing_next"))
    if st.button(words("model_fetch"), key="fetch-model", type="primary"):
        bar = st.progress(0.0)

        def show(share: float, text: str) -> None:
            bar.progress(min(max(share, 0.0), 1.0), text)

        try:
            state.model = models.obtain_model(show)
        except ModelMissingError as e:
            bar.empty()
            notice(e.message, e.hint)
            return False
        st.rerun()
    return False


# --- practising ---------------------------------------------------------------------------------------------


@st.fragment(run_every=LOOK_EVERY_S)
def _practise(exercise: Exercise, library: Library, words: Words, seen: camera.Camera) -> None:
    state = st.session_state
    processor = seen.processor
    snapshot = Snapshot()
    told: list[Spoken] = []
    if processor is not None:
        processor.update(_settings())
        snapshot = processor.snapshot()
        told = sayings(snapshot, f"{id(processor):x}")
    with st.container(key="cue"):
        show_cue(view_cue(snapshot, exercise, words, _waiting(words, seen)))
    with st.container(key="side"):
        note = "" if state.get("voiceless") is not True or state.voice == "mute" else words("voice_none")
        show_side(view_side(snapshot, exercise, words, library.coaching.slow_below_fps, note))
    with st.container(key="controls", horizontal=True):
        _show_controls(snapshot, words)
    speak(told, voice=cast(VoiceMode, state.voice), lang=words.language)


def _waiting(words: Words, seen: camera.Camera) -> str:
    if seen.status == "asking":
        return words("camera_asking")
    if time.monotonic() - st.session_state.since > SLOW_TO_CONNECT_S:
        return f"{words('camera_slow')} {words('camera_slow_next')}"
    return words("sample_opening" if st.session_state.clip else "camera_connecting")


def _show_controls(snapshot: Snapshot, words: Words) -> None:
    state = st.session_state
    if snapshot.stage == "setup" and not state.skip:
        st.button(words("skip_setup"), key="skip-setup", on_click=state.update, kwargs={"skip": True})
    elif snapshot.stage != "finished":
        label = words("go_on" if state.paused else "pause")
        st.button(label, key="pause", on_click=state.update, kwargs={"paused": not state.paused})
    _show_voice(words, label=False)
    if st.button(words("change_exercise" if snapshot.stage == "finished" else "stop"), key="stop"):
        _stop()
        st.rerun()
