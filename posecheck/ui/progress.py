"""Progress: days, minutes, steadiness, and how her back felt; honest about noise, never a score."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt
import streamlit as st
from babel import Locale

from posecheck import progress
from posecheck.diary import PastSession
from posecheck.summary import cue_text, write_summary
from posecheck.ui import figures, frame, person
from posecheck.ui.charts import AMBER, GREEN, LINE, show_chart
from posecheck.ui.frame import escape
from posecheck.ui.view import Words

_WEEKS = 8
"""Weeks of the calendar: long enough to see a rhythm, short enough for a phone."""
_LATELY = 5
"""Latest practices of an exercise whose corrections are named."""
_FAULTS_NAMED = 3
_WORTH_NAMING = 0.01
"""Smallest share of the time in the pose that is named: what rounds to nothing came up by chance."""


def page() -> None:
    """Show the progress page."""
    words = frame.words()
    past = [session for session in person.sessions() if session.seconds > 0 or session.exercises]
    st.html(f"<h1>{escape(words('nav_progress'))}</h1>")
    if not past:
        frame.notice(words("progress_empty"), words("progress_empty_next"))
        return
    with st.container(key="two"):
        with st.container(key="days"):
            _show_days(past, words)
        with st.container(key="pain"):
            _show_pain(past, words)
    _show_tendencies(past, words)
    _show_exercises(past, words)
    _show_summary(past, words)


# --- days ------------------------------------------------------------------------------------------------------


def _show_days(past: Sequence[PastSession], words: Words) -> None:
    minutes = progress.minutes_per_day(past)
    today = person.today()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=_WEEKS - 1)
    shown = {day: spent for day, spent in minutes.items() if first <= day <= today}
    said = words("progress_calendar_said", days=len(shown), minutes=round(sum(shown.values())), weeks=_WEEKS)
    names = Locale.parse(words.language).days["stand-alone"]["abbreviated"]
    rows = "".join(_weekday(names[weekday], weekday, first, today, shown, words) for weekday in range(7))
    weeks = [first + timedelta(weeks=i) for i in range(_WEEKS)]
    head = "".join(f'<th scope="col">{escape(words.day(day, "d MMM"))}</th>' for day in weeks)
    st.html(
        f"<h2>{escape(words('progress_calendar'))}</h2><p>{escape(said)}</p>"
        f'<table class="pc-days"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _weekday(
    name: str, weekday: int, first: date, today: date, minutes: Mapping[date, float], words: Words
) -> str:
    cells = []
    for week in range(_WEEKS):
        day = first + timedelta(weeks=week, days=weekday)
        if day > today:
            cells.append("<td></td>")
            continue
        spent = minutes.get(day)
        kind = "today" if day == today else "past"
        if spent is None:
            cells.append(f'<td class="{kind}"><i></i></td>')
        else:
            # Deeper with time, and full from ten minutes on: what she set out to do.
            depth = 0.35 + 0.65 * min(spent / 10, 1.0)
            label = f"{words.day(day)}: {words('minutes', count=max(1, round(spent)))}"
            cells.append(
                f'<td class="{kind}"><i data-done style="--depth:{depth:.2f}" title="{escape(label)}">'
                f"<span>{max(1, round(spent))}</span></i></td>"
            )
    return f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>'


# --- pain ------------------------------------------------------------------------------------------------------


def _show_pain(past: Sequence[PastSession], words: Words) -> None:
    rule = frame.library().safety.pain
    changes = progress.pain_changes(past, rule)
    st.html(f"<h2>{escape(words('progress_pain'))}</h2>")
    told = [s for s in past if s.pain_before is not None or s.pain_after is not None]
    if not told:
        st.html(f"<p class='pc-soft'>{escape(words('progress_pain_none'))}</p>")
        return
    show_chart(_pain_chart(told, words))
    lines = []
    known = Counter(change.verdict for change in changes if change.verdict)
    if known:
        lines.append(
            words(
                "progress_counts", known=known.total(), less=known["less"], same=known["same"], more=known["more"]
            )
        )
    course = progress.pain_course(past, rule)
    if course is not None:
        lines.append(
            words(f"progress_course_{course.verdict}", first=_number(course.first), latest=_number(course.latest))
        )
    lines.append(words("progress_noise", points=rule.points, percent=round(rule.share * 100)))
    st.html("".join(f"<p>{escape(line)}</p>" for line in lines))


def _pain_chart(told: Sequence[PastSession], words: Words) -> alt.LayerChart | alt.FacetChart:
    before, after = words("progress_before"), words("progress_after")
    rows = [
        {"n": i + 1, "day": words.day(s.day, "d MMM"), "pain": pain, "when": when}
        for i, s in enumerate(told)
        for when, pain in ((before, s.pain_before), (after, s.pain_after))
        if pain is not None
    ]
    spans = [
        {"n": i + 1, "low": min(s.pain_before, s.pain_after), "high": max(s.pain_before, s.pain_after)}
        for i, s in enumerate(told)
        if s.pain_before is not None and s.pain_after is not None
    ]
    labels = {i + 1: words.day(s.day, "d MMM") for i, s in enumerate(told)}
    axis = alt.Axis(
        title=None,
        values=_spread(list(labels)),
        labelExpr=f"{_js(labels)}[datum.value]",
        grid=False,
        tickSize=0,
        labelOverlap=True,
    )
    x = alt.X("n:Q", axis=axis, scale=alt.Scale(domain=(0.5, max(len(told), 6) + 0.5)))
    y = alt.Y(
        "pain:Q",
        scale=alt.Scale(domain=(0, 10)),
        axis=alt.Axis(title=words("progress_pain_axis"), values=[0, 5, 10]),
    )
    dots = (
        alt.Chart(_rows(rows))
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "when:N",
                scale=alt.Scale(domain=[before, after], range=[AMBER, GREEN]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            shape=alt.Shape("when:N", scale=alt.Scale(domain=[before, after], range=["diamond", "circle"])),
            tooltip=[alt.Tooltip("day:N", title=words("progress_day")), "when:N", "pain:Q"],
        )
    )
    lines = (
        alt.Chart(_rows(spans))
        .mark_rule(strokeWidth=2, color=LINE)
        .encode(x=alt.X("n:Q"), y=alt.Y("low:Q"), y2="high:Q")
    )
    return alt.layer(lines, dots).properties(height=260)


# --- what goes with less pain ----------------------------------------------------------------------------------


def _show_tendencies(past: Sequence[PastSession], words: Words) -> None:
    library = frame.library()
    st.html(f"<h2>{escape(words('progress_helps'))}</h2>")
    rules = library.progression.tendency
    found = [
        t
        for t in progress.tendencies(past, rules, library.safety.pain)
        if t.exercise in library.exercises and t.verdict != "too_few"
    ]
    if not found:
        st.html(f"<p class='pc-soft'>{escape(words('progress_helps_few', count=rules.sessions))}</p>")
        return
    said = "".join(f"<li>{_tendency(t, words)}</li>" for t in found)
    st.html(f"<ul class='pc-list'>{said}</ul><p class='pc-soft'>{escape(words('progress_helps_caution'))}</p>")


def _tendency(found: progress.Tendency, words: Words) -> str:
    name = words.of(frame.library().exercises[found.exercise].name)
    low, high = round(found.low * 100), round(found.high * 100)
    lines = [
        words("progress_helps_with", less=found.less, sessions=found.sessions, low=low, high=high),
        words("progress_helps_without", less=found.less_without, sessions=found.without) if found.without else "",
        words(f"progress_helps_{found.verdict}"),
    ]
    return f"<b>{escape(name)}</b><br>{escape(' '.join(filter(None, lines)))}"


# --- exercise by exercise --------------------------------------------------------------------------------------


def _show_exercises(past: Sequence[PastSession], words: Words) -> None:
    library = frame.library()
    done = {e.exercise for session in past for e in session.exercises if e.in_pose_s or progress.was_practised(e)}
    st.html(f"<h2>{escape(words('progress_exercises'))}</h2>")
    with st.container(key="courses"):
        for name in (name for name in library.exercises if name in done):
            with st.container(key=f"course-{name}"):
                _show_course(name, past, words)


def _show_course(name: str, past: Sequence[PastSession], words: Words) -> None:
    library = frame.library()
    course = progress.exercise_course(past, name)
    st.html(
        f'<div class="pc-practised"><img alt="" src="{figures.draw_figure(name)}">'
        f"<h3>{escape(words.of(library.exercises[name].name))}</h3></div>"
    )
    known = [point for point in course if point.steadiness is not None]
    if known:
        show_chart(_steady_chart(known, words))
    lately = course[-_LATELY:]
    said = "".join(
        f"<li>{escape(cue_text(library, words.language, name, check))}"
        f" <span class='pc-soft'>{escape(words('progress_fault_share', percent=round(share * 100)))}</span></li>"
        for check, share in _most_standing(lately)
    )
    title = f"<p class='pc-soft'>{escape(words('progress_faults' if said else 'progress_no_faults'))}</p>"
    st.html(f"{title}<ul class='pc-list'>{said}</ul>" if said else title)


def _most_standing(course: Sequence[progress.CoursePoint]) -> list[tuple[str, float]]:
    """Return the checks whose faults stood longest, with their share of the time in the pose."""
    shares: defaultdict[str, float] = defaultdict(float)
    in_pose = sum(point.in_pose_s or 0.0 for point in course)
    for point in course:
        for check, share in point.faults.items():
            shares[check] += share * (point.in_pose_s or 0.0) / in_pose
    named = sorted(shares.items(), key=lambda item: -item[1])[:_FAULTS_NAMED]
    return [(check, share) for check, share in named if share >= _WORTH_NAMING]


def _steady_chart(known: Sequence[progress.CoursePoint], words: Words) -> alt.Chart:
    rows = [
        {"n": i + 1, "day": words.day(point.day, "d MMM"), "share": round((point.steadiness or 0) * 100)}
        for i, point in enumerate(known)
    ]
    labels = {i + 1: words.day(point.day, "d MMM") for i, point in enumerate(known)}
    axis = alt.Axis(
        title=None,
        values=_spread(list(labels), 4),
        labelExpr=f"{_js(labels)}[datum.value]",
        grid=False,
        tickSize=0,
        labelOverlap=True,
    )
    chart: alt.Chart = (
        alt.Chart(_rows(rows))
        .mark_line(point=alt.OverlayMarkDef(size=60, filled=True), strokeWidth=2)
        .encode(
            color=alt.value(GREEN),
            x=alt.X("n:Q", axis=axis, scale=alt.Scale(domain=(0.5, max(len(rows), 5) + 0.5))),
            y=alt.Y(
                "share:Q",
                scale=alt.Scale(domain=(0, 100)),
                axis=alt.Axis(title=words("progress_steady_axis"), values=[0, 50, 100]),
            ),
            tooltip=[alt.Tooltip("day:N", title=words("progress_day")), alt.Tooltip("share:Q", title="%")],
        )
        .properties(height=150)
    )
    return chart


# --- the summary -----------------------------------------------------------------------------------------------


def _show_summary(past: Sequence[PastSession], words: Words) -> None:
    known = person.profile()
    name = person.called(known, words) if known else ""
    st.html(f"<h2>{escape(words('progress_summary'))}</h2><p>{escape(words('progress_summary_lead'))}</p>")

    def make() -> str:
        return write_summary(frame.library(), words.language, name, past, person.answers(), person.today())

    st.download_button(words("progress_summary_get"), make, "posecheck.html", "text/html", key="summary")


# --- charts ----------------------------------------------------------------------------------------------------


def _rows(values: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=list(values))


def _spread(values: list[int], most: int = 8) -> list[int]:
    """Return at most so many of the values, evenly spread, the last among them."""
    step = -(-len(values) // most)
    return values[::-1][::step][::-1]


def _js(labels: Mapping[int, Any]) -> str:
    return json.dumps({str(n): text for n, text in labels.items()})


def _number(value: float) -> str:
    return f"{value:g}"
