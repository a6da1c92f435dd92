"""The files an analysis is asked to write: named by options, looked over before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posecheck.errors import OutputError
from posecheck.files import RECORDING_SUFFIXES, check_apart, check_output, source_kind


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files to write beside the result; for a folder each is a folder itself.

    Attributes:
        csv: One row a frame.
        parquet: The same in full precision, each column with its unit and meaning.
        annotate: The video with skeleton and sentences (MP4), or a picture for a photograph.
        record: The landmark recording.
    """

    csv: Path | None = None
    parquet: Path | None = None
    annotate: Path | None = None
    record: Path | None = None

    @property
    def named(self) -> dict[str, Path]:
        """The outputs asked for, by the name of their option."""
        every = {
            "--csv": self.csv,
            "--parquet": self.parquet,
            "--annotate": self.annotate,
            "--record": self.record,
        }
        return {option: path for option, path in every.items() if path is not None}


def check_outputs(source: Path, outputs: Outputs) -> None:
    """Say before any work is done what would keep a file from being written.

    Raises:
        OutputError: one sentence.
    """
    for option, path in outputs.named.items():
        check_output(path, option, source)
    check_apart(outputs.named)
    kinds = {"--record": RECORDING_SUFFIXES, "--annotate": {".mp4"}}
    if source_kind(source) == "photograph":
        kinds["--annotate"] = {".jpg", ".jpeg", ".png", ".mp4"}
    for option, path in outputs.named.items():
        if path.suffix.lower() not in kinds.get(option, {path.suffix.lower()}):
            known = " or ".join(sorted(kinds[option]))
            raise OutputError(f"{option} does not write {path.name}.", f"Give a name that ends in {known}.")


def place_outputs(folder: Path, sources: Sequence[Path], outputs: Outputs) -> list[Outputs]:
    """Return each source's own outputs inside the folders named; makes those folders."""
    for option, path in outputs.named.items():
        if path.is_file() or (path.suffix and not path.is_dir()):
            raise OutputError(f"{folder} is a folder and {path} is not.", f"Give {option} a folder as well.")
        if path.resolve() == folder.resolve():
            raise OutputError(f"{option} would write among the sources in {folder}.", "Give another folder.")
        try:
            path.mkdir(exist_ok=True)
        except OSError as e:
            raise OutputError(f"The folder {path} cannot be made: {e.strerror}.", "Choose another.") from e
    stems = [source.stem for source in sources]
    names = [s.stem if stems.count(s.stem) == 1 else s.name for s in sources]
    return [
        Outputs(
            csv=outputs.csv and outputs.csv / f"{name}.csv",
            parquet=outputs.parquet and outputs.parquet / f"{name}.parquet",
            annotate=outputs.annotate and outputs.annotate / f"{name}.mp4",
            record=outputs.record and outputs.record / f"{name}.npz",
        )
        for name in names
    ]
