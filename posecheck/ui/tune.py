"""The tuning page: move a band, and see at once what would be said of every recording."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import altair as alt
import numpy as np
import streamlit as st

from posecheck import folders, models, overrides, timeline, workbench
from posecheck.errors import PosecheckError
from posecheck.job import Job, Progress
from posecheck.library import Library, load_library
from posecheck.spec import Exercise
from posecheck.tune import Knob, Outcome, ProposedBound, Sweep, Trials, knobs, propose, with_edge
from posecheck.ui import frame, recording
from posecheck.ui.charts import AMBER, GREEN, INK, SOFT, show_chart
from posecheck.ui.frame import escape, notice
from posecheck.ui.view import Words
from posecheck.ui.waiting import Trouble, wait

_FEW = 5
"""Recordings with the mistake below which a proposal is only a hint."""
_BINS = 36
_STEPS = 120
"""Positions of the slider over the range that was measured."""
_Found = tuple[Trials, list[str], list[str]]
"""Recordings, a sentence for every file that could not be read, and what is doubtful about the labels."""


@dataclass(slots=True)
class _State:
    """What this page remembers for one visit.

    Attributes:
        job: Looks at the recordings.
        trials: What it found, with the bands in use.
        failed: A sentence for every file that could not be read.
        clip: Was asked for beside the recordings of a place; None where none was.
        knob: The band she came for, until it is shown.
        own: The exercise as she moves its bands.
        sweeps: What every position of a band would do, by band.
        trouble: What stood in the way, and what to do next.
        said: What was done last.
    """

    job: Job[_Found] | None = None
    trials: Trials | None = None
    failed: list[str] = field(default_factory=list)
    clip: Path | None = None
    knob: Knob | None = None
    own: Exercise | None = None
    sweeps: dict[Knob, Sweep] = field(default_factory=dict)
    trouble: Trouble | None = None
    said: str = ""


def page() -> None:
    """Show the tuning page."""
    library, words = frame.library(), frame.words()
    state: _State = st.session_state.setdefault("tune", _State())
    frame.keep("tune-exercise", "tune-kind", "tune-folder")
    st.html(f"<h1>{escape(words('tune_title'))}</h1><p class='pc-soft'>{escape(words('tune_lead'))}</p>")
    with st.container(key="tune"):
        if state.job is not None:
            wait(state, "tune", words("tune_working"), _take, words)
        elif state.trials is None:
            _choose(library, words)
        else:
            _tune(state, library, words)


def open_band(exercise: str, knob: Knob, clip: Path | None) -> None:
    """Leave for the tuning page, where a band of an exercise can be moved.

    Args:
        exercise: Whose.
        knob: Which one.
        clip: A recording of the exercise to have among those that are looked at; None: only those.
    """
    state: _State = st.session_state.setdefault("tune", _State())
    state.knob = knob
    if state.trials is None or (state.trials.exercise.id, state.clip) != (exercise, clip):
        if state.job is not None:
            state.job.stop()
        places = [*_places().values()][:1]
        _look_at([*places, *([clip] if clip else [])], exercise, frame.library())
        state.clip = clip
    frame.go_to("tune")


def _state() -> _State:
    return cast(_State, st.session_state.tune)


# --- recordings -----------------------------------------------------------------------------------------------


def _choose(library: Library, words: Words) -> None:
    state = _state()
    if state.trouble:
        notice(*state.trouble)
    if models.find_model() is None:
        notice(words("model_missing"), words("model_missing_next"))
        return
    judged = {e.id: words.of(e.name) for e in library.exercises.values() if e.checks}
    with st.container(key="tune-choice"):
        left, right = st.columns(2)
        exercise = left.selectbox(
            words("tune_exercise"), list(judged), format_func=judged.__getitem__, key="tune-exercise"
        )
        places = _places()
        kinds = [*places, "folder"]
        if st.session_state.get("tune-kind") not in kinds:
            st.session_state["tune-kind"] = kinds[0]
        kind = right.segmented_control(
            words("tune_recordings"),
            kinds,
            required=True,
            format_func=lambda name: words(f"tune_from_{name}"),
            key="tune-kind",
        )
        text = st.text_input(words("tune_folder"), key="tune-folder") if kind == "folder" else ""
        if st.button(words("tune_go"), key="tune-go", type="primary"):
            folder = places[kind] if kind in places else Path(text).expanduser()
            if kind == "folder" and not (text and folder.exists()):
                state.trouble, state.said = (words("tune_failed"), words("tune_folder_next")), ""
            else:
                _look_at([folder], exercise, library)
            st.rerun()


def _places() -> dict[str, Path]:
    """Return where recordings may lie, those that are there."""
    samples = folders.samples_folder()
    places = {"samples": samples, "practices": recording.folder(), "own": folders.recordings_folder()}
    return {name: place for name, place in places.items() if place is not None and any(place.glob("*"))}


def _look_at(sources: Sequence[Path], exercise: str, library: Library) -> None:
    state = _state()
    state.trouble, state.said, state.trials, state.clip = None, "", None, None
    state.job = Job(_looking(sources, library.exercises[exercise], library))


def _looking(sources: Sequence[Path], exercise: Exercise, library: Library) -> Callable[[Progress], _Found]:
    """Return the work of reading and following recordings; it knows nothing of the page."""

    def look(progress: Progress) -> _Found:
        return workbench.load_trials(sources, exercise, library, model=models.obtain_model, progress=progress)

    return look


def _take(found: _Found) -> None:
    state = _state()
    state.trials, state.failed, _ = found  # what is left out is not in the list either
    state.own, state.sweeps = state.trials.exercise, {}


# --- moving a band --------------------------------------------------------------------------------------------


def _tune(state: _State, library: Library, words: Words) -> None:
    assert state.trials is not None
    assert state.own is not None
    trials = state.trials
    st.html(f"<h2>{escape(words.of(trials.exercise.name))}</h2>")
    knob = _choose_band(state, trials.exercise, words)
    if knob not in state.sweeps:
        state.sweeps[knob] = trials.sweep(knob)
    tried = state.sweeps[knob]
    _move(state, knob, tried, words)
    before, after = trials.outcomes(trials.exercise), trials.outcomes(state.own)
    _show_counts(state, knob, before, after, words)
    with st.container(key="tune-charts"):
        with st.container(key="tune-values"):
            _show_values(trials, state.own, knob, words)
        with st.container(key="tune-roc"):
            _show_roc(tried, knob.edge(state.own).cue, words)
    _show_proposal(state, knob, propose(tried), words)
    if unsaid := trials.unlabelled(knob.check):
        st.html(f"<p class='pc-soft'>{escape(words('tune_unsaid', count=unsaid))}</p>")
    _show_recordings(trials, before, after, words)
    _show_changes(state, library, words)
    if state.failed:
        names = "; ".join(state.failed)
        st.html(f"<p class='pc-soft'>{escape(words('tune_unread', count=len(state.failed), names=names))}</p>")
    if st.button(words("tune_again"), key="tune-again", type="tertiary"):
        state.trials, state.own = None, None
        st.rerun()


def _choose_band(state: _State, exercise: Exercise, words: Words) -> Knob:
    checks = {check.id: words.of(check.say) for check in exercise.checks}
    if state.knob is not None and state.knob.check in checks:
        st.session_state.update({"tune-check": state.knob.check, f"tune-band-{state.knob.check}": state.knob})
        state.knob = None
    left, right = st.columns(2)
    check = left.selectbox(words("tune_check"), list(checks), format_func=checks.__getitem__, key="tune-check")
    mine = [knob for knob in knobs(exercise) if knob.check == check]
    named = {
        knob: f"{timeline.name_quantity(knob.limit_of(exercise), words)}, {words(f'tune_{knob.end}')}"
        for knob in mine
    }
    return right.selectbox(words("tune_band"), mine, format_func=named.__getitem__, key=f"tune-band-{check}")


def _move(state: _State, knob: Knob, tried: Sweep, words: Words) -> None:
    """Let the band be moved; a move is felt at once."""
    assert state.own is not None
    cue = knob.edge(state.own).cue
    low, high = float(tried.cue[0]), float(tried.cue[-1])
    step = _step((high - low) / _STEPS)
    # One step beyond what was measured; farther only where she already is.
    low = min(math.floor(low / step) * step - step, cue)
    high = max(math.ceil(high / step) * step + step, cue)
    key = _slider(state, knob)
    st.session_state[key] = min(max(round(round(cue / step) * step, 6), low), high)

    def take() -> None:
        _put(state, knob, float(st.session_state[key]))

    st.slider(
        _with_unit(words("tune_cue"), state.own, knob),
        min_value=round(low, 6),
        max_value=round(high, 6),
        step=step,
        format=f"%.{max(0, -math.floor(math.log10(step) + 1e-9))}f",
        key=key,
        on_change=take,
    )


def _slider(state: _State, knob: Knob) -> str:
    assert state.own is not None
    return f"tune-cue-{state.own.id}-{knob.check}-{knob.limit}-{knob.end}"


def _with_unit(text: str, exercise: Exercise, knob: Knob) -> str:
    unit = timeline.unit_sign(knob.limit_of(exercise))
    return f"{text} ({unit})" if unit else text


def _step(size: float) -> float:
    """Return the round number nearest below: 1, 2 or 5 times a power of ten."""
    if size <= 0:
        return 0.01
    power = 10.0 ** math.floor(math.log10(size))
    return next(n for n in (5 * power, 2 * power, power) if n <= size * (1 + 1e-9))


def _put(state: _State, knob: Knob, cue: float) -> None:
    assert state.own is not None
    assert state.trials is not None
    # From where it stood at first: at the end of what can be measured the numbers meet, and would not part again.
    state.own = with_edge(state.own, knob, knob.moved(state.trials.exercise, cue))
    state.said = ""


def _show_counts(
    state: _State, knob: Knob, before: Sequence[Outcome], after: Sequence[Outcome], words: Words
) -> None:
    assert state.trials is not None
    assert state.own is not None
    now = state.trials.scores(state.trials.exercise)[knob.check]
    then = state.trials.scores(state.own)[knob.check]
    counts = (
        ("accepted", sum(o.accepted for o in after), len(after), sum(o.accepted for o in before)),
        ("caught", then.caught, then.positives, now.caught),
        ("false", then.false, then.negatives, now.false),
    )
    shown = []
    for name, count, whole, earlier in counts:
        was = f"<i>{escape(words('tune_before', count=earlier))}</i>" if count != earlier else ""
        said = escape(words("tune_of", count=count, all=whole))
        shown.append(
            f'<div data-count="{name}"><b>{said}</b><span>{escape(words(f"tune_{name}"))}</span>{was}</div>'
        )
    st.html(f'<div class="pc-counts">{"".join(shown)}</div>')


def _show_values(trials: Trials, own: Exercise, knob: Knob, words: Words) -> None:
    """Draw what was measured where it is done well, where the mistake is made, and where nobody has said which."""
    values = trials.judged_values(knob)
    kinds = {words("tune_right"): values.right, words("tune_wrong"): values.wrong}
    shades = [GREEN, AMBER]
    if trials.unlabelled(knob.check):
        kinds[words("tune_unlabelled")] = values.unlabelled
        shades.append(SOFT)
    st.html(f"<h2>{escape(words('tune_values'))}</h2>")
    every = np.concatenate(list(kinds.values()))
    edge = knob.edge(own)
    low, high = (float(x) for x in np.percentile(every, [0.5, 99.5])) if every.size else (edge.cue, edge.cue)
    low, high = min(low, edge.cue, edge.good), max(high, edge.cue, edge.good)
    margin = 0.04 * (high - low) or 1.0
    bins = np.linspace(low - margin, high + margin, _BINS + 1)
    rows = [
        {"x": float(left), "x2": float(right), "share": float(count) / max(1, x.size), "kind": kind}
        for kind, x in kinds.items()
        for left, right, count in zip(bins[:-1], bins[1:], np.histogram(x, bins)[0], strict=True)
        if count
    ]
    beyond = (bins[0], edge.cue) if knob.end == "min" else (edge.cue, bins[-1])
    shade = alt.Chart(alt.InlineData(values=[{"x": float(beyond[0]), "x2": float(beyond[1])}])).mark_rect(
        color=AMBER, opacity=0.14
    )
    x = alt.X(
        "x:Q",
        title=_with_unit(timeline.name_quantity(knob.limit_of(own), words), own, knob),
        scale=alt.Scale(domain=[float(bins[0]), float(bins[-1])], nice=False),
        axis=alt.Axis(tickCount=7),
    )
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(opacity=0.72)
        .encode(
            x=x,
            x2="x2:Q",
            y=alt.Y("share:Q", title=words("tune_share"), axis=alt.Axis(format="%", tickCount=4)),
            y2=alt.datum(0),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=list(kinds), range=shades),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    line = alt.Chart(alt.InlineData(values=[{"x": edge.cue}])).mark_rule(color=INK, size=2).encode(x="x:Q")
    show_chart((shade.encode(x=x, x2="x2:Q") + bars + line).properties(height=230))


def _show_roc(tried: Sweep, cue: float, words: Words) -> None:
    """Draw how many mistakes are caught against how many others are corrected, along the band's positions."""
    st.html(f"<h2>{escape(words('tune_roc'))}</h2>")
    if not tried.caught.shape[1] or not tried.false.shape[1]:
        st.html(f"<p class='pc-soft'>{escape(words('tune_proposal_none'))}</p>")
        return
    caught, false = tried.caught.mean(axis=1), tried.false.mean(axis=1)
    here = int(np.argmin(np.abs(tried.cue - cue)))
    rows = [{"n": i, "x": float(false[i]), "y": float(caught[i])} for i in range(len(tried.cue))]
    points = [
        {"x": float(false[i]), "y": float(caught[i]), "kind": words(name)}
        for i, name in ((tried.present, "tune_now"), (here, "tune_moved"))
    ]
    percent = alt.Axis(format="%", tickCount=4)
    scale = alt.Scale(domain=[-0.03, 1.03], nice=False)
    axes = {
        "x": alt.X("x:Q", title=words("tune_false"), axis=percent, scale=scale),
        "y": alt.Y("y:Q", title=words("tune_caught"), axis=percent, scale=scale),
    }
    line = alt.Chart(alt.InlineData(values=rows)).mark_line(color=SOFT, size=2).encode(**axes, order="n:Q")
    marks = (
        alt.Chart(alt.InlineData(values=points))
        .mark_point(filled=True, size=170, opacity=1)
        .encode(
            **axes,
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=[words("tune_now"), words("tune_moved")], range=[SOFT, GREEN]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    show_chart((line + marks).properties(height=230))


def _show_proposal(state: _State, knob: Knob, proposal: ProposedBound | None, words: Words) -> None:
    assert state.own is not None
    with st.container(key="tune-proposal", horizontal=True):
        if proposal is None:
            st.html(f"<p>{escape(words('tune_proposal_none'))}</p>")
        elif proposal.score == proposal.present:
            st.html(f"<p>{escape(words('tune_proposal_same'))}</p>")
        else:
            score = proposal.score
            said = words(
                "tune_proposal",
                cue=f"{proposal.cue:.3g}",
                low=f"{proposal.low:.3g}",
                high=f"{proposal.high:.3g}",
                caught=score.caught,
                positives=score.positives,
                false=score.false,
                negatives=score.negatives,
            )
            if score.positives < _FEW:
                said += " " + words("tune_proposal_few", count=score.positives)
            st.html(f"<p>{escape(said)}</p>")
            cue = float(f"{proposal.cue:.3g}")
            st.button(words("tune_take"), key="tune-take", on_click=_put, args=(state, knob, cue))
        assert state.trials is not None
        present = knob.edge(state.trials.exercise).cue
        if knob.edge(state.own).cue != present:
            st.button(words("tune_put_back"), key="tune-back", on_click=_put, args=(state, knob, present))


def _show_recordings(trials: Trials, before: Sequence[Outcome], after: Sequence[Outcome], words: Words) -> None:
    cues = {check.id: words.of(check.say) for check in trials.exercise.checks}

    def named(checks: Iterable[str]) -> str:
        """Return in markup what would be said of mistakes, as other pages name them; over each stands its id."""
        return " ".join(f'<span title="{escape(c)}">{escape(cues.get(c, c))}</span>' for c in checks)

    def said(outcome: Outcome) -> str:
        faults = named(outcome.faults) or escape(words("tune_nothing"))
        return f"{faults} · {escape(words('tune_passes'))}" if outcome.accepted and outcome.faults else faults

    heads = [words(f"tune_{name}") for name in ("recording", "shows", "says_now", "says_then")]
    rows = []
    for trial, now, then in zip(trials.trials, before, after, strict=True):
        shows = named(dict.fromkeys(m.check for m in trial.mistakes)) or escape(words("tune_well"))
        if trial.about is not None:
            free = named(trial.about)
            shows = f"{escape(words('tune_free'))} {free}" if free else escape(words("tune_unlabelled"))
        changed = (now.faults.keys(), now.accepted) != (then.faults.keys(), then.accepted)
        cells = [_breakable(trial.name), shows, said(now), said(then)]
        row = "".join(
            f'<td data-head="{escape(head)}">{cell}</td>' for head, cell in zip(heads, cells, strict=True)
        )
        rows.append(f"<tr{' data-changed' if changed else ''}>{row}</tr>")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    st.html(
        f'<div class="pc-table" tabindex="0" role="region" aria-label="{escape(words("tune_recordings"))}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _breakable(name: str) -> str:
    """Return a name that may be broken after each underscore, on a phone."""
    return escape(name).replace("_", "_<wbr>")


# --- keeping it -----------------------------------------------------------------------------------------------


def _show_changes(state: _State, library: Library, words: Words) -> None:
    assert state.own is not None
    shipped = load_library(folders.routines_folder()).exercises[state.own.id]
    lines = overrides.describe(shipped, state.own)
    st.html(f"<h2>{escape(words('tune_changes'))}</h2>")
    if lines:
        st.html(f'<div class="pc-faults">{escape(chr(10).join(lines))}</div>')
    else:
        st.html(f"<p class='pc-soft'>{escape(words('tune_no_changes'))}</p>")
    in_use = library.exercises[state.own.id]
    with st.container(key="tune-keep", horizontal=True):
        if st.button(words("tune_save"), key="tune-save", type="primary", disabled=state.own == in_use):
            _keep(state, shipped, state.own, words)
        if in_use != shipped and st.button(words("tune_ship"), key="tune-ship"):
            _keep(state, shipped, shipped, words)
    if state.said:
        st.html(f'<p role="status">{escape(state.said)}</p>')


def _keep(state: _State, shipped: Exercise, own: Exercise, words: Words) -> None:
    assert state.trials is not None
    source = f"tuned on {workbench.how_many(len(state.trials))}"
    try:
        path = workbench.save_own_bands(shipped, own, folders.own_bands_folder(), source)
    except PosecheckError as e:
        notice(e.message, e.hint)
        return
    state.own = own
    state.said = words("tune_saved", path=path) if path else words("tune_shipped")
    st.rerun()
