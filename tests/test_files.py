"""What a path holds, and results that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from posecheck.errors import OutputError, SourceError
from posecheck.files import check_output, check_readable, folder_sources, format_size, source_kind, whole_file


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.mp4", b"x", "video"),
        ("a.MOV", b"x", "video"),
        ("a.jpg", b"x", "photograph"),
        ("a.HEIC", b"x", "photograph"),
        ("a.npz", b"x", "recording"),
        ("no_suffix", b"PK\x03\x04", "recording"),
        ("no_suffix", b"\xff\xd8\xff\xe0", "photograph"),
        ("no_suffix", b"\x89PNG\r\n", "photograph"),
        ("no_suffix", b"RIFF\0\0\0\0WEBP", "photograph"),
        ("no_suffix", b"anything else", "video"),
    ],
)
def test_source_kind_by_suffix_then_by_content(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert source_kind(tmp_path / name) == kind


def test_source_kind_of_a_folder(tmp_path: Path) -> None:
    assert source_kind(tmp_path) == "folder"


def test_folder_sources_in_name_order_without_what_lies_beside(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.npz", "c.JPG", "._b.mp4", "notes.txt", "b.json"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.mp4").mkdir()
    assert [path.name for path in folder_sources(tmp_path)] == ["a.npz", "b.mp4", "c.JPG"]


def test_a_folder_with_nothing_usable(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    sentence = (
        f"{tmp_path} holds no video, photograph or recording. "
        "Give a folder with MP4, MOV, WebM, JPEG, PNG or NPZ files directly inside it."
    )
    with pytest.raises(SourceError, match=re.escape(sentence)):
        folder_sources(tmp_path)


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "gone.mp4"
    with pytest.raises(SourceError, match=re.escape(f"{path} does not exist. Check the spelling and the folder.")):
        source_kind(path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.touch()
    with pytest.raises(SourceError, match=re.escape("clip.mp4 is empty (0 bytes). Copy or record it again.")):
        check_readable(path)


def test_a_folder_where_a_file_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=re.escape(f"{tmp_path} is a folder, not a file. Give the file itself.")):
        check_readable(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    with pytest.raises(SourceError, match=re.escape(f"{path} is neither a file nor a folder. Give a file.")):
        check_readable(path)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            PermissionError(errno.EACCES, "no"),
            "may not be read by this account. Change its permissions, or copy it.",
        ),
        (OSError(errno.EIO, "Input/output error"), "cannot be read: Input/output error. Copy or record it again."),
    ],
)
def test_a_file_the_system_will_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    # Raised by hand: an administrator's account, as in CI, may read everything.
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"x")

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=re.escape(f"{path} {sentence}")):
        check_readable(path)


def test_a_whole_file_takes_its_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")
    with whole_file(path) as temporary:
        temporary.write_text("after")
        assert path.read_text() == "before"
        assert temporary.suffix == ".json"
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")

    def write_half() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "x"), "was not written: the disk is full. Free some space and try again."),
        (
            PermissionError(errno.EACCES, "x"),
            "was not written: its folder may not be written. Choose another folder.",
        ),
        (OSError(errno.EROFS, "x"), "was not written: its folder may not be written. Choose another folder."),
        (OSError(errno.EIO, "Input/output error"), "was not written: Input/output error. Choose another folder."),
    ],
)
def test_a_file_that_cannot_be_written(tmp_path: Path, error: OSError, sentence: str) -> None:
    path = tmp_path / "out.json"

    def write() -> None:
        with whole_file(path):
            raise error

    with pytest.raises(OutputError, match=re.escape(f"{path} {sentence}")):
        write()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_may_not_be_written_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "access", lambda *_: False
    )  # for who runs the tests as root, everything may be written
    path = tmp_path / "out.json"
    sentence = f"{path} was not written: its folder may not be written. Choose another folder."
    with pytest.raises(OutputError, match=re.escape(sentence)):
        check_output(path, "--json")


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "none" / "out.json"
    sentence = f"{path} was not written: its folder does not exist. Make the folder first."
    with pytest.raises(OutputError, match=re.escape(sentence)), whole_file(path):
        pass


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    sentence = f"{tmp_path} is a folder. Give the name of a file."
    with pytest.raises(OutputError, match=re.escape(sentence)), whole_file(tmp_path):
        pass


@pytest.mark.parametrize(
    ("size", "language", "said"),
    [
        (300, "en", "0.3 kB"),
        (41_300, "en", "41 kB"),
        (999_499, "en", "999 kB"),
        (999_500, "en", "1 MB"),
        (9_400_000, "en", "9.4 MB"),
        (36_100_000, "ru", "36 МБ"),
        (2_500_000_000, "en", "2.5 GB"),
        (2_500_000_000, "ru", "2,5 ГБ"),
        (3_000_000_000_000, "en", "3,000 GB"),
    ],
)
def test_a_size_is_said_as_a_person_reads_it(size: int, language: str, said: str) -> None:
    assert format_size(size, language) == said
