"""``posecheck history``: what was practised; where it is kept, export, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posecheck.commands.common import read_library, say
from posecheck.errors import PosecheckError, SourceError

if TYPE_CHECKING:
    from posecheck.history import History

app = typer.Typer(help="What was practised: where it is kept, export, delete.")


@app.command()
def where() -> None:
    """Show where the history is kept, and how much there is."""
    with _history() as kept:
        print(kept.where())
        for profile in kept.profiles():
            count = len(kept.sessions(profile.id))
            print(f"{profile.name}: {count} {'session' if count == 1 else 'sessions'}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="history.json, or history.zip with tables (CSV) and recordings.")],
    profile: Annotated[str | None, typer.Option(help="Only this person's, by name.")] = None,
) -> None:
    """Write everything that is remembered to a file."""
    from posecheck.files import check_output

    check_output(file, "FILE")
    with _history() as kept:
        kept.write_export(file, _find_profile(kept, profile))
    print(f"Written to {file}.")


@app.command("delete")
def delete_history(
    profile: Annotated[str | None, typer.Option(help="Only this person's, by name.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is remembered and recorded, for good."""
    from posecheck import recorded

    with _history() as kept:
        who = _find_profile(kept, profile)
        what = f"everything about {profile}" if profile else "everything about everybody"
        if not yes and not typer.confirm(f"Delete {what} at {kept.where()} for good?", err=True):
            print("Nothing was deleted.")
            return
        recorded.delete_belongings(who)
        if who is None:
            kept.delete_all()
        else:
            kept.delete_profile(who)
        print(f"Deleted {what}.")


@contextmanager
def _history() -> Iterator[History]:
    """Give the history, or say in the words of its page why it is not to be had."""
    from posecheck.database import HistoryError
    from posecheck.history import open_history

    kept = open_history()
    try:
        trouble = kept.trouble
        if trouble and trouble.waiting is not None:
            raise _in_words(trouble.phrase, trouble.values)
        if trouble:
            say(str(_in_words(trouble.phrase, trouble.values)))
        yield kept
    except HistoryError as e:
        raise _in_words(e.phrase, e.values) from e
    finally:
        kept.close()


def _in_words(phrase: str, values: Mapping[str, object]) -> PosecheckError:
    library = read_library()
    return PosecheckError(*(library.phrase(name, "en", **values) for name in (phrase, f"{phrase}_next")))


def _find_profile(kept: History, name: str | None) -> str | None:
    if name is None:
        return None
    known = {profile.name: profile.id for profile in kept.profiles()}
    if name not in known:
        names = ", ".join(known) or "nobody"
        raise SourceError(f"Nobody here is called {name!r}.", f"Known: {names}.")
    return known[name]
