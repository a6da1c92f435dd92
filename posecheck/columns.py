"""What was measured as tables: a row an instant, a column a quantity, and a dictionary of the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from posecheck.files import whole_file
from posecheck.ledger import Ledger, milli
from posecheck.measures import MEASURES

_UNITS = {"deg": "degrees", "torso": "torso lengths", "frame": "heights of the picture", "ratio": "none"}
_BEFORE = {
    "t": ("s", "media seconds since the first frame"),
    "person": ("none", "1 where somebody is in the picture, else 0"),
    "in_pose": ("none", "1 while she counts as being in the pose, else 0"),
    "phase": ("none", "away, out, enter, hold, leave, or the phase of a movement, such as cat or cow"),
    "side": ("none", "left or right: the side being worked, hers; empty where there is none"),
    "held_s": ("s", "seconds of the hold going on; stays where it was while it is paused"),
    "cycles": ("none", "cycles counted so far"),
}
_AFTER = {
    "faults": ("none", "ids of the checks that are out, most important first, separated by spaces"),
    "unknown": ("none", "ids of the checks that cannot be judged now, separated by spaces"),
    "look": (
        "none",
        "1 where she was looked at in this picture; 0 where all but t and person is as at the look before",
    ),
}


def write_csv(path: Path, ledger: Ledger) -> None:
    """Write one row a frame, whole or not at all; a measure that cannot be seen is an empty cell."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_rows(ledger))


def write_parquet(path: Path, ledger: Ledger) -> None:
    """Write the table as Parquet, whole or not at all."""
    data = parquet_bytes(ledger)
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def csv_text(ledger: Ledger) -> str:
    """Return what ``write_csv`` writes."""
    return _text(_rows(ledger))


def dictionary_text(ledger: Ledger) -> str:
    """Return a table of the columns: name, unit and meaning."""
    return _text([("column", "unit", "meaning"), *_dictionary(list(ledger.measures))])


def parquet_bytes(ledger: Ledger) -> bytes:
    """Return the table as Parquet: measures in full precision, each column with its unit and meaning."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, object] = {
        "t": ledger.t,
        "person": np.array(ledger.person),
        "in_pose": np.array(ledger.in_pose),
        "phase": ledger.phase,
        "side": pa.array(ledger.side, pa.string()),
        "held_s": ledger.held_s,
        "cycles": ledger.cycles,
    }
    # Unseen is null, as elsewhere in tables; NaN would be a number to most readers.
    columns |= {name: pa.array(values, from_pandas=True) for name, values in ledger.measures.items()}
    columns |= {
        "faults": pa.array([list(ids) for ids in ledger.faults], pa.list_(pa.string())),
        "unknown": pa.array([list(ids) for ids in ledger.unknown], pa.list_(pa.string())),
        "look": np.array(ledger.look),
    }
    table = pa.table(columns)
    told = {name: {"unit": unit, "meaning": meaning} for name, unit, meaning in _dictionary(list(ledger.measures))}
    schema = pa.schema([field.with_metadata(told[field.name]) for field in table.schema])
    out = io.BytesIO()
    pq.write_table(table.cast(schema), out)
    return out.getvalue()


def _rows(ledger: Ledger) -> Iterator[Sequence[object]]:
    names = list(ledger.measures)
    yield [*_BEFORE, *names, *_AFTER]
    for i, (t, held) in enumerate(zip(ledger.t, ledger.held_s, strict=True)):
        measures = ledger.round_measures(i)
        yield [
            milli(t),
            int(ledger.person[i]),
            int(ledger.in_pose[i]),
            ledger.phase[i],
            ledger.side[i] or "",
            milli(held),
            ledger.cycles[i],
            *(measures.get(name, "") for name in names),
            " ".join(ledger.faults[i]),
            " ".join(ledger.unknown[i]),
            int(ledger.look[i]),
        ]


def _dictionary(names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    yield from ((name, *told) for name, told in _BEFORE.items())
    for name in names:
        base, side = name, ""
        for one in ("left", "right"):
            if name not in MEASURES and name.endswith(f"_{one}"):
                base, side = name.removesuffix(f"_{one}"), f", of her {one} side"
        measure = MEASURES[base]
        yield name, _UNITS.get(measure.unit, measure.unit), measure.summary + side
    yield from ((name, *told) for name, told in _AFTER.items())


def _text(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()
