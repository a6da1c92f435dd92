"""The history's database: opened, brought up to date, and every way in which it may refuse told apart."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from posecheck.errors import PosecheckError
from posecheck.tables import metadata

TroubleKind = Literal[
    "locked", "read_only", "full", "damaged", "newer", "foreign", "unreachable", "not_a_url", "no_driver"
]

BUSY_S = 0.25
"""How long one statement waits for another program; short, because the camera's thread waits with it."""

_PAGE = 4096
"""Bytes that SQLite writes at least."""

_SQLITE_KINDS: dict[int, TroubleKind] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_CANTOPEN: "read_only",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
"""SQLite's primary result codes; an extended one keeps them in its lowest byte."""


class HistoryError(PosecheckError):
    """The history's database refuses.

    Attributes:
        kind: In which way. It is said by the phrases ``history_<kind>`` and ``history_<kind>_next``.
        values: What fills their gaps.
    """

    def __init__(self, kind: TroubleKind, where: str, **values: object) -> None:
        super().__init__(f"The history at {where} is not to be had ({kind.replace('_', ' ')}).")
        self.kind = kind
        self.values: Mapping[str, object] = MappingProxyType({"where": where, **values})

    @property
    def phrase(self) -> str:
        """Id of the phrase that says it; with ``_next`` after it, that of what to do."""
        return f"history_{self.kind}"


def parse_url(place: str) -> URL:
    """Return the database that a path or an SQLAlchemy URL means.

    Raises:
        HistoryError: where a URL cannot be understood.
    """
    if "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser().absolute()))
    try:
        return make_url(place)
    except ArgumentError as e:
        raise HistoryError("not_a_url", "POSECHECK_DATABASE") from e


def shown(url: URL) -> str:
    """Return where a database is, without its password."""
    return str(file_of(url) or url.render_as_string(hide_password=True))


def file_of(url: URL) -> Path | None:
    """Return the file of an SQLite database, or None for any other."""
    on_disk = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if on_disk else None


def open_database(url: URL) -> Engine:
    """Return an engine to the database, made or brought up to date.

    Raises:
        HistoryError: in whichever way it refuses; the database is then as it was before.
    """
    file = file_of(url)
    if file is not None:
        _make_file(file)
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if file is not None:
                _check_pages(connection, shown(url))  # before anything in the file is changed
                # Readers and a writer do not wait for each other then; the file remembers it.
                _without_transaction(connection, "PRAGMA journal_mode=WAL")
        with writing(engine) as connection:
            upgrade(connection, shown(url))
    except HistoryError:
        engine.dispose()
        raise
    except (DBAPIError, sqlite3.Error) as e:
        engine.dispose()
        raise explain(e, url) from e
    return engine


def make_engine(url: URL) -> Engine:
    """Return an engine whose transactions are SQLite's own, or the other database's.

    Raises:
        HistoryError: where the library that speaks to this kind of database is not installed.
    """
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.get_backend_name() == "sqlite":
        options = {"connect_args": {"timeout": BUSY_S, "check_same_thread": False}}
        if file_of(url) is None:
            options["poolclass"] = StaticPool
    try:
        engine = create_engine(url, **options)
    except (ImportError, NoSuchModuleError) as e:
        raise HistoryError("no_driver", shown(url), driver=url.drivername) from e
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "begin", _begin)
    return engine


def writing(engine: Engine) -> Any:
    """Return a context that gives a connection in a transaction that writes: committed whole, or not at all."""
    return engine.execution_options(posecheck_writes=True).begin()


def memory_copy(url: URL, *, readable: bool) -> Engine:
    """Return a database in memory with what can be read of another one; empty where nothing can.

    Args:
        url: The other one.
        readable: Whether reading it is worth trying.
    """
    engine = make_engine(URL.create("sqlite"))
    file = file_of(url)
    if readable and file is not None and file.is_file():
        with suppress(sqlite3.Error, HistoryError), closing(_open_read_only(file)) as source:
            with engine.connect() as connection:
                source.backup(_sqlite(connection))
            with writing(engine) as connection:
                upgrade(connection, shown(url))
            return _loosened(engine)
    engine.dispose()
    engine = make_engine(URL.create("sqlite"))
    metadata.create_all(engine)
    return _loosened(engine)


def _loosened(engine: Engine) -> Engine:
    """Let a database in memory hold what belongs to somebody it could not read about."""
    with engine.connect() as connection:
        _without_transaction(connection, "PRAGMA foreign_keys=OFF")
    return engine


def explain(error: Exception, url: URL) -> HistoryError:
    """Return what a failure of the database means."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    kind = _SQLITE_KINDS.get(code & 0xFF) if isinstance(code, int) else None
    if kind is None and _is_disk_full(file_of(url)):
        kind = "full"  # without room for the file of its log, SQLite speaks only of an I/O error
    return HistoryError(kind or "unreachable", shown(url))


def _is_disk_full(file: Path | None) -> bool:
    """Return whether the disk of a file has no room for a page more."""
    try:
        return file is not None and shutil.disk_usage(file.parent).free < _PAGE
    except OSError:
        return False


def set_aside(file: Path, now: datetime) -> Path:
    """Rename a damaged database, with all that belongs to it, and return its new name.

    Raises:
        HistoryError: where the folder does not allow it.
    """
    aside = file.with_name(f"{file.stem}.damaged-{now:%Y-%m-%d-%H%M%S}{file.suffix}")
    try:
        file.rename(aside)
        for end in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                file.with_name(file.name + end).rename(aside.with_name(aside.name + end))
    except OSError as e:
        raise HistoryError("read_only", str(file)) from e
    return aside


def set_aside_before(file: Path) -> list[Path]:
    """Return what was set aside of this database, with all that belongs to it."""
    return sorted(file.parent.glob(f"{file.stem}.damaged-*{file.suffix}*"))


# --- versions --------------------------------------------------------------------------------------------------


def upgrade(connection: Connection, where: str) -> None:
    """Bring a database to the newest version, within the transaction of the connection.

    Raises:
        HistoryError: where it is of a newer posecheck, or not of posecheck at all.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    present = version_of(connection)
    if present is None and inspect(connection).get_table_names():
        raise HistoryError("foreign", where)
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise HistoryError("newer", where, version=present)
    if present != scripts.get_current_head():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables, or None where there are none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(select(text("version_num")).select_from(text("alembic_version"))).scalar()


# --- SQLite ----------------------------------------------------------------------------------------------------


def _make_file(file: Path) -> None:
    """Make an empty file that only this account may read: what is in it is nobody else's business."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        if not file.is_file():
            raise HistoryError("foreign", str(file)) from None
    except OSError as e:
        raise HistoryError("read_only", str(file)) from e


def _prepare_connection(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # transactions are begun by _begin, not guessed by the driver
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A writer that takes the lock at once can wait for it; one that has read before could only fail.
    writes = connection.get_execution_options().get("posecheck_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_pages(connection: Connection, where: str) -> None:
    if _without_transaction(connection, "PRAGMA quick_check(1)") != "ok":
        raise HistoryError("damaged", where)


def _without_transaction(connection: Connection, statement: str) -> object:
    found = _sqlite(connection).execute(statement).fetchone()
    return found[0] if found else None


def _sqlite(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError(f"expected an SQLite connection, got {type(raw).__name__}")
    return raw


def _open_read_only(file: Path) -> sqlite3.Connection:
    """Return a connection that only reads.

    Raises:
        sqlite3.Error: where even that is refused.
    """
    # "immutable": as the file is, without the lock files that a read-only folder cannot hold.
    *first, last = ("mode=ro", "immutable=1")
    for how in first:
        with suppress(sqlite3.Error):
            return _tried(f"file:{quote(str(file))}?{how}")
    return _tried(f"file:{quote(str(file))}?{last}")


def _tried(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_S)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
