"""The replay page: a recording, what was seen in it at every moment, and why something was said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import numpy as np
import streamlit as st

from posecheck import columns, folders, models, timeline, uploads
from posecheck.analysis import Replayed
from posecheck.errors import PosecheckError
from posecheck.files import to_json
from posecheck.job import Job, Progress
from posecheck.judgement import Settings
from posecheck.library import Library
from posecheck.outputs import Outputs
from posecheck.reader import PoseReader
from posecheck.replay import replay
from posecheck.report import build_report
from posecheck.spec import Strictness
from posecheck.survey import AUTO
from posecheck.timeline import Timeline
from posecheck.tune import Knob, knobs
from posecheck.ui import frame, tune
from posecheck.ui.frame import escape, notice
from posecheck.ui.player import show_player
from posecheck.ui.recording import own_sources
from posecheck.ui.view import Words
from posecheck.ui.waiting import Trouble, wait
from posecheck.uploads import Refused, Workplace

_VIDEOS = ("replay-video-0", "replay-video-1")


@dataclass(frozen=True, slots=True)
class Viewed:
    """A recording that has been looked at.

    Attributes:
        id: Unique in the session.
        name: What to call it.
        stem: What to call its files.
        replayed: What came of it.
        strictness: How closely it was looked at.
        video: With the skeleton drawn on.
        recording: Its landmarks.
        sample: Whether it is one of the sample clips.
    """

    id: str
    name: str
    stem: str
    replayed: Replayed
    strictness: Strictness
    video: Path
    recording: Path
    sample: bool


@dataclass(slots=True)
class _State:
    """What this page remembers for one visit."""

    workplace: Workplace | None = None
    job: Job[Viewed] | None = None
    name: str = ""
    shown: tuple[Viewed, ...] = ()
    choosing: bool = True
    uploaded: int = 0
    trouble: Trouble | None = None


def page() -> None:
    """Show the replay page."""
    library, words = frame.library(), frame.words()
    state: _State = st.session_state.setdefault("replay", _State())
    frame.keep("replay-kind")
    st.html(f"<h1>{escape(words('replay_title'))}</h1>")
    with st.container(key="replay"):
        if state.job is not None:
            wait(state, "replay", words("replay_working", name=state.name), _take, words)
        elif state.choosing or not state.shown:
            _choose(library, words)
        else:
            _show(library, words)


def _state() -> _State:
    return cast(_State, st.session_state.replay)


# --- choosing -----------------------------------------------------------------------------------------------


def _choose(library: Library, words: Words) -> None:
    state = _state()
    st.html(f"<p class='pc-soft'>{escape(words('replay_lead'))}</p>")
    if state.trouble:
        notice(*state.trouble)
    if models.find_model() is None:
        notice(words("model_missing"), words("model_missing_next"))
        return
    samples = dict(_samples(library, words, folders.samples_folder()))
    recorded = {path: (name, exercise) for path, name, exercise in own_sources(words)}
    with st.container(key="replay-choice"):
        kinds = [*(["sample"] if samples else []), *(["own"] if recorded else []), "file"]
        if st.session_state.get("replay-kind") not in kinds:  # chosen already on the way from the Settings page
            st.session_state["replay-kind"] = kinds[0]
        kind = st.segmented_control(
            words("replay_source"),
            kinds,
            required=True,
            format_func=lambda name: words(f"replay_from_{name}"),
            key="replay-kind",
        )
        sample, upload, shows = None, None, AUTO
        if kind == "sample":
            sample = st.selectbox(
                words("replay_sample"), list(samples), format_func=samples.__getitem__, key="replay-sample"
            )
        elif kind == "own":
            sample = st.selectbox(
                words("replay_own"), list(recorded), format_func=lambda path: recorded[path][0], key="replay-own"
            )
            shows = recorded[sample][1]
        else:
            limits = words("replay_limits", most=uploads.MOST_BYTES, minutes=uploads.MOST_MINUTES)
            _name_upload(words)
            upload = st.file_uploader(
                f"{words('replay_file')} · {limits}",
                type=list(uploads.ACCEPTED),
                max_upload_size=uploads.MOST_BYTES // 1_000_000,
                key=f"replay-upload-{state.uploaded}",
            )
        names = {AUTO: words("replay_auto")} | {e.id: words.of(e.name) for e in library.exercises.values()}
        left, right = st.columns(2)
        exercise = left.selectbox(
            words("replay_exercise"), list(names), format_func=names.__getitem__, key="replay-exercise"
        )
        strictness = right.segmented_control(
            words("replay_strictness"),
            ("gentle", "standard"),
            default="gentle",
            required=True,
            format_func=lambda name: words(f"strictness_{name}"),
            key="replay-strictness",
        )
        exercise = shows if exercise == AUTO and shows in library.exercises else exercise
        settings = Settings(exercise, cast(Strictness, strictness), words.language)
        with st.container(horizontal=True):
            ready = sample is not None or upload is not None
            if st.button(words("replay_go"), key="replay-go", type="primary", disabled=not ready):
                name = samples.get(sample) or recorded[sample][0] if sample else ""
                _begin(sample, name, upload, settings, library, words)
                st.rerun()
            if state.shown and st.button(words("replay_back"), key="replay-back"):
                state.choosing, state.trouble = False, None
                st.rerun()
    st.html(f"<p class='pc-soft'>{escape(words('replay_private'))}</p>")


def _samples(library: Library, words: Words, folder: Path | None) -> Iterator[tuple[Path, str]]:
    """Yield every sample clip with its name, exercise by exercise."""
    if folder is None:
        return
    try:
        clips = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["clips"]
    except (OSError, ValueError, KeyError):
        return
    for clip in clips:
        exercise = library.exercises.get(clip["exercise"])
        if exercise is None or not (folder / clip["file"]).is_file():
            continue
        cues = {check.id: words.of(check.say) for check in exercise.checks}
        faults = [cues.get(fault["id"], fault["id"]) for fault in clip["faults"]]
        names = {"exercise": words.of(exercise.name), "name": clip["person"].capitalize()}
        if faults:
            yield folder / clip["file"], words("replay_sample_fault", fault=" ".join(faults), **names)
        else:
            yield folder / clip["file"], words("replay_sample_right", **names)


def _name_upload(words: Words) -> None:
    """Give style.css the words of the control for a file: Streamlit has them in English alone, out of reach."""
    most = uploads.MOST_BYTES
    names = ("choose", "drop", "refused")
    said = "".join(f"--pc-{name}: {_in_style(words(f'replay_{name}', most=most))};" for name in names)
    st.html(f"<style>.stFileUploader {{{said}}}</style>")


def _in_style(text: str) -> str:
    """Return a sentence as a string of CSS, which may stand in markup."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


def _begin(
    sample: Path | None, name: str, upload: Any, settings: Settings, library: Library, words: Words
) -> None:
    """Start to look at what was chosen, or say why it cannot be."""
    state = _state()
    state.trouble = None
    state.workplace = state.workplace or Workplace(folders.cache_folder() / "replay")
    source = sample
    if source is None:
        state.uploaded += 1  # the uploader lets go of its copy in memory
        try:
            source = uploads.take_in(upload.name, upload.size, upload, state.workplace.path)
        except Refused as e:
            following = "upload_again" if e.phrase == "upload_empty" else f"{e.phrase}_next"
            following = "upload_huge_next" if e.phrase == "upload_long" else following
            state.trouble = (words(e.phrase, **e.values), words(following))
            return
        except PosecheckError as e:
            state.trouble = (e.message, e.hint)
            return
    state.name = name or source.name
    state.job = Job(_looking(source, state.name, settings, library, state.workplace.path, own=sample is None))


def _looking(
    source: Path, name: str, settings: Settings, library: Library, folder: Path, *, own: bool
) -> Callable[[Progress], Viewed]:
    """Return the work of looking at a source; it knows nothing of the page."""
    key = uuid4().hex
    video, recording = folder / f"{key}.mp4", folder / f"{source.stem}-{key[:6]}.npz"
    sample = source.parent == folders.samples_folder()

    def look(progress: Progress) -> Viewed:
        outputs = Outputs(annotate=video, record=recording)
        try:
            with PoseReader(models.obtain_model, library.coaching.tracking) as reader:
                done = replay(source, library, settings, outputs, reader=reader, progress=progress)
        finally:
            if own:  # the skeleton's video and the landmarks are all that is needed from here on
                source.unlink(missing_ok=True)
        return Viewed(key, name, source.stem, done, settings.strictness, video, recording, sample)

    return look


def _take(shown: Viewed) -> None:
    """Put a recording that has been looked at beside what is there."""
    state = _state()
    state.shown = (*state.shown[:1], shown)
    state.choosing = False


# --- what came of it ----------------------------------------------------------------------------------------


def _show(library: Library, words: Words) -> None:
    state = _state()
    for shown in state.shown:
        st.html(f"<h2>{escape(shown.name)}</h2><p>{escape(_told(shown, library, words))}</p>")
    timelines = _timelines(state.shown, library, words)
    with st.container(key=f"replay-stage-{len(state.shown)}"):
        with st.container(key="replay-videos"):
            for key, shown in zip(_VIDEOS, state.shown, strict=False):
                with st.container(key=key):
                    st.video(str(shown.video), alt=shown.name)
        with st.container(key="replay-timeline"):
            version = " ".join([*(shown.id for shown in state.shown), str(timelines[0].origin), words.language])
            movable = {check: shown for shown in reversed(state.shown) for check in _corrected(shown)}
            check = show_player(timelines, _VIDEOS[: len(timelines)], words, version, movable)
            if check in movable:
                _open_band(movable[check], check)
    with st.container(key="replay-next", horizontal=True):
        if st.button(words("replay_other"), key="replay-other"):
            state.choosing = True
            st.rerun()
        if len(state.shown) > 1 and st.button(words("replay_remove"), key="replay-remove"):
            state.shown = state.shown[:1]
            st.rerun()
        if st.button(words("replay_again"), key="replay-again", type="tertiary"):
            state.shown, state.choosing = (), True
            st.rerun()
    for i, shown in enumerate(state.shown):
        _show_downloads(i, shown, library, words)


def _corrected(shown: Viewed) -> set[str]:
    """Return the checks that were out in a recording."""
    return {check for checks in shown.replayed.ledger.faults for check in checks}


def _open_band(shown: Viewed, check: str) -> None:
    """Leave for where a check's band is moved: the one that was left for longest, where it has several."""
    exercise, ledger = shown.replayed.exercise, shown.replayed.ledger
    assert exercise is not None

    def left_for(knob: Knob) -> int:
        values, cue = ledger.values(knob.limit_of(exercise)), knob.edge(exercise).cue
        return int(np.sum(values < cue if knob.end == "min" else values > cue))

    knob = max((knob for knob in knobs(exercise) if knob.check == check), key=left_for)
    tune.open_band(exercise.id, knob, None if shown.sample else shown.recording)


def _told(shown: Viewed, library: Library, words: Words) -> str:
    """Return what came of a recording, in a line."""
    done = shown.replayed
    if not any(done.ledger.person):
        return words("told_nobody")
    if done.exercise is None:
        return words("told_nothing")
    summary = done.summarise(library)
    name, inside = words.of(done.exercise.name), f"{summary['in_pose_s']:.1f}"
    if not any(done.ledger.in_pose):
        return words("told_not_entered", exercise=name)
    if not summary["in_pose_s"]:
        return words("told_short", exercise=name)
    if summary["cycles"]:
        line = words("told_cycles", exercise=name, inside=inside, count=summary["cycles"])
    elif summary["held_s"]:
        line = words("told_hold", exercise=name, inside=inside, held=f"{summary['held_s']:.1f}")
    else:
        line = words("told_inside", exercise=name, inside=inside)
    verdict = "told_worth" if not summary["accepted"] else "told_mostly" if summary["cues"] else "told_well"
    return f"{line} {words(verdict)}"


def _timelines(every: tuple[Viewed, ...], library: Library, words: Words) -> list[Timeline]:
    """Return the recordings along time, laid from where she wants them side by side."""
    anchors = [timeline.anchors(shown.replayed.ledger) for shown in every]
    anchor = "beginning"
    if len(every) > 1:
        common = [name for name in anchors[0] if name in anchors[1]]
        named = {name: timeline.name_anchor(name, every[0].replayed.ledger, words) for name in common}
        anchor = st.selectbox(
            words("replay_align"),
            common,
            index=common.index("entered") if "entered" in common else 0,
            format_func=named.__getitem__,
            key="replay-align",
        )
    return [_timeline(shown, anchors[i][anchor], library, words) for i, shown in enumerate(every)]


def _timeline(shown: Viewed, origin: float, library: Library, words: Words) -> Timeline:
    done, strictness = shown.replayed, library.coaching.strictness[shown.strictness]
    return timeline.lay_out(shown.name, done.ledger, done.exercise, strictness, words, origin=origin)


def _show_downloads(i: int, shown: Viewed, library: Library, words: Words) -> None:
    """Offer the files; each is made when it is asked for."""
    done = shown.replayed
    stem = shown.stem

    def report() -> str:
        told, line = _told(shown, library, words), _timeline(shown, 0.0, library, words)
        return build_report(line, done.ledger, shown.video, words, language=words.language, told=told)

    offers: list[tuple[str, str, Callable[[], bytes | str]]] = [
        ("report", f"{stem}.html", report),
        ("video", f"{stem}.mp4", shown.video.read_bytes),
        ("csv", f"{stem}.csv", lambda: columns.csv_text(done.ledger)),
        ("parquet", f"{stem}.parquet", lambda: columns.parquet_bytes(done.ledger)),
        ("dictionary", f"{stem}.columns.csv", lambda: columns.dictionary_text(done.ledger)),
        ("json", f"{stem}.json", lambda: to_json(done.describe(library))),
        ("recording", f"{stem}.npz", shown.recording.read_bytes),
    ]
    with st.expander(f"{words('replay_save')} · {shown.name}"):
        st.html(f"<p class='pc-soft'>{escape(words('replay_save_hint'))}</p>")
        with st.container(key=f"replay-save-{i}", horizontal=True):
            for kind, name, make in offers:
                st.download_button(
                    words(f"save_{kind}"), make, file_name=name, key=f"save-{kind}-{i}", on_click="ignore"
                )
