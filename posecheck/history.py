"""What was done and how it felt, written down as it happens; never pictures.

Here is what is remembered and how it is read again; ``store`` sees to it that it is written. Whoever ends the
program loses at most the hold in progress.
"""

from __future__ import annotations

import atexit
import csv
import io
import json
import os
import threading
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Row, Select, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from posecheck import tables as db
from posecheck.diary import Answers, Clearance, PastExercise, PastHold, PastSession, Profile
from posecheck.errors import OutputError
from posecheck.files import whole_file
from posecheck.folders import data_folder
from posecheck.recorded import belongings, pack
from posecheck.records import Record
from posecheck.store import Op, Store


def default_place() -> str:
    """Return where the history is kept: POSECHECK_DATABASE (a path or an SQLAlchemy URL), else the user's data."""
    return os.environ.get("POSECHECK_DATABASE") or str(data_folder() / "history.sqlite")


def open_history() -> History:
    """Return the history at ``default_place``, ready to use whatever the database says (``History.trouble``)."""
    history = History(default_place())
    atexit.register(history.flush, 1.0)  # what waits in memory is tried a last time
    return history


class History(Store):
    """Everything remembered, for all threads of the program; made as a ``Store`` is."""

    def __init__(self, place: str, **times: Any) -> None:
        super().__init__(place, **times)
        self._writers: WeakValueDictionary[str, Writer] = WeakValueDictionary()

    def profiles(self) -> tuple[Profile, ...]:
        """Return everybody, in the order they came."""
        rows = self._read(select(db.profiles).order_by(db.profiles.c.created_at, db.profiles.c.name))
        return tuple(Profile(row.id, row.name, row.language) for row in rows)

    def add_profile(self, name: str, language: str = "en") -> Profile:
        """Add somebody."""
        profile = Profile(_new_id(), name, language)
        values = {"id": profile.id, "name": name, "language": language, "created_at": self._now()}
        self._write(insert(db.profiles).values(values))
        return profile

    def change_profile(self, profile: Profile) -> None:
        """Take over somebody's new name or language."""
        values = {"name": profile.name, "language": profile.language}
        self._write(update(db.profiles).where(db.profiles.c.id == profile.id).values(values))

    def delete_profile(self, profile_id: str) -> None:
        """Delete somebody with everything about them.

        Raises:
            HistoryError: where the database refuses; nothing is deleted then.
        """
        self._delete(delete(db.profiles).where(db.profiles.c.id == profile_id))

    def delete_all(self) -> None:
        """Delete everything about everybody, damaged files set aside included.

        Raises:
            HistoryError: where the database refuses; nothing is deleted then.
        """
        self._delete(delete(db.profiles))
        self._forget_set_aside()

    def preferences(self, profile_id: str) -> dict[str, str]:
        """Return what somebody prefers, name -> value."""
        rows = self._read(select(db.preferences).where(db.preferences.c.profile == profile_id))
        return {row.name: row.value for row in rows}

    def save_preferences(self, profile_id: str, preferences: Mapping[str, str]) -> None:
        """Remember what somebody prefers; a value takes the place of the one before."""
        for name, value in preferences.items():
            self._put(db.preferences, {"profile": profile_id, "name": name}, value=value)

    # --- answers -----------------------------------------------------------------------------------------------

    def save_answers(self, profile_id: str, answers: Answers, day: date) -> None:
        """Remember answers of a day; one given again on the same day takes the place of the first."""
        for question, answer in answers.items():
            value = answer if isinstance(answer, (str, int)) else list(answer)
            self._put(db.answers, {"profile": profile_id, "question": question, "day": day}, answer=value)

    def answers(self, profile_id: str, today: date, of_the_day: Iterable[str]) -> Answers:
        """Return the latest answer to each question.

        Args:
            profile_id: Whose.
            today: The day on her calendar.
            of_the_day: Questions whose answers hold only on the day they were given.
        """
        mine = (db.answers.c.profile == profile_id) & (db.answers.c.day <= today)
        daily = set(of_the_day)
        rows = self._read(select(db.answers).where(mine).order_by(db.answers.c.day))
        return MappingProxyType({r.question: r.answer for r in rows if r.question not in daily or r.day == today})

    def answered(self, profile_id: str, today: date) -> Mapping[str, date]:
        """Return the day on which each question was answered last."""
        mine = (db.answers.c.profile == profile_id) & (db.answers.c.day <= today)
        rows = self._read(select(db.answers.c.question, db.answers.c.day).where(mine).order_by(db.answers.c.day))
        return MappingProxyType({row.question: row.day for row in rows})

    def add_clearance(self, profile_id: str, clearance: Clearance) -> None:
        """Remember a professional's word."""
        values = {
            "id": _new_id(),
            "profile": profile_id,
            "day": clearance.day,
            "allows": clearance.allows,
            "exercises": None if clearance.exercises is None else list(clearance.exercises),
            "said_by": clearance.by,
            "note": clearance.note,
            "written_at": self._now(),
        }
        self._write(insert(db.clearances).values(values))

    def clearances(self, profile_id: str) -> tuple[Clearance, ...]:
        """Return what professionals said, oldest first."""
        c = db.clearances.c
        rows = self._read(select(db.clearances).where(c.profile == profile_id).order_by(c.day, c.written_at))
        return tuple(
            Clearance(r.day, r.allows, None if r.exercises is None else tuple(r.exercises), r.said_by, r.note)
            for r in rows
        )

    # --- sessions ----------------------------------------------------------------------------------------------

    def begin(
        self, profile_id: str, *, programme: str | None = None, pain_before: int | None = None, today: date
    ) -> Writer:
        """Begin a session and return what writes it down."""
        session = _new_id()
        values = {
            "id": session,
            "profile": profile_id,
            "day": today,
            "started_at": self._now(),
            "programme": programme,
            "planned": [],
            "pain_before": pain_before,
        }
        self._write(insert(db.sessions).values(values))
        writer = self._writers[session] = Writer(session, self._write)
        return writer

    def goes_on(self, session_id: str) -> bool:
        """Return whether a session is still being written by this program; one that broke off is not."""
        writer = self._writers.get(session_id)
        return writer is not None and not writer.finished

    def set_pain_after(self, session_id: str, pain: int | None) -> None:
        """Remember how her back felt after a session, 0 to 10."""
        this_session = update(db.sessions).where(db.sessions.c.id == session_id)
        self._write(this_session.values(pain_after=pain))

    def sessions(self, profile_id: str) -> tuple[PastSession, ...]:
        """Return somebody's sessions in which anything was begun, oldest first."""
        with self._lock:
            rows = self._read(
                select(db.sessions)
                .where(db.sessions.c.profile == profile_id)
                .order_by(db.sessions.c.day, db.sessions.c.started_at)
            )
            parts = {
                table.name: _by_session(self._read(_of(table, profile_id)))
                for table in (db.exercises, db.holds, db.cycles, db.cues, db.faults)
            }
        past = (_past_session(row, {name: part[row.id] for name, part in parts.items()}) for row in rows)
        return tuple(session for session in past if session.exercises)

    # --- everything --------------------------------------------------------------------------------------------

    def tables(self, profile_id: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return every row of every table as plain values, of one person or of all."""
        with self._lock:
            return {
                table.name: [dict(row._mapping) for row in self._read(_of(table, profile_id))]
                for table in db.metadata.sorted_tables
            }

    def export_json(self, profile_id: str | None = None) -> str:
        """Return everything as JSON (``posecheck/history@1``), of one person or of all."""
        document = {"schema": "posecheck/history@1", "exported_at": self._now(), **self.tables(profile_id)}
        return json.dumps(document, default=_plain, ensure_ascii=False, indent=1) + "\n"

    def export_csv(self, profile_id: str | None = None) -> dict[str, str]:
        """Return everything as CSV, file name -> text with a line of names: one file a table."""
        out = {}
        for table, rows in zip(db.metadata.sorted_tables, self.tables(profile_id).values(), strict=True):
            text = io.StringIO()
            writer = csv.DictWriter(text, [column.name for column in table.columns], lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
            out[f"{table.name}.csv"] = text.getvalue()
        return out

    def write_export(self, path: Path, profile_id: str | None = None) -> None:
        """Write everything to a file: ``.json``, or ``.zip`` with a CSV file for each table and what was recorded.

        Raises:
            OutputError: where the name ends otherwise, or the file cannot be written.
        """
        if path.suffix.lower() not in (".json", ".zip"):
            raise OutputError(
                f"{path} is neither .json nor .zip.", "Name it history.json, or history.zip for tables."
            )
        with whole_file(path) as temporary:
            if path.suffix.lower() == ".json":
                temporary.write_text(self.export_json(profile_id), encoding="utf-8")
                return
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in self.export_csv(profile_id).items():
                    archive.writestr(name, text)
                pack(belongings(profile_id), archive)

    def _put(self, table: Table, key: Mapping[str, object], **values: object) -> None:
        """Write a row in the place of the one with the same key, if there is one."""
        gone = delete(table).where(*(table.c[name] == part for name, part in key.items()))
        self._write(gone, insert(table).values(**key, **values))


class Writer:
    """Writes one session down as it happens; may be called from any thread.

    Attributes:
        session_id: Key of the session, for pain afterwards.
        finished: Whether the session's end was written.
    """

    def __init__(self, session_id: str, write: Callable[..., None]) -> None:
        self.session_id = session_id
        self.finished = False
        self._write = write
        self._lock = threading.Lock()
        self._number = 0

    def add(self, record: Record) -> None:
        """Write one record down. Never waits long and never fails: where the database refuses, memory keeps it."""
        with self._lock:
            self._number += 1
            with suppress(IntegrityError):  # she deleted the session, or herself, while it went on
                self._write(*_statements(self.session_id, self._number, record))
            self.finished |= record.kind == "session_finished"


def _statements(session: str, number: int, record: Record) -> Op:
    """Return what writes a record."""
    this_session = update(db.sessions).where(db.sessions.c.id == session)
    here = (db.exercises.c.session == session, db.exercises.c.position == record.position)
    key = {"session": session, "number": number, "position": record.position, "at_s": record.t}
    match record.kind:
        case "session_started":
            return (this_session.values(programme=record.programme, planned=list(record.exercises)),)
        case "exercise_started":
            values = {
                "session": session,
                "position": record.position,
                "exercise": record.exercise,
                "strictness": record.strictness or "gentle",
                "at_s": record.t,
            }
            return (insert(db.exercises).values(values),)
        case "hold":
            return (insert(db.holds).values(**key, seconds=record.seconds, side=record.side),)
        case "cycle":
            return (insert(db.cycles).values(**key, nth=record.count, side=record.side),)
        case "cue":
            return (insert(db.cues).values(**key, check_id=record.check, easier=record.easier),)
        case "stopped_for":
            during = (update(db.exercises).where(*here).values(stopped_for=record.stop),)
            return (this_session.values(stopped_for=record.stop), *(during if record.position is not None else ()))
        case "exercise_finished":
            values = {
                "ended_s": record.t,
                "outcome": record.outcome,
                "in_pose_s": record.in_pose_s,
                "clean_s": record.clean_s,
                "held_s": record.held_s,
                "unfinished_s": record.unfinished_s,
            }
            faults = [
                {"session": session, "position": record.position, "check_id": check, "seconds": seconds}
                for check, seconds in record.fault_s.items()
            ]
            done = update(db.exercises).where(*here).values(values)
            return (done, *([insert(db.faults).values(faults)] if faults else []))
        case "session_finished":
            values = {
                "seconds": record.t,
                "outcome": record.outcome,
                "strength": record.strength,
                "next_time": record.next_time,
            }
            return (this_session.values(values),)
        case "doubted":
            return ()  # kept where the pictures are judged, with the landmarks of those seconds


def _of(table: Table, profile_id: str | None) -> Select[Any]:
    query = select(table)
    if profile_id is not None:
        if table is db.profiles:
            query = query.where(table.c.id == profile_id)
        elif "profile" in table.c:
            query = query.where(table.c.profile == profile_id)
        else:
            query = query.where(
                table.c.session.in_(select(db.sessions.c.id).where(db.sessions.c.profile == profile_id))
            )
    return query.order_by(*table.primary_key.columns)


def _by_session(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    out: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        out[row.session].append(row)
    return out


def _past_session(row: Row[Any], parts: Mapping[str, Sequence[Row[Any]]]) -> PastSession:
    events = [e for name in ("holds", "cycles", "cues") for e in parts[name]]
    seen = [e.at_s for e in events] + [t for e in parts["exercises"] for t in (e.at_s, e.ended_s) if t is not None]
    started: datetime = row.started_at
    return PastSession(
        id=row.id,
        profile=row.profile,
        day=row.day,
        started_at=started if started.tzinfo else started.replace(tzinfo=UTC),  # SQLite keeps no time zone
        programme=row.programme,
        seconds=row.seconds if row.seconds is not None else max(seen, default=0.0),
        outcome=row.outcome or "broken",
        pain_before=row.pain_before,
        pain_after=row.pain_after,
        stopped_for=row.stopped_for,
        strength=row.strength or "",
        next_time=row.next_time or "",
        exercises=tuple(_past_exercise(e, parts) for e in parts["exercises"]),
    )


def _past_exercise(row: Row[Any], parts: Mapping[str, Sequence[Row[Any]]]) -> PastExercise:
    def mine(name: str) -> list[Row[Any]]:
        return [part for part in parts[name] if part.position == row.position]

    holds = tuple(PastHold(h.at_s, h.seconds, h.side) for h in mine("holds"))
    cues: defaultdict[str, int] = defaultdict(int)
    for cue in mine("cues"):
        cues[cue.check_id] += 1
    return PastExercise(
        exercise=row.exercise,
        position=row.position,
        strictness=row.strictness,
        outcome=row.outcome or "broken",
        t=row.at_s,
        seconds=None if row.ended_s is None else row.ended_s - row.at_s,
        in_pose_s=row.in_pose_s,
        clean_s=row.clean_s,
        held_s=row.held_s if row.held_s is not None else sum(hold.seconds for hold in holds),
        holds=holds,
        cycles=len(mine("cycles")),
        faults_s=MappingProxyType({fault.check_id: fault.seconds for fault in mine("faults")}),
        cues=MappingProxyType(dict(cues)),
        stopped_for=row.stopped_for,
    )


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"cannot write {type(value).__name__}")


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def _new_id() -> str:
    return uuid.uuid4().hex
