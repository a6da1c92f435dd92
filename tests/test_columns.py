"""Tables: one row an instant, unseen left empty, every column explained."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from posecheck import columns
from posecheck.ledger import Ledger
from posecheck.moment import Moment


@pytest.fixture
def ledger() -> Ledger:
    usual: dict[str, Any] = {"person": True, "in_pose": True, "phase": "hold"}
    return Ledger(
        [
            Moment(0.0, **usual, measures={"elbow_angle": 151.26, "span": 1.234}, faults=("elbows_bent",)),
            Moment(0.5, **usual, measures={"elbow_angle": 150.0, "reach_left": 0.5}, side="left", held_s=0.5),
            Moment(1.0, look=False),
        ]
    )


def read(data: bytes) -> Any:
    return pq.read_table(io.BytesIO(data))


def test_parquet_keeps_full_precision_and_unseen_is_null(ledger: Ledger) -> None:
    rows = read(columns.parquet_bytes(ledger)).to_pylist()
    assert [row["t"] for row in rows] == [0.0, 0.5, 1.0]
    assert [row["elbow_angle"] for row in rows] == [151.26, 150.0, None]
    assert [row["span"] for row in rows] == [1.234, None, None]
    assert [row["faults"] for row in rows] == [["elbows_bent"], [], []]
    assert [row["side"] for row in rows] == [None, "left", None]
    assert [row["look"] for row in rows] == [True, True, False]
    assert [row["in_pose"] for row in rows] == [True, True, False]


def test_every_column_says_its_unit(ledger: Ledger) -> None:
    schema = read(columns.parquet_bytes(ledger)).schema
    told = {field.name: {k.decode(): v.decode() for k, v in field.metadata.items()} for field in schema}
    assert told["elbow_angle"]["unit"] == "degrees"
    assert told["span"]["unit"] == "torso lengths"
    assert told["t"]["unit"] == "s"
    assert told["reach_left"]["meaning"].endswith(", of her left side")
    assert all(meaning["meaning"] for meaning in told.values())


def test_the_dictionary_explains_exactly_the_columns(ledger: Ledger) -> None:
    header = next(csv.reader(io.StringIO(columns.csv_text(ledger))))
    dictionary = list(csv.DictReader(io.StringIO(columns.dictionary_text(ledger))))
    assert [row["column"] for row in dictionary] == header == read(columns.parquet_bytes(ledger)).column_names
    assert all(row["unit"] and row["meaning"] for row in dictionary)


def test_the_table_has_a_row_an_instant(ledger: Ledger) -> None:
    rows = list(csv.DictReader(io.StringIO(columns.csv_text(ledger))))
    assert [row["elbow_angle"] for row in rows] == ["151.3", "150.0", ""]
    assert [row["look"] for row in rows] == ["1", "1", "0"]
    assert [row["phase"] for row in rows] == ["hold", "hold", "away"]
