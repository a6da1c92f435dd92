"""The command line: what it prints where, and with which status it ends."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from command import Run

from posecheck import cli, models
from posecheck.commands import analyse, page
from posecheck.commands.common import put_json
from posecheck.errors import ModelMissingError
from posecheck.recording import load_recording, save_recording

RECORDINGS = Path(__file__).parent / "data" / "recordings"
DOG = RECORDINGS / "downdog.npz"
BAD_DOG = RECORDINGS / "downdog_bad.npz"


def one_sentence(err: str, text: str) -> None:
    """Check that stderr is this one line and nothing else."""
    assert err == text + "\n"


# --- analyse --------------------------------------------------------------------------------------------------


def test_a_good_pose_in_one_line(run: Run) -> None:
    status, out, err = run("analyse", DOG)
    assert (status, err) == (0, "")
    assert re.fullmatch(
        r"downdog\.npz: Downward dog, seen from the side; "
        r"in the pose \d\.\d s of 6\.0 s; held \d\.\d s; well done\n",
        out,
    )


def test_a_fault_with_its_seconds_and_what_was_said(run: Run) -> None:
    status, out, _ = run("analyse", BAD_DOG)
    assert status == 0
    assert re.search(r"^  back_rounded: \d\.\d s, \d+% of the time in the pose$", out, re.M)
    assert re.search(r"^  said at \d\.\d s: [A-Z].*\.$", out, re.M)


def test_a_photograph_in_one_line(run: Run, tmp_path: Path) -> None:
    save_recording(tmp_path / "one.npz", load_recording(DOG)[60])
    assert run("analyse", tmp_path / "one.npz") == (
        0,
        "one.npz: Downward dog, seen from the side; well done\n",
        "",
    )
    _, out, _ = run("analyse", tmp_path / "one.npz", "--exercise", "twist")
    assert out == "one.npz: Seated twist, seen from the side; the pose was not entered\n"


def test_nobody_in_the_picture(run: Run, tmp_path: Path) -> None:
    from posecheck.pose import nobody

    save_recording(tmp_path / "empty.npz", nobody(0.0, (640, 480)))
    assert run("analyse", tmp_path / "empty.npz")[1] == "empty.npz: nobody was found in the picture\n"


def test_json_to_a_file(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("analyse", DOG, "--json", tmp_path / "out.json", "--exercise", "downward_dog")
    assert status == 0
    assert out.startswith("downdog.npz: ")
    analysis = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert analysis["schema"] == "posecheck/analysis@1"
    assert analysis["source"] == "downdog.npz"


def test_json_to_stdout_and_nothing_else(run: Run) -> None:
    status, out, err = run("analyse", DOG, "--json", "-")
    assert (status, err) == (0, "")
    assert json.loads(out)["exercise"] == "downward_dog"


def test_every_output_at_once(run: Run, tmp_path: Path) -> None:
    outputs = {option: tmp_path / f"out.{option}" for option in ("json", "csv", "npz", "mp4")}
    status, _, err = run(
        *("analyse", DOG, "--json", outputs["json"], "--csv", outputs["csv"]),
        *("--record", outputs["npz"], "--annotate", outputs["mp4"], "--strictness", "standard"),
    )
    assert (status, err) == (0, "")
    assert all(path.stat().st_size > 100 for path in outputs.values())


def test_a_folder_ends_with_2_after_everything_else_is_done(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "a.mp4").write_text("no video")
    save_recording(folder / "b.npz", load_recording(DOG)[60])
    status, out, err = run("analyse", folder, "--json", tmp_path / "out.json")
    assert status == 2
    assert out == "b.npz: Downward dog, seen from the side; well done\n"
    sentence = "a.mp4 is not a video that can be read. Use an MP4, MOV, WebM or MKV video."
    one_sentence(err, sentence)
    items = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["items"]
    assert items[0] == {"source": "a.mp4", "error": sentence}
    assert items[1]["exercise"] == "downward_dog"


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are refused there")
def test_a_name_that_is_no_text(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    save_recording(folder / os.fsdecode(b"dog\xff.npz"), load_recording(DOG)[60])
    (folder / os.fsdecode(b"cat\xff.npz")).write_bytes(b"x")
    status, out, err = run("analyse", folder, "--json", tmp_path / "out.json")
    assert status == 2
    assert out.startswith("dog?.npz: ")
    assert err.startswith("cat?.npz is not a landmark recording")
    items = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["items"]
    assert [item["source"] for item in items] == ["cat?.npz", "dog?.npz"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["analyse", "gone.mp4"], "gone.mp4 does not exist. Check the spelling and the folder."),
        (
            ["analyse", "empty"],
            "empty holds no video, photograph or recording. "
            "Give a folder with MP4, MOV, WebM, JPEG, PNG or NPZ files directly inside it.",
        ),
        (["analyse", "zero.mp4"], "zero.mp4 is empty (0 bytes). Copy or record it again."),
        (
            ["analyse", str(DOG), "--exercise", "dog"],
            "There is no exercise 'dog'. "
            "Known: cat, child, downward_dog, eagle, fitball, letter_t, lotus, twist, auto.",
        ),
        (
            ["analyse", str(DOG), "--json", "empty"],
            "empty is a folder. Give --json the name of a file.",
        ),
        (
            ["analyse", str(DOG), "--json", "x", "--csv", "x"],
            "x is named twice. Give --json a file of its own.",
        ),
        (["bench", str(DOG)], f"{DOG} is not a video. Give bench a video of a few seconds."),
        (["evaluate", str(DOG)], f"{DOG} is a file, not a folder. Give the folder it lies in."),
        (["check", "gone.yaml"], "gone.yaml: no such file"),
        (["check", "empty"], "empty holds no definition files (*.yaml). Check the folder."),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "obtain_model", lambda progress=None: tmp_path / "model.task")
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero.mp4").touch()
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    one_sentence(err, sentence)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["analyse"], r"Missing argument .*source.*\. See `posecheck analyse --help`\."),
        (["analyse", "a", "b"], r"Got unexpected extra argument.* \(b\)\. See `posecheck analyse --help`\."),
        (["analyze", "x"], r"No such command 'analyze'\..* See `posecheck --help`\."),
        (["analyse", "x", "--jsn", "y"], r"No such option: --jsn.*[^.]\. See `posecheck analyse --help`\."),
        (
            ["analyse", str(DOG), "--strictness", "harsh"],
            r"'--strictness': 'harsh' is not one of 'gentle', 'standard'\. See `posecheck analyse --help`\.",
        ),
        (["history"], r"Missing command\. See `posecheck history --help`\."),
        (["--port", "0"], r"--port must be from 1 to 65535, not '0'\. Leave out --port to have a free one\."),
        (["--port", "65536"], r"--port must be from 1 to 65535, not '65536'\. .*"),
        (["--port", "http"], r"--port must be from 1 to 65535, not 'http'\. .*"),
        (
            ["evaluate", "x", "--jobs", "0"],
            r"--jobs must be 1 or more, not '0'\. Leave out --jobs to use every core\.",
        ),
        (["evaluate", "x", "--jobs", "all"], r"--jobs must be 1 or more, not 'all'\. .*"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(run: Run, args: list[str], text: str) -> None:
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert re.fullmatch(text, err.removesuffix("\n"))


def test_a_missing_model_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2
    import numpy as np

    def refuse(progress: object = None) -> Path:
        raise ModelMissingError("There is no pose model.", "Run `posecheck model`.")

    monkeypatch.setattr(models, "obtain_model", refuse)
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((48, 64, 3), np.uint8))
    status, _, err = run("analyse", tmp_path / "a.png")
    assert status == 2
    one_sentence(err, "There is no pose model. Run `posecheck model`.")


# --- defects --------------------------------------------------------------------------------------------------


def test_a_defect_of_ours_is_status_1_without_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyse, "read_library", lambda: 1 // 0)
    status, out, err = run("analyse", DOG)
    assert (status, out) == (1, "")
    one_sentence(
        err,
        "posecheck met a defect of its own: ZeroDivisionError: integer division or modulo by zero. "
        "Run it again with --debug and send what it prints to the makers.",
    )


@pytest.mark.parametrize("args", [["--debug", "analyse", DOG], ["analyse", DOG, "--debug"]])
def test_debug_shows_the_traceback_before(run: Run, monkeypatch: pytest.MonkeyPatch, args: list[object]) -> None:
    monkeypatch.setattr(analyse, "read_library", lambda: 1 // 0)
    status, _, err = run(*args)
    assert status == 1
    assert err.startswith("Traceback (most recent call last):\n")


def test_debug_does_not_change_the_status(run: Run) -> None:
    status, _, err = run("analyse", "gone.mp4", "--debug")
    assert status == 2
    assert err.endswith("\ngone.mp4 does not exist. Check the spelling and the folder.\n")


def test_ctrl_c_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(analyse, "read_library", interrupt)
    assert run("analyse", DOG) == (130, "", "Stopped; nothing half-made is left behind.\n")


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently there")
def test_a_reader_that_has_gone_is_no_error() -> None:
    command = f"{sys.executable} -m posecheck analyse {DOG} --json - | head -c 1"
    result = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"{", b"")


# --- definitions, model ---------------------------------------------------------------------------------------


def test_our_own_definitions_are_in_order(run: Run) -> None:
    status, out, err = run("check")
    assert (status, err) == (0, "")
    assert re.fullmatch(r"\d+ definition files are in order\n", out)


def test_a_wrong_place_for_definitions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSECHECK_ROUTINES", "nowhere")
    status, out, err = run("check")
    assert (status, out) == (2, "")
    one_sentence(err, "POSECHECK_ROUTINES names nowhere, which is no folder. Correct it, or unset it.")


def test_a_wrong_definition_with_file_and_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "dog.yaml"
    path.write_text("schema: posecheck/nothing@1\n")
    status, out, err = run("check", path)
    assert (status, out) == (2, "")
    assert err.startswith(f"{path}:1: schema: unknown schema 'posecheck/nothing@1'.")


def test_the_schema_for_editors(run: Run, tmp_path: Path) -> None:
    assert run("check", "--schema", tmp_path / "schema.json") == (0, "", "")
    schema = json.loads((tmp_path / "schema.json").read_text(encoding="utf-8"))
    assert schema["title"] == "posecheck exercise"


def test_the_measures_for_authors(run: Run) -> None:
    status, out, _ = run("check", "--measures")
    assert status == 0
    assert "knee_angle (0 to 180 deg): " in out


def test_the_model_is_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    info = models.ModelInfo(Path("there") / "model.task", "cache", "bundled", 9_400_000, "abc")
    monkeypatch.setattr(models, "describe_model", lambda: info)
    assert run("model") == (0, f"{info.path}\nbundled, 9.4 MB, SHA-256 abc\n", "")


def test_a_model_is_installed_from_a_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Path] = []
    info = models.ModelInfo(tmp_path / "model.task", "cache", "published", 9_400_000, "abc")
    monkeypatch.setattr(models, "install_model", lambda source: taken.append(source))
    monkeypatch.setattr(models, "describe_model", lambda: info)
    assert run("model", "--from", tmp_path / "mine.task")[0] == 0
    assert taken == [tmp_path / "mine.task"]


# --- the trainer ----------------------------------------------------------------------------------------------


def test_the_trainer_is_served_to_this_computer_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[Path, int, bool]] = []

    def serve(script: Path, port: int, browser: bool) -> int:
        served.append((script, port, browser))
        return 0

    monkeypatch.setattr(models, "obtain_model", lambda progress=None: tmp_path / "model.task")
    monkeypatch.setattr(page, "serve", serve)
    status, out, _ = run("--port", 8765, "--no-browser")
    assert status == 0
    assert out == "The trainer is at http://localhost:8765 on this computer. Press Ctrl-C to end it.\n"
    assert [(script.name, port, browser) for script, port, browser in served] == [("app.py", 8765, False)]


@pytest.mark.parametrize(("more", "opened"), [((), ["http://localhost:8765"]), (("--no-browser",), [])])
def test_started_a_second_time_it_leads_to_the_page_that_is_open(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], opened: list[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    with page.only_page("http://localhost:8765") as other:
        assert other is None
        status, out, err = run(*more)
        assert (status, err) == (0, "")
        said = "The trainer is open already, at http://localhost:8765. To start it anew, end that one first.\n"
        assert out == said
        assert shown == opened
        monkeypatch.setenv("POSECHECK_DATABASE", str(tmp_path / "another.sqlite"))
        with page.only_page("http://localhost:8766") as other:
            assert other is None
    monkeypatch.delenv("POSECHECK_DATABASE")
    with page.only_page("http://localhost:8767") as other:
        assert other is None, "the first has ended"


def test_where_nothing_can_be_kept_the_page_is_served_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(page, "cache_folder", lambda: tmp_path / "file")
    with page.only_page("http://localhost:8765") as other:
        assert other is None


@pytest.mark.parametrize("written", [None, ""])
def test_a_start_that_has_not_said_yet_where_it_is_stops_nobody(written: str | None, tmp_path: Path) -> None:
    with page.only_page("http://localhost:8765"):
        (where,) = (tmp_path / "cache" / "pages").glob("*.address")
        where.unlink() if written is None else where.write_text(written)
        with page.only_page("http://localhost:8766") as other:
            assert other is None


def test_a_lock_that_is_no_lock_stops_nobody(tmp_path: Path) -> None:
    with page.only_page("http://localhost:8765"):
        (where,) = (tmp_path / "cache" / "pages").glob("*.address")
    where.with_suffix("").write_bytes(b"not a database, but longer than the header of one: " * 40)
    with page.only_page("http://localhost:8766") as other:
        assert other is None


def test_a_port_in_use_is_passed_over_and_said_where_it_is_wished_for(run: Run) -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        status, out, err = run("--port", port)
        assert (status, out) == (2, "")
        one_sentence(err, f"Port {port} is in use. Leave out --port to have a free one.")
        assert page.free_port(port) != port


def test_on_windows_no_wait_for_the_page_outlasts_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows tells of Ctrl-C between two waits only; the server, in a group of its own, is not told at all."""

    class Server:
        waits: ClassVar[list[float | None]] = []
        terminated = False

        def __init__(self, *_: object, **__: object) -> None: ...

        def wait(self, timeout: float | None = None) -> int:
            self.waits.append(timeout)
            if len(self.waits) < 3:
                raise subprocess.TimeoutExpired("streamlit", timeout or 0.0)
            if len(self.waits) == 3:
                raise KeyboardInterrupt
            return 0

        def terminate(self) -> None:
            Server.terminated = True

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    monkeypatch.setattr(subprocess, "Popen", Server)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert page.serve(Path("app.py"), 1, False) == 0
    assert Server.terminated
    assert len(Server.waits) == 4
    assert all(Server.waits)


def test_json_for_another_program_survives_any_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "cp1252", errors="replace"))
    put_json({"text": "Кошка – 5°"}, Path("-"))
    sys.stdout.flush()
    assert json.loads(written.getvalue()) == {"text": "Кошка – 5°"}


def serve_stand_in(tmp_path: Path, ignored: str = "") -> tuple[subprocess.Popen[bytes], int]:
    """Serve a stand-in for Streamlit; return the command and the server's process id once it runs.

    Whoever runs the tests may ignore signals, which processes inherit: here only ``ignored`` is, as by ``nohup``.
    """
    (tmp_path / "streamlit.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n", encoding="utf-8"
    )
    script = tmp_path / "page.py"
    script.touch()
    code = (
        "import signal, sys; from pathlib import Path; from posecheck.commands import page\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "for name in ('SIGTERM', 'SIGHUP'):\n"
        f"    signal.signal(getattr(signal, name), signal.SIG_IGN if name == {ignored!r} else signal.SIG_DFL)\n"
        f"sys.exit(page.serve(Path({str(script)!r}), 1, False))"
    )
    served = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(cli.__file__).parents[1])])},
    )
    assert served.stdout is not None
    return served, int(served.stdout.readline())


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
@pytest.mark.parametrize("way", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_page_ends_with_the_command_and_quietly(tmp_path: Path, way: str) -> None:
    served, server = serve_stand_in(tmp_path)
    served.send_signal(getattr(signal, way))
    _, err = served.communicate(timeout=120)
    assert served.returncode == 0
    assert err == b""
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
def test_under_nohup_the_page_outlasts_its_terminal(tmp_path: Path) -> None:
    served, server = serve_stand_in(tmp_path, ignored="SIGHUP")
    served.send_signal(signal.SIGHUP)
    os.kill(server, signal.SIGKILL)
    served.communicate(timeout=120)
    assert served.returncode == 1, "it ended with the server, not with the terminal"


# --- start-up -------------------------------------------------------------------------------------------------


def loaded_after(*args: str) -> set[str]:
    """Return the heavy libraries that a command has loaded by the time it ends."""
    code = (
        "import sys\nfrom posecheck import cli\n"
        f"try: cli.main({list(args)!r})\nexcept SystemExit: pass\n"
        "print('\\n' + ' '.join({'av', 'cv2', 'mediapipe', 'numpy', 'streamlit'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy() -> None:
    assert loaded_after("--help") == set()
    assert loaded_after("analyse", "--help") == set()


def test_a_recording_is_judged_without_video_libraries() -> None:
    assert loaded_after("analyse", str(DOG)) == {"numpy"}
