"""The command as somebody runs it at a prompt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from posecheck import cli

Run = Callable[..., tuple[int, str, str]]
"""Arguments, each turned into text -> exit status, stdout and stderr."""


def run_command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the command to its end."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out, err
