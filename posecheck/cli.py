"""The ``posecheck`` command: what it offers, and how it ends.

Here and in ``commands`` heavy libraries are imported where they are used: ``posecheck --help`` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
import webbrowser
from collections.abc import Sequence
from typing import Annotated

import typer

from posecheck import __version__
from posecheck.commands import analyse, definitions, evaluate, foreign, history, model, page, tune
from posecheck.commands.common import BAD_INPUT, DEFECT, DONE, INTERRUPTED, fetch_model, say, shown_progress
from posecheck.errors import PosecheckError

app = typer.Typer(
    help="Gentle, private pose feedback for back exercises after childbirth. Without a command: the trainer.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    analyse.analyse,
    evaluate.evaluate,
    tune.tune,
    definitions.check,
    definitions.new_exercise,
    model.model,
    model.bench,
):
    app.command()(command)
app.command("import")(foreign.import_landmarks)
app.add_typer(history.app, name="history")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done; 2 bad input or usage, one sentence on stderr; 1 a defect of ours."""
    for stream in (sys.stdout, sys.stderr):
        # A name or a sentence with letters that the terminal lacks is shown with marks instead of ending us.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    args = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in args
    sys.exit(_run([a for a in args if a != "--debug"], debug))


def _run(args: list[str], debug: bool) -> int:
    try:
        status = app(args, prog_name="posecheck", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever was reading has gone, as in `posecheck analyse clip.mp4 | head -1`: nothing to complain about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as e:
        if debug:
            traceback.print_exc()
        return _explain(e)
    if status == INTERRUPTED:  # typer may have turned Ctrl-C into its status already
        say("Stopped; nothing half-made is left behind.")
    return status if isinstance(status, int) else DONE


def _explain(error: Exception) -> int:
    """Say on stderr what stands in the way, and return the exit status for it."""
    if isinstance(error, PosecheckError):
        say(str(error))
        return BAD_INPUT
    format_message = getattr(error, "format_message", None)  # of typer's usage errors, wherever it keeps them
    if format_message is not None:
        sentence = format_message().replace("Invalid value for ", "").replace("Value error, ", "").rstrip(".")
        context = getattr(error, "ctx", None)
        say(f"{sentence}. See `{context.command_path if context else 'posecheck'} --help`.")
        return BAD_INPUT
    say(
        f"posecheck met a defect of its own: {type(error).__name__}: {error}. "
        "Run it again with --debug and send what it prints to the makers."
    )
    return DEFECT


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"posecheck {__version__}")
        raise typer.Exit


def _read_port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise PosecheckError(f"--port must be from 1 to 65535, not {text!r}.", "Leave out --port to have a free one.")


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            parser=_read_port, metavar="<int>", help="Where the page is served; the first free one by default."
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; works with every command.")] = False,
) -> None:
    """Start the trainer: prepare the model on first use and open the page."""
    if context.invoked_subcommand is not None:
        return
    script, port = page.find_page(), port or page.free_port()
    address = f"http://localhost:{port}"
    with page.only_page(address) as other:
        if other is not None:
            print(f"The trainer is open already, at {other}. To start it anew, end that one first.")
            if browser:
                webbrowser.open(other)
            return
        if not page.is_free(port):
            raise PosecheckError(f"Port {port} is in use.", "Leave out --port to have a free one.")
        with shown_progress() as show:
            fetch_model(show)
        print(f"The trainer is at {address} on this computer. Press Ctrl-C to end it.", flush=True)
        raise typer.Exit(page.serve(script, port, browser))
