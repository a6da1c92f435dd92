"""The practice page: what is chosen, START, and then never the keyboard again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from posecheck import folders, models
from posecheck.errors import ModelMissingError
from posecheck.history import Writer
from posecheck.landmarker import Landmarker
from posecheck.live import LiveProcessor
from posecheck.recorder import Recorder
from posecheck.routine import Command, Item, Plan, Session, plan_of
from posecheck.session import Problem, Snapshot, Wishes
from posecheck.spec import Exercise
from posecheck.ui import camera, figures, frame, person, recording
from posecheck.ui.after import ask_after, hurts_more, show_told
from posecheck.ui.clip import samples_of
from posecheck.ui.frame import escape, notice
from posecheck.ui.marking import ask_about, keep_seconds
from posecheck.ui.preferences import CHOICES, prefer, preferences
from posecheck.ui.resume import LOOK_FOR_END_S, elsewhere, offer_the_rest, proposed
from posecheck.ui.speaker import Spoken, speak
from posecheck.ui.surface import show_breath, show_cue, show_side
from posecheck.ui.view import Words, dose, needs, sayings, seen_from, view_breath, view_cue, view_side

LOOK_EVERY_S = 0.25
SLOW_TO_CONNECT_S = 12.0
_DEFAULTS: dict[str, Any] = {
    "wanted": False,
    "attempt": 0,
    "clip": None,
    "plan": None,
    "writer": None,
    "stopped_for": None,
    "position": 0,
    "reached": 0,
    "still": (0, 0.0, 0.0),
    "closing": None,
    "recording": None,
    "recorder": None,
    "trouble": None,
    "model": None,
}
_NO_WISH: dict[str, Any] = {"begin": None, "tour_clip": None, "record": None}
"""What is taken along to begin with, once it is fulfilled: the page she began on, a sample, a recording."""
_TROUBLES = ("ended", "refused", "missing", "busy", "unsafe")


def page() -> None:
    """Show the practice page: the plan that another page chose, or single exercises to choose from.

    Streamlit may break a run off at any look at the session's state, to run the page anew: a wish to begin that
    was taken along from another page is forgotten only once it is fulfilled, or cannot be.
    """
    words, state = frame.words(), st.session_state
    for name, value in {**_DEFAULTS, **_NO_WISH}.items():
        state.setdefault(name, value)
    if state.wanted:
        state.update(_NO_WISH)
    elif state.tour_clip:
        _show_sample_of(state.tour_clip)
    if not state.wanted and not state.closing and not person.admit(words):
        return
    plan = _plan()
    with st.container(key="stage"):
        seen = camera.live_camera(
            "live",
            attempt=state.attempt,
            wanted=state.wanted,
            clip=state.clip,
            make_processor=_processor_maker(plan, state.position, recording.recorder_maker(state.recording)),
        )
        if seen.status in _TROUBLES:
            state.update(wanted=False, trouble=seen.status, position=state.reached)
            st.rerun()
        if state.wanted:
            with st.container(key="live"):
                _practise(plan, words, seen)
    if state.wanted:
        return
    if state.begin:
        _begin_if_possible(plan, words)
    if state.closing:
        _close(state.closing, plan, words)
    else:
        _choose(plan, words)


def _show_sample_of(exercise: str) -> None:
    for clip in samples_of(exercise, folders.samples_folder())[:1]:
        st.session_state.update(plan=None, exercise=exercise, position=0)
        _start(clip)


def _plan() -> Plan:
    """Return what is to be done: as chosen elsewhere, or the single exercise chosen here."""
    state, exercises = st.session_state, frame.library().exercises
    asked = st.query_params.get("programme")
    if state.plan is None and asked:
        state.plan = _proposed(asked)
    if state.plan is not None:
        chosen: Plan = state.plan
        return chosen
    if state.get("exercise") not in exercises:
        state.exercise = next(iter(exercises))
    return Plan((Item(exercises[state.exercise]),))


def _proposed(name: str) -> Plan | None:
    """Return a programme with today's doses; None where there is no such programme or nothing in it is open."""
    proposal = next((proposal for proposal in proposed() if proposal.programme == name), None)
    return plan_of(proposal, frame.library()) if proposal else None


def _begin_if_possible(plan: Plan, words: Words) -> None:
    """Fulfil the wish to begin, or say why not; either way it is a wish no more."""
    if person.gate(_ids(plan), words) and _model_is_here(words):
        _start(chosen_on=st.session_state.begin)
    st.session_state.begin = None
    st.rerun()


def _ids(plan: Plan) -> list[str]:
    return [item.exercise.id for item in plan.items]


def _wishes() -> Wishes:
    chosen = preferences()
    return Wishes(chosen.strictness, chosen.talk, chosen.rate)


def _processor_maker(
    plan: Plan, position: int, make_recorder: Callable[[], Recorder | None]
) -> camera.MakeProcessor:
    library, language = frame.library(), frame.words().language
    wishes, model = _wishes(), st.session_state.model
    rest = Plan(plan.items[position:], plan.programme, plan.title, introduce=st.session_state.clip is None)
    writer = st.session_state.writer

    def make() -> LiveProcessor:
        def open_landmarker() -> Landmarker:
            path = model or models.obtain_model()
            outline = any(item.exercise.needs_silhouette for item in rest.items)
            return Landmarker(path, limits=library.coaching.tracking, silhouette=outline)

        session = Session(rest, library, wishes, language=language)
        keep, mark = (writer.add, keep_seconds) if writer else (None, None)
        return LiveProcessor(session, open_landmarker, keep=keep, mark=mark, recorder=make_recorder())

    return make


# --- choosing -----------------------------------------------------------------------------------------------


def _choose(plan: Plan, words: Words) -> None:
    state = st.session_state
    exercise = plan.items[state.position].exercise
    if plan.programme is None:
        st.html(f"<h1>{escape(words('page_title'))}</h1><p class='pc-soft'>{escape(words('page_lead'))}</p>")
    else:
        programme = frame.library().programmes.get(plan.programme)
        tools = f"<p>{needs(programme, words)}</p>" if programme and programme.equipment else ""
        st.html(f"<h1>{escape(words.of(plan.title))}</h1>{tools}{_course(plan, words)}")
    _show_trouble(words)
    if plan.programme is None:
        _offer_what_broke_off(words)
        with st.container(key="cards"):
            for other in frame.library().exercises.values():
                _show_card(other, words, chosen=other.id == exercise.id)
    with st.container(key="placement"):
        st.html(_placement(exercise, words))
        with st.container(key="go"):
            if _model_is_here(words):
                _show_start(plan, exercise, words)
        care = "".join(f"<li>{escape(words.of(line))}</li>" for line in exercise.safety)
        st.html(f'<div class="pc-care"><b>{escape(words("care_title"))}</b><ul>{care}</ul></div>')
    recording.ask_consent(words, "practice")
    _show_own_bands(plan, words)
    st.html(f"<p class='pc-soft'>{escape(words('page_private'))}</p>")
    told: list[Spoken] = []
    if state.trouble == "ended":
        told.append({"id": f"ended-{state.attempt}", "text": words("camera_ended"), "chime": None, "rank": 3})
    _speak(told, words)


def _offer_what_broke_off(words: Words) -> None:
    """Offer the rest of a practice whose page was loaded anew, once the one that is gone has let go of it."""
    if elsewhere(person.sessions()) is None:
        offer_the_rest(proposed(), words, "practice")
    else:
        _look_again()


@st.fragment(run_every=LOOK_FOR_END_S)
def _look_again() -> None:
    if elsewhere(person.sessions()) is None:
        st.rerun()


def _show_own_bands(plan: Plan, words: Words) -> None:
    """Say quietly where it is judged by her own bands."""
    own = {path.stem for path in folders.own_bands_folder().glob("*.yaml")}
    names = {words.of(item.exercise.name): None for item in plan.items if item.exercise.id in own}
    if names:
        st.html(f"<p class='pc-soft'>{escape(words('own_bands', names=', '.join(names)))}</p>")


def _course(plan: Plan, words: Words) -> str:
    """Return the exercises of a plan as a list, in markup."""
    items = "".join(
        f"<li><b>{escape(words.of(item.exercise.name))}</b> "
        f"<span class='pc-soft'>{escape(dose(item.exercise, words))}</span></li>"
        for item in plan.items
    )
    return f'<ol class="pc-course">{items}</ol>'


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
            kwargs={"exercise": exercise.id, "trouble": None, "position": 0},
        )


def _show_start(plan: Plan, exercise: Exercise, words: Words) -> None:
    going_on = st.session_state.position > 0
    label = words("again_from", exercise=words.of(exercise.name)) if going_on else words("start")
    if person.gate(_ids(plan), words):
        st.button(label, key="start", type="primary", on_click=_start)
        st.html(f"<p class='pc-soft'>{escape(words('start_hint'))}</p>")
    if plan.programme is None:
        names = ("sample", "sample_fault")
        for clip, name in zip(samples_of(exercise.id, folders.samples_folder()), names, strict=False):
            st.button(words(name), key=name, type="tertiary", on_click=_start, args=(clip,))


def _choose_voice(words: Words) -> None:
    """Let her choose how it sounds for the rest of the visit."""
    chosen = st.segmented_control(
        words("voice"),
        CHOICES["voice"],
        default=preferences().voice,
        format_func=lambda choice: words(f"voice_{choice}"),
        key="voice-choice",
        label_visibility="collapsed",
    )
    if chosen is not None:
        prefer("voice", chosen)


def _start(clip: Path | None = None, chosen_on: str = "practice") -> None:
    """Begin; what happens is written down, unless it is only a clip that is shown.

    Args:
        clip: Show this instead of the camera.
        chosen_on: The page on which she said whether it is to be recorded.
    """
    state, consent = st.session_state, recording.consent(chosen_on)
    state.update(
        clip=clip,
        attempt=state.attempt + 1,
        since=time.monotonic(),
        closing=None,
        trouble=None,
        stopped_for=None,
        reached=state.position,
        still=(0, 0.0, 0.0),
        writer=None if clip else _writer(),
        recording=None if clip else consent,
        recorder=None,
        wanted=True,  # when all the rest is there
    )
    state.update(_NO_WISH)


def _writer() -> Writer | None:
    known, plan = person.profile(), st.session_state.plan
    if known is None:
        return None
    pain = person.answers().get("pain_now")
    return person.history().begin(
        known.id,
        programme=plan.programme if plan else None,
        pain_before=pain if isinstance(pain, int) else None,
        today=person.today(),
    )


def _placement(exercise: Exercise, words: Words) -> str:
    view = seen_from(exercise)
    laptop = preferences().laptop if view == "side" else "any"
    height = words(f"placement_height_{view}")
    title = words(f"placement_{view}" if laptop == "any" else f"placement_{view}_{laptop}")
    drawings = (
        (figures.draw_from_above(view, words("placement_distance"), laptop), words("placement_above")),
        (figures.draw_from_beside(exercise.id, height, laptop), words("placement_level")),
    )
    shown = "".join(
        f'<figure><img alt="" src="{src}"><figcaption>{escape(caption)}</figcaption></figure>'
        for src, caption in drawings
    )
    return (
        f'<div class="pc-placement">{shown}<div><h2>{escape(title)}</h2>'
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
def _practise(plan: Plan, words: Words, seen: camera.Camera) -> None:
    state, coaching = st.session_state, frame.library().coaching
    processor = seen.processor
    snapshot = Snapshot()
    told: list[Spoken] = []
    if processor is not None:
        processor.update(_wishes())
        snapshot = processor.snapshot()
        state.update(corrections=processor.corrections, recorder=processor.recorder)
        state.reached = state.position + snapshot.position
        still_s = _stands_still_for(processor)
        if still_s >= coaching.presence.still_ends:
            processor.stop()
            state.update(wanted=False, trouble="ended", position=state.reached)
            st.rerun()
        standstill = still_s >= coaching.presence.still_after
        if standstill:
            snapshot = replace(snapshot, problem=Problem(words("camera_still"), words("camera_still_next")))
        told = sayings(snapshot, f"{id(processor):x}", coaching.voice.heard_for)
        if standstill:
            number = f"still-{id(processor):x}-{processor.arrived}"
            told.append({"id": number, "text": words("camera_still"), "chime": None, "rank": 3})
    rest = Plan(plan.items[state.position :], plan.programme, plan.title)
    exercise = rest.items[snapshot.position].exercise
    with st.container(key="cue"):
        show_cue(view_cue(snapshot, exercise, words, _waiting(words, seen)))
    with st.container(key="side"):
        silent = state.get("voiceless") is True and preferences().voice != "mute"
        silent = silent and not (snapshot.moment and snapshot.moment.in_pose)  # then the room is the picture's
        note = words("voice_none") if silent else ""
        show_side(view_side(snapshot, rest, words, coaching, note, preferences().laptop))
    with st.container(key="light"):
        told += recording.show_light(processor.recorder if processor else None, words)
    with st.container(key="breath"):
        key = show_breath(view_breath(snapshot, words))
    with st.container(key="controls", horizontal=True):
        _show_controls(snapshot, processor, words)
    _speak(told, words)
    if processor is None:
        return
    if key:
        processor.ask(_command(key, snapshot))
    if snapshot.over:
        _end(snapshot)
        st.rerun()


def _stands_still_for(processor: LiveProcessor) -> float:
    """Return for how long no new picture has come, in seconds that the page looked on: asleep is not still."""
    now, state = time.monotonic(), st.session_state
    arrived, still_s, looked = state.still
    if processor.arrived == arrived and arrived:
        still_s += min(now - looked, 1.0)
    else:
        still_s = 0.0
    state.still = (processor.arrived, still_s, now)
    return float(still_s)


def _command(key: str, snapshot: Snapshot) -> Command:
    """Return what a key asks for."""
    if key == "skip":
        return "skip"
    return "resume" if snapshot.paused else "pause"


def _end(snapshot: Snapshot) -> None:
    """Let the camera go; what was done is kept, and may be gone on with."""
    state = st.session_state
    closing = snapshot if snapshot.frames and state.clip is None else None
    state.update(wanted=False, closing=closing, position=state.reached)


def _waiting(words: Words, seen: camera.Camera) -> str:
    if seen.status == "asking":
        return words("camera_asking")
    if time.monotonic() - st.session_state.since > SLOW_TO_CONNECT_S:
        return f"{words('camera_slow')} {words('camera_slow_next')}"
    return words("sample_opening" if st.session_state.clip else "camera_connecting")


def _show_controls(snapshot: Snapshot, processor: LiveProcessor | None, words: Words) -> None:
    if processor is not None and snapshot.stage != "finished":
        if snapshot.stage == "setup":
            st.button(words("skip_setup"), key="skip-setup", on_click=processor.ask, args=("start",))
        command = _command("pause", snapshot)
        st.button(
            words("go_on" if snapshot.paused else "pause"), key="pause", on_click=processor.ask, args=(command,)
        )
        st.button(words("skip"), key="skip", on_click=processor.ask, args=("skip",))
    _choose_voice(words)
    if processor is not None and snapshot.stage != "finished":
        with st.popover(words("something_hurts"), type="tertiary"):
            st.html(f"<p>{escape(words('something_hurts_lead'))}</p>")
            for stop in frame.library().safety.stop:
                if st.button(words(f"stop_{stop.id}"), key=f"stop-{stop.id}", type="tertiary"):
                    processor.stop(stop.id)
                    st.session_state.stopped_for = stop
                    _end(snapshot)
                    st.rerun()
    if st.button(words("stop"), key="stop"):
        if processor is not None:
            processor.stop()
        _end(snapshot)
        st.rerun()


def _speak(told: list[Spoken], words: Words) -> None:
    chosen = preferences()
    speak(told, voice=chosen.voice, rate=chosen.rate, lang=words.language)


# --- afterwards ---------------------------------------------------------------------------------------------


def _close(snapshot: Snapshot, plan: Plan, words: Words) -> None:
    """Show one strength and one thing for next time, or what to do where she stopped; ask how her back is."""
    state = st.session_state
    done, stop = snapshot.stage == "finished", state.stopped_for
    session = next(
        (past for past in person.sessions() if state.writer and past.id == state.writer.session_id), None
    )
    asked = session is not None and session.pain_after is None and state.get("later") != session.id
    kept = None if asked else words("closing_kept")  # the question says it as well
    lines = [snapshot.strength, snapshot.next_time] if done else [kept]
    if stop:
        contact = words(f"contact_{stop.contact}") if stop.contact else None
        lines = [words(f"stop_{stop.id}_do"), contact, kept]
    said = "".join(f"<p>{escape(line)}</p>" for line in dict.fromkeys(lines) if line)
    title = words("closing_title" if done else "closing_stopped")
    st.html(f'<div class="pc-closing"><h1>{escape(title)}</h1>{said}</div>')
    show_told()
    if session and asked:
        ask_after(session, words)
    recording.show_kept(state.recorder, words)
    ask_about(state.get("corrections"), words)
    with st.container(key="closing-go", horizontal=True):
        enough = done or (stop and stop.eases) or (session and hurts_more(session))
        if not enough and person.gate(_ids(plan), words):
            exercise = plan.items[state.position].exercise
            st.button(words("again_from", exercise=words.of(exercise.name)), key="start", on_click=_start)
        if st.button(words("closing_next"), key="closed", type="primary"):
            _leave()
            frame.go_to("today")


def _leave() -> None:
    st.session_state.update(closing=None, plan=None, position=0)
