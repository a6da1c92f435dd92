"""An exercise's file: what is right is read, and every kind of mistake says exactly what and where."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from written import GOOD, changed, faults, write

from posecheck.definitions import json_schema, load_exercise, validate_files

NEUTRAL = """\
neutral:
  when:
    - {measure: trunk_tilt, min: -15}
  measures: {back_turn: 12}
  settle: 1 s
  source: "own"
"""
CYCLES = """\
cycles:
  measure: back_turn
  high: cat
  low: cow
  rise: 0.6
  fall: 0.4
  min_range: 25
  forget: 40 s
  target: 6
  grace: 1 s
  source: "own"
"""
NUMBERS = (
    "measure: back_turn, high: cat, low: cow, rise: 0.6, fall: 0.4, min_range: 25, forget: 20 s, "
    "grace: 1 s, source: own"
)
PHASES = f"""\
phases:
  - id: rounds
    name: {{en: "Rounds"}}
    say: {{en: "Round and dip."}}
    cycles: {{target: 6, {NUMBERS}}}
  - id: rest
    name: {{en: "Rest"}}
    say: {{en: "Rest."}}
    timed: {{target: 20 s, grace: 1 s}}
"""
HOLD = "hold: {target: 8 s, times: 2, grace: 1 s, resume_within: 20 s}\n"
SCHEMAS = (
    "posecheck/exercise@1, posecheck/coaching@1, posecheck/phrases@1, posecheck/translation@1, "
    "posecheck/safety@1, posecheck/programme@1, posecheck/progression@1, posecheck/override@1"
)
A_DURATION = "expected a duration with a unit, such as '1.5 s', '800 ms' or '2 min'"


def phased(phases: str) -> str:
    """Return the good file with phases instead of its hold, and their sentences instead of the one during it."""
    return re.sub(r"  during:.*\n", "", changed(HOLD, phases))


# --- what is right --------------------------------------------------------------------------------------------


def test_a_right_file_is_read(tmp_path: Path) -> None:
    exercise = load_exercise(write(tmp_path, GOOD))
    assert exercise.id == "dog"
    assert exercise.hold is not None
    assert exercise.hold.target == 8.0
    assert exercise.hold.resume_within == 20.0
    assert [check.persist for check in exercise.checks] == [1.0, 0.8]
    assert exercise.views == ("side",)
    assert exercise.needs_silhouette
    assert exercise.measures == (
        ("trunk_tilt", "near"),
        ("hip_angle", "near"),
        ("knee_angle", "near"),
        ("back_turn", "near"),
    )
    assert validate_files([tmp_path / "dog.yaml"]) == []


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("1 s", 1.0), ("0.25s", 0.25), ("800 ms", 0.8), ("2 min", 120.0), ('" 3 s "', 3.0), ("0 s", 0.0)],
)
def test_durations(written: str, seconds: float, tmp_path: Path) -> None:
    exercise = load_exercise(write(tmp_path, changed("enter_after: 0.5 s", f"enter_after: {written}")))
    assert exercise.entry is not None
    assert exercise.entry.enter_after == pytest.approx(seconds)


def test_the_same_quantity_is_computed_once(tmp_path: Path) -> None:
    text = changed("{measure: hip_angle, min: 35, max: 135}", "{measure: knee_angle, min: 85}")
    exercise = load_exercise(write(tmp_path, text))
    assert [q.measure for q in exercise.quantities] == ["trunk_tilt", "knee_angle", "back_turn"]


def test_without_a_measure_of_the_back_no_silhouette_is_asked_for(tmp_path: Path) -> None:
    text = changed(
        "measure: back_turn, max: {good: 25, ok: 35, cue: 40}",
        "measure: elbow_angle, min: {good: 155, ok: 150, cue: 140}",
    )
    assert not load_exercise(write(tmp_path, text)).needs_silhouette


def test_no_is_a_language_not_a_truth(tmp_path: Path) -> None:
    exercise = load_exercise(write(tmp_path, changed('{en: "Dog"}', '{en: "Dog", no: "Hund"}')))
    assert exercise.name["no"] == "Hund"


# --- what is wrong --------------------------------------------------------------------------------------------

WRONG: list[tuple[str, str, list[str]]] = [
    # (what, text, faults)
    (
        "unknown key with a suggestion",
        changed('  say: {en: "Lift your hips."}\n', '  say: {en: "Lift your hips."}\n  enter_afer: 1 s\n'),
        ["dog.yaml:17: entry.enter_afer: unknown key 'enter_afer'. Did you mean 'enter_after'?"],
    ),
    (
        "unknown key like no other",
        GOOD + "colour: blue\n",
        ["dog.yaml:41: colour: unknown key 'colour'"],
    ),
    (
        "key that is no word",
        GOOD + "7: blue\n",
        ["dog.yaml:41: [7]: expected a word as key (a decimal takes a point), got 7"],
    ),
    (
        "staying that asks for more than entering",
        changed(
            "  enter_after",
            "  stay: [{measure: trunk_tilt, max: 10}, {measure: hip_angle, min: 40}]\n  enter_after",
        ),
        [
            "dog.yaml:14: entry.stay[1]: hip_angle min is 40, but to enter 35 is enough: "
            "staying cannot ask for more"
        ],
    ),
    ("missing key", changed("  exit_after: 1 s\n", ""), ["dog.yaml:10: entry: missing key 'exit_after'"]),
    (
        "missing key of a check",
        changed('    source: "own"\n  - id: back', "  - id: back"),
        ["dog.yaml:24: checks[knees_bent]: missing key 'source'"],
    ),
    (
        "missing key of the file",
        changed('summary: {en: "A triangle."}\n', ""),
        ["dog.yaml:1: (whole file): missing key 'summary'"],
    ),
    (
        "missing end of a band",
        changed("{good: 160, ok: 150, cue: 145}", "{good: 160, ok: 150}"),
        ["dog.yaml:28: checks[knees_bent].limits[0].min: missing key 'cue'"],
    ),
    (
        "no schema",
        changed("schema: posecheck/exercise@1\n", ""),
        [f"dog.yaml:1: missing key 'schema'. Known: {SCHEMAS}."],
    ),
    (
        "another schema",
        changed("posecheck/exercise@1", "posecheck/exercise@2"),
        ["dog.yaml:1: schema: unknown schema 'posecheck/exercise@2'. Did you mean 'posecheck/exercise@1'?"],
    ),
    (
        "a schema like no other",
        changed("posecheck/exercise@1", "3"),
        [f"dog.yaml:1: schema: unknown schema 3. Known: {SCHEMAS}."],
    ),
    (
        "word for a number",
        changed("priority: 2", "priority: high"),
        ["dog.yaml:25: checks[knees_bent].priority: expected a whole number, got 'high'"],
    ),
    (
        "half a priority",
        changed("priority: 2", "priority: 2.5"),
        ["dog.yaml:25: checks[knees_bent].priority: expected a whole number, got 2.5"],
    ),
    (
        "no priority",
        changed("priority: 2", "priority: 0"),
        ["dog.yaml:25: checks[knees_bent].priority: must be at least 1, got 0"],
    ),
    (
        "word for an angle",
        changed("good: 160", "good: straight"),
        ["dog.yaml:28: checks[knees_bent].limits[0].min.good: expected a number, got 'straight'"],
    ),
    (
        "sentence without a language",
        changed('say: {en: "Longer legs."}', 'say: "Longer legs."'),
        [
            "dog.yaml:29: checks[knees_bent].say: "
            "expected a sentence for each language, such as {en: 'Longer legs.'}"
        ],
    ),
    (
        "word for a condition",
        changed("- {measure: hip_angle, min: 35, max: 135}", "- hip_angle"),
        [
            "dog.yaml:13: entry.all[1]: expected keys and values "
            "(measure, side, against, over, min, max, unseen), got 'hip_angle'"
        ],
    ),
    (
        "nothing for a list",
        changed('safety:\n  - {en: "Stop if it hurts."}', "safety:"),
        ["dog.yaml:38: safety: expected a list, got nothing"],
    ),
    (
        "empty list",
        changed("views: [side]", "views: []"),
        ["dog.yaml:6: framing.views: expected at least 1 item, got []"],
    ),
    (
        "unknown view",
        changed("views: [side]", "views: [sideways]"),
        ["dog.yaml:6: framing.views[0]: expected 'side', 'front' or 'three_quarter', got 'sideways'"],
    ),
    (
        "unknown side",
        changed("{measure: trunk_tilt, max: -20}", "{measure: trunk_tilt, max: -20, side: far}"),
        ["dog.yaml:12: entry.all[0].side: expected 'near', 'left' or 'right', got 'far'"],
    ),
    (
        "duplicate key",
        changed("id: dog\n", "id: dog\nid: cat\n"),
        ["dog.yaml:3: the key 'id' stands here a second time. Keep one"],
    ),
    (
        "band the wrong way round",
        changed("min: 35, max: 135", "min: 135, max: 35"),
        ["dog.yaml:13: entry.all[1]: min (135) must be below max (35)"],
    ),
    ("no band", changed(", min: 35, max: 135", ""), ["dog.yaml:13: entry.all[1]: needs 'min', 'max' or both"]),
    (
        "lower ends that rise",
        changed("good: 160, ok: 150", "good: 140, ok: 150"),
        [
            "dog.yaml:28: checks[knees_bent].limits[0]: "
            "under 'min' the numbers must fall: good >= ok >= cue, got 140, 150, 145"
        ],
    ),
    (
        "lower ends with ok below cue",
        changed("good: 160, ok: 150", "good: 160, ok: 100"),
        [
            "dog.yaml:28: checks[knees_bent].limits[0]: "
            "under 'min' the numbers must fall: good >= ok >= cue, got 160, 100, 145"
        ],
    ),
    (
        "upper ends that fall",
        changed("ok: 35, cue: 40", "ok: 45, cue: 40"),
        [
            "dog.yaml:35: checks[back_rounded].limits[0]: "
            "under 'max' the numbers must rise: good <= ok <= cue, got 25, 45, 40"
        ],
    ),
    (
        "a check beyond what can be",
        changed("good: 160, ok: 150", "good: 195, ok: 150"),
        [
            "dog.yaml:28: checks[knees_bent].limits[0]: min.good is 195, "
            "outside what knee_angle can be (0 to 180 deg)"
        ],
    ),
    (
        "a condition beyond what can be",
        changed("max: -20", "max: -120"),
        ["dog.yaml:12: entry.all[0]: max is -120, outside what trunk_tilt can be (-90 to 90 deg)"],
    ),
    (
        "unknown measure with a suggestion",
        changed("measure: knee_angle", "measure: knee_angel"),
        [
            "dog.yaml:28: checks[knees_bent].limits[0].measure: unknown "
            "measure 'knee_angel'. Did you mean 'knee_angle'?"
        ],
    ),
    (
        "measure like no other",
        changed("measure: knee_angle", "measure: happiness"),
        [
            "dog.yaml:28: checks[knees_bent].limits[0].measure: unknown "
            "measure 'happiness'. See posecheck check --measures."
        ],
    ),
    (
        "unknown measure of the neutral",
        GOOD + changed("back_turn: 12", "bak_turn: 12", NEUTRAL),
        ["dog.yaml:44: neutral.measures.bak_turn: unknown measure 'bak_turn'. Did you mean 'back_turn'?"],
    ),
    (
        "duration without unit",
        changed("enter_after: 0.5 s", "enter_after: 0.5"),
        ["dog.yaml:14: entry.enter_after: expected a duration with a unit, such as '0.5 s'"],
    ),
    (
        "word for a duration",
        changed("0.5 s", "soon"),
        [f"dog.yaml:14: entry.enter_after: {A_DURATION}, got 'soon'"],
    ),
    ("negative duration", changed("0.5 s", "-1 s"), [f"dog.yaml:14: entry.enter_after: {A_DURATION}, got '-1 s'"]),
    (
        "truth for a duration",
        changed("0.5 s", "true"),
        [f"dog.yaml:14: entry.enter_after: {A_DURATION}, got True"],
    ),
    (
        "nothing for a duration",
        changed(" 0.5 s", ""),
        [f"dog.yaml:14: entry.enter_after: {A_DURATION}, got nothing"],
    ),
    ("hours", changed("0.5 s", "1 h"), [f"dog.yaml:14: entry.enter_after: {A_DURATION}, got '1 h'"]),
    (
        "too long a cue",
        changed("Longer legs.", "Would you please make both of your legs much longer?"),
        ["dog.yaml:29: checks[knees_bent].say: the cue under 'en' has 10 words; at most 9 can be heard"],
    ),
    (
        "no English",
        changed('say: {en: "Longer legs."}', 'say: {de: "Lange Beine."}'),
        ["dog.yaml:29: checks[knees_bent].say: needs a sentence in English, under 'en'"],
    ),
    (
        "empty sentence",
        changed('say: {en: "Longer legs."}', 'say: {en: "Longer legs.", de: " "}'),
        ["dog.yaml:29: checks[knees_bent].say: the sentence under 'de' is empty"],
    ),
    (
        "id unlike the file's name",
        changed("id: dog", "id: hound"),
        ["dog.yaml:2: id: is 'hound', but the file is named 'dog.yaml'"],
    ),
    (
        "id that is no word",
        changed("id: dog", "id: Big Dog"),
        ["dog.yaml:2: id: expected small letters, digits and '_', such as 'knees_bent', got 'Big Dog'"],
    ),
    (
        "repeated check id",
        changed("id: back_rounded", "id: knees_bent"),
        ["dog.yaml:31: checks[knees_bent].id: the check id 'knees_bent' is taken; ids must differ"],
    ),
    (
        "no neutral to compare with",
        changed("measure: back_turn, max", "measure: back_turn, against: neutral, max"),
        [
            "dog.yaml:35: checks[back_rounded].limits[0].against: "
            "back_turn is compared with neutral, but the file has no 'neutral'"
        ],
    ),
    (
        "neutral of something else",
        changed("measure: knee_angle, min", "measure: knee_angle, against: neutral, min") + NEUTRAL,
        ["dog.yaml:44: neutral.measures: knee_angle is compared with neutral, but is not measured here"],
    ),
    (
        "the most of something else",
        GOOD + NEUTRAL + "  most: knee_angle\n",
        ["dog.yaml:47: neutral.most: knee_angle is not one of the measures"],
    ),
    (
        "neither hold nor cycles",
        changed(HOLD, ""),
        ["dog.yaml:1: (whole file): needs exactly one of 'hold', 'cycles', 'timed' or 'phases', got none"],
    ),
    (
        "hold and cycles",
        GOOD + CYCLES,
        [
            "dog.yaml:1: (whole file): needs exactly one of 'hold', 'cycles', 'timed' or 'phases', "
            "got 'hold' and 'cycles'"
        ],
    ),
    (
        "phases beside a hold",
        GOOD + PHASES,
        [
            "dog.yaml:1: (whole file): needs exactly one of 'hold', 'cycles', 'timed' or 'phases', "
            "got 'hold' and 'phases'"
        ],
    ),
    (
        "phases, and what to do beside them",
        changed(HOLD, PHASES),
        ["dog.yaml:27: steps: needs 'during', unless the phases say what to do"],
    ),
    (
        "a phase that is nothing",
        changed(HOLD, changed("timed: {target: 20 s, grace: 1 s}", "hold: null", PHASES)),
        ["dog.yaml:23: phases[rest]: needs exactly one of 'hold', 'cycles' or 'timed', got none"],
    ),
    (
        "two phases of one name",
        phased(changed("id: rest", "id: rounds", PHASES)),
        ["dog.yaml:23: phases[rounds].id: the phase id 'rounds' is taken; ids must differ"],
    ),
    (
        "one measure counted in two ways",
        phased(changed("timed: {target: 20 s, grace: 1 s}", "cycles: {target: 3, " + NUMBERS + "}", PHASES)),
        ["dog.yaml:26: phases[rest].cycles: is counted on the same measure as 'rounds', but not in the same way"],
    ),
    (
        "phases and sides",
        phased(PHASES) + "sides: {measure: axial_twist, beyond: 8}\n",
        ["dog.yaml:48: sides: an exercise with phases has a phase for each side instead"],
    ),
    (
        "checks without an entry",
        re.sub(r"entry:.*?(?=hold:)", "", GOOD, flags=re.DOTALL),
        ["dog.yaml:1: (whole file): needs both 'entry' and 'checks', or neither where nothing is judged"],
    ),
    (
        "fall above rise",
        changed(HOLD, changed("fall: 0.4", "fall: 0.7", CYCLES)),
        ["dog.yaml:18: cycles: fall (0.7) must be below rise (0.6)"],
    ),
    (
        "share above one",
        changed(HOLD, changed("rise: 0.6", "rise: 60", CYCLES)),
        ["dog.yaml:22: cycles.rise: must be below 1, got 60"],
    ),
    (
        "not YAML",
        "schema: [1, 2\nfoo: bar: x\n",
        ["dog.yaml:2: what opens on line 1 lacks its ']', or a comma, or text in it quotes"],
    ),
    ("tabs", changed("  views", "\tviews"), ["dog.yaml:6: a tab stands here. Indent with spaces"]),
    (
        "unknown alias",
        changed("8 s", "*long"),
        ["dog.yaml:18: '*long' repeats what is nowhere called '&long'. Write it out"],
    ),
    (
        "a word for three numbers",
        changed("min: {good: 160, ok: 150, cue: 145}", "min: 145"),
        ["dog.yaml:28: checks[knees_bent].limits[0].min: expected keys and values (good, ok, cue), got 145"],
    ),
    (
        "bracket left open",
        changed("cue: 145}}", "cue: 145}"),
        ["dog.yaml:29: what opens on line 28 lacks its '}', or a comma, or text in it quotes"],
    ),
    (
        "quote left open",
        changed('name: {en: "Dog"}', 'name: {en: "Dog}') + '"',
        ["dog.yaml:4: what opens on line 3 lacks its '}', or a comma, or text in it quotes"],
    ),
    ("quote never closed", 'schema: "posecheck\n', ["dog.yaml:2: the quote opened on line 1 is not closed"]),
    (
        "text that needs quotes",
        changed("id: dog", "id: @dog"),
        ["dog.yaml:2: no text begins with '@'. Put it in quotes"],
    ),
    (
        "one space too many",
        changed("    priority: 2", "     priority: 2"),
        ["dog.yaml:25: a ':' stands where no key can be. Check indentation, quotes and the line above"],
    ),
    (
        "one space too few",
        changed("    persist: 1 s", "   persist: 1 s"),
        ["dog.yaml:26: this does not go on what began on line 24. Check indentation and quotes"],
    ),
    (
        "no space after a colon",
        changed("id: dog", "id:dog"),
        ["dog.yaml:3: line 2 lacks a ':' and a space after its key"],
    ),
    ("two documents", GOOD + "---\na: 1\n", ["dog.yaml:41: a second document begins here. Leave out the '---'"]),
    (
        "cycles that nobody counts",
        changed("measure: knee_angle", "measure: cycle_period"),
        [
            "dog.yaml:28: checks[knees_bent].limits[0]: "
            "cycle_period is how long a cycle takes, but none are counted here"
        ],
    ),
    ("empty", "", ["dog.yaml:1: expected keys and values, got nothing"]),
    ("only a comment", "# later\n", ["dog.yaml:1: expected keys and values, got nothing"]),
    ("a list at the top", "- 1\n- 2\n", ["dog.yaml:1: expected keys and values, got [1, 2]"]),
    ("a word at the top", "hello\n", ["dog.yaml:1: expected keys and values, got 'hello'"]),
    (
        "a character that cannot be",
        "schema: a\x00b\n",
        ["dog.yaml:1: unacceptable character #x0000: special characters are not allowed"],
    ),
    (
        "several at once, by line",
        changed("good: 160", "good: 195", changed("priority: 1", "priority: one", changed("0.5 s", "0.5"))),
        [
            "dog.yaml:14: entry.enter_after: expected a duration with a unit, such as '0.5 s'",
            "dog.yaml:28: checks[knees_bent].limits[0]: min.good is 195, "
            "outside what knee_angle can be (0 to 180 deg)",
            "dog.yaml:32: checks[back_rounded].priority: expected a whole number, got 'one'",
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(t, e, id=w) for w, t, e in WRONG])
def test_a_wrong_file_says_what_and_where(text: str, expected: list[str], tmp_path: Path) -> None:
    assert faults(tmp_path, text) == expected


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    text = GOOD.encode().replace(b"Rest.", b"Ruh\xe9.")
    assert faults(tmp_path, text) == ["dog.yaml:22: not UTF-8 text. Save the file as UTF-8."]


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "cat.yaml").mkdir()
    assert validate_files([tmp_path / "nope.yaml", tmp_path / "cat.yaml"]) == [
        f"{tmp_path / 'nope.yaml'}: no such file",
        f"{tmp_path / 'cat.yaml'}: cannot be read: Is a directory",
    ]


def test_a_long_value_is_cut_short(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, changed("priority: 2", f"priority: {'x' * 500}"))
    assert fault == f"dog.yaml:25: checks[knees_bent].priority: expected a whole number, got 'x{'x' * 55}..."


def test_no_message_shouts_or_speaks_of_the_program() -> None:
    for fault in (fault for _, _, found in WRONG for fault in found):
        assert not re.search(r"Error|invalid|pydantic|dictionary|tuple|validation", fault), fault


# --- the whole folder -----------------------------------------------------------------------------------------


def test_the_schema_for_editors_is_json_and_names_every_measure() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["title"] == "posecheck exercise"
    text = json.dumps(schema)
    for word in ("knee_angle", "back_turn", "cycle_period", "pauses_hold"):
        assert f'"{word}"' in text
