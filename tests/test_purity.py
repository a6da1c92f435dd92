"""The core takes its time from its arguments: nothing in it asks a clock what day it is."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLOCKS = {"now", "today", "utcnow", "localtime", "gmtime", "monotonic", "perf_counter"}


def core() -> list[str]:
    """Return the modules that the project calls pure."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (pure,) = [c for c in contracts if c["name"].startswith("The core is pure")]
    return list(pure["source_modules"])


def clocks_read(source: str) -> list[str]:
    """Return every clock that a source asks, such as ``date.today``."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [ast.unparse(f) for f in calls if isinstance(f, ast.Attribute) and f.attr in CLOCKS]


def test_the_core_asks_no_clock() -> None:
    modules = core()
    assert {"posecheck.safety", "posecheck.progression", "posecheck.session"} <= set(modules)
    for module in modules:
        path = ROOT / f"{module.replace('.', '/')}.py"
        assert clocks_read(path.read_text(encoding="utf-8")) == [], module


def test_a_clock_would_be_found() -> None:
    assert clocks_read("import datetime\nd = datetime.date.today()") == ["datetime.date.today"]
