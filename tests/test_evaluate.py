"""Evaluate: truth beside clips, files that are broken, several processes, the command."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bodies import DOG, FRAME, dog, film, timeline, times
from command import Run
from labelled import bent_dog, measure, no_model, save_set, still_dog

from posecheck.body import Body, choose_near
from posecheck.errors import SourceError
from posecheck.evaluate import evaluate
from posecheck.evaluation_page import print_tables
from posecheck.figures import Made
from posecheck.library import Library
from posecheck.pose import Pose, stack

# --- truth ----------------------------------------------------------------------------------------------------


def test_faults_and_angles_come_from_the_truth_beside_a_clip(tmp_path: Path, library: Library) -> None:
    pose = bent_dog()
    where = save_set(tmp_path, one=pose)
    turned = stack(film(timeline((0.0, {**DOG, "knee": 162.0}), (18.0, {**DOG, "knee": 162.0})), times(18.0, 15)))
    truth = {
        "schema": "posecheck/truth@1", "exercise": "downward_dog", "view": "side", "fps": 15,
        "frame_size": list(FRAME), "joints2d_px": turned.image.tolist(),
        "faults": [{"id": "elbows_bent", "start_s": 6.0, "end_s": 12.0, "size": "clear"}],
    }  # fmt: skip
    (where / "one.truth.json").write_text(json.dumps(truth), encoding="utf-8")
    result, figures = measure(where, library)
    assert [(m.check, m.size, m.caught) for f in result.findings for m in f.made] == [
        ("elbows_bent", "clear", True)
    ]
    assert figures["angles"]["knee_angle"]["median_abs_error_deg"] == pytest.approx(10.0, abs=0.1)  # 172 - 162
    assert figures["angles"]["knee_angle"]["n"] > 200
    truth["view"] = "front"
    (where / "one.truth.json").write_text(json.dumps(truth), encoding="utf-8")
    assert measure(where, library)[1]["angles"]["knee_angle"]["n"] == 0


def test_a_truth_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, library: Library) -> None:
    where = save_set(tmp_path, one=still_dog())
    beside = where / "one.truth.json"
    beside.write_text("{", encoding="utf-8")
    with pytest.raises(SourceError, match=re.escape("one.truth.json is not JSON that can be read: ")):
        measure(where, library)
    beside.write_text('{"faults": []}', encoding="utf-8")
    with pytest.raises(SourceError, match=re.escape("one.truth.json does not say its exercise.")):
        measure(where, library)
    beside.write_text('{"exercise": "downward_dog", "faults": [{"id": "x"}]}', encoding="utf-8")
    with pytest.raises(
        SourceError, match=re.escape("one.truth.json must give each of its faults an id, start_s and end_s.")
    ):
        measure(where, library)
    beside.write_text('{"exercise": "downward_dog", "view": "side"}', encoding="utf-8")
    assert measure(where, library)[0].failed == (
        "one.npz: one.truth.json does not give joints2d_px, frame_size and fps.",
    )


def test_the_angle_of_a_hidden_joint_is_not_counted(tmp_path: Path, library: Library) -> None:
    pose = still_dog()
    where = save_set(
        tmp_path,
        one=Pose(pose.t, pose.image, np.where(pose.visibility > 0.7, 0.2, 0.1), pose.world, pose.frame_size),
    )
    truth = {"exercise": "downward_dog", "view": "side", "fps": 15, "frame_size": list(FRAME)}
    text = json.dumps({**truth, "joints2d_px": pose.image.tolist()})
    (where / "one.truth.json").write_text(text, encoding="utf-8")
    assert measure(where, library)[1]["angles"]["knee_angle"] == {"median_abs_error_deg": None, "n": 0}


def test_the_back_is_compared_with_the_true_one(
    tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    """A truth that is always 10 degrees off: all of the error is constant in the clip."""
    pose = stack(film(timeline((0.0, DOG), (9.0, {**DOG, "turn": 30.0}), (18.0, DOG)), times(18.0, 15)))
    where = save_set(tmp_path, one=pose)
    seen = Body(pose, choose_near(pose[0].visibility), library.coaching.sight).outline_turn()
    truth: dict[str, Any] = {
        "exercise": "downward_dog", "view": "side", "fps": 15, "frame_size": list(FRAME),
        "joints2d_px": pose.image.tolist(), "back_turn_deg": (np.nan_to_num(seen) + 10.0).tolist(),
    }  # fmt: skip
    path = where / "one.truth.json"
    path.write_text(json.dumps(truth), encoding="utf-8")
    result, figures = measure(where, library)
    found = figures["angles"]["back_turn"]
    assert found.pop("n") > 200
    assert found == {"median_abs_error_deg": 10.0, "within_clip_deg": 0.0, "correlation": 1.0}
    assert figures["angles"]["back_turn_upper"]["n"] == 0  # the truth does not speak of it
    print_tables(result.findings, library, 120)
    line = next(line for line in capsys.readouterr().out.splitlines() if " back_turn " in line)
    assert re.findall(r"[\d.]+°?", line)[-3:] == ["10.0°", "0.0°", "1.00"]
    path.write_text(json.dumps({**truth, "back_turn_lower_deg": [1.0]}), encoding="utf-8")
    failed = evaluate(where, library, jobs=1, model=no_model).failed
    assert failed == ("one.npz: one.truth.json must give back_turn_lower_deg as one number for each frame.",)


def test_the_table_of_checks_tells_how_many_were_told_in_time(
    tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = measure(save_set(tmp_path, downward_dog__one=bent_dog()), library)[0].findings[0]
    told = [Made("elbows_bent", 6.0, 12.0, "clear", True, latency, (), due=2.5) for latency in (2.0, 2.75, None)]
    print_tables([replace(finding, made=tuple(told), alarms=())], library, 160)
    line = next(line for line in capsys.readouterr().out.splitlines() if " elbows_bent " in line)
    assert line.split()[-3:] == ["s", "1/2", "0"]


# --- broken files, processes ----------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_done(tmp_path: Path, library: Library) -> None:
    where = save_set(tmp_path, downward_dog__good=stack([dog()]))
    (where / "downward_dog" / "broken.npz").write_bytes(b"PK nothing")
    (where / "downward_dog" / "empty.npz").write_bytes(b"")
    result, figures = measure(where, library)
    assert figures["exercises"]["downward_dog"]["clips"] == 1
    assert [sentence.split(":")[0] for sentence in result.failed] == [
        "downward_dog/broken.npz",
        "downward_dog/empty.npz",
    ]


def test_several_processes_find_what_one_finds(tmp_path: Path, library: Library) -> None:
    where = save_set(
        tmp_path, downward_dog__a=still_dog(3.0), downward_dog__b=stack([dog()]), other__a=stack([dog()])
    )
    (where / "other" / "broken.npz").write_bytes(b"PK nothing")
    told: list[float | None] = []
    alone, figures = measure(where, library)
    many, same = measure(where, library, jobs=2, progress=lambda fraction, what: told.append(fraction))
    assert same == figures
    assert many.failed == alone.failed
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert told == sorted(t for t in told if t is not None)


def test_ctrl_c_ends_every_process(tmp_path: Path, library: Library) -> None:
    where = save_set(tmp_path, **{f"other__{i}": stack([dog()]) for i in range(40)})
    before = set(multiprocessing.active_children())

    def interrupt(fraction: float | None, what: str) -> None:
        if fraction:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(where, library, jobs=2, progress=interrupt)
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
def test_ctrl_c_while_processes_are_started_is_heard_once_by_the_command_alone(tmp_path: Path) -> None:
    # A terminal tells all of them at once. Whoever runs the tests may ignore it, which processes inherit.
    where = save_set(tmp_path, **{f"other__{i}": stack([dog()]) for i in range(4)})
    code = (
        "import os, signal\nfrom multiprocessing import util\nfrom posecheck import cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "begin = util.spawnv_passfds\n"
        "def interrupted(path, arguments, fds):\n"
        "    process = begin(path, arguments, fds)\n"
        "    if '--multiprocessing-fork' in arguments:\n"
        "        os.killpg(0, signal.SIGINT)\n"
        "    return process\n"
        "util.spawnv_passfds = interrupted\n"
        f"cli.main(['evaluate', {str(where)!r}, '--jobs', '2'])"
    )
    begun = [sys.executable, "-c", code]
    ended = subprocess.run(begun, capture_output=True, text=True, start_new_session=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (130, "Stopped; nothing half-made is left behind.\n")


# --- the command ----------------------------------------------------------------------------------------------


def test_the_command_prints_tables_and_writes_the_figures(tmp_path: Path, run: Run) -> None:
    where = save_set(tmp_path, downward_dog__a=stack([dog()]))
    status, out, err = run("evaluate", where, "--json", tmp_path / "figures.json", "--jobs", 1)
    assert (status, err) == (0, "")
    assert re.search(r"downward_dog +1 +100\.0 % +1 +100\.0 % ", out)
    written = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert written["exercises"]["downward_dog"]["recall"] == 1.0
    assert json.loads(run("evaluate", where, "--json", "-", "--jobs", 1)[1]) == written


def test_the_command_ends_with_2_and_a_sentence(tmp_path: Path, run: Run) -> None:
    where = save_set(tmp_path, downward_dog__a=stack([dog()]))
    (where / "downward_dog" / "empty.npz").write_bytes(b"")
    status, out, err = run("evaluate", where, "--jobs", 1)
    assert status == 2
    assert "100.0 %" in out
    assert err == "downward_dog/empty.npz: empty.npz is empty (0 bytes). Copy or record it again.\n"
    status, out, err = run("evaluate", tmp_path / "gone")
    assert (status, out) == (2, "")
    assert err == f"{tmp_path / 'gone'} does not exist. Check the spelling and the folder.\n"
