"""What is said, and when: one sentence, the most important, then silence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from posecheck.coach import CoachState, Wish, say_now, step
from posecheck.coaching import Voice

VOICE = Voice.model_validate(
    {
        "silence": "6 s",
        "praise_silence": "2 s",
        "mended_after": "1.5 s",
        "cool_down": "12 s",
        "repeat": 2,
        "per_minute": 4,
        "show_for": "5 s",
        "remind_after": "6 s",
        "remind_again": "20 s",
        "unseen_after": "3 s",
        "word": "400 ms",
        "pause": "700 ms",
        "heard_for": "5 s",
    }
)
PRAISE = Wish("mended", "Yes, that's it.", "praise")
ELBOWS = Wish("elbows", "Long arms.", "cue", easier="Fists are fine.")
KNEES = Wish("knees", "Longer legs.", "advice")
HEAD = Wish("head", "Let it hang.", "cue")
HIPS = Wish("hips", "Hips up.", "cue")
TURN = Wish("turn", "Turn side-on.", "reason")
COME = Wish("come_in", "Lift your hips.", "reason")
EVERY = (TURN, HIPS, ELBOWS, HEAD, KNEES, COME)
ALL_GOOD = tuple(w.id for w in EVERY)

Said = tuple[float, str, str]


class Coach:
    """The coach over time, in tests."""

    def __init__(self) -> None:
        self.state = CoachState()
        self.said: list[Said] = []

    def hear(self, t: float, *wishes: Wish, good: Sequence[str] | None = ALL_GOOD) -> str | None:
        """Advance to ``t``; return the id of what is said. What is wished for is not good."""
        seen_good = None if good is None else [g for g in good if g not in {w.id for w in wishes}]
        self.state, said = step(self.state, t, wishes, good=seen_good, voice=VOICE, praise=PRAISE)
        if said is not None:
            self.said.append((t, said.id, said.text))
        return None if said is None else said.id

    def hear_until(self, start: float, end: float, *wishes: Wish, good: Sequence[str] | None = ALL_GOOD) -> None:
        for i in range(int(start * 10), int(end * 10)):
            self.hear(i / 10, *wishes, good=good)


# --- corrections -----------------------------------------------------------------------------------------------


def test_nothing_to_say() -> None:
    coach = Coach()
    assert coach.hear(0.0) is None
    assert coach.state == CoachState()


def test_the_most_important_is_said_and_then_there_is_silence() -> None:
    coach = Coach()
    coach.hear_until(0.0, 13.0, HIPS, ELBOWS)
    assert coach.said == [(0.0, "hips", "Hips up."), (6.0, "elbows", "Long arms."), (12.0, "hips", "Hips up.")]


def test_a_more_important_one_waits_for_the_silence_too() -> None:
    coach = Coach()
    assert coach.hear(0.0, ELBOWS) == "elbows"
    assert coach.hear(3.0, HIPS, ELBOWS) is None
    assert coach.hear(6.0, HIPS, ELBOWS) == "hips"


def test_the_same_cue_cools_down_then_comes_easier_then_never_again() -> None:
    coach = Coach()
    coach.hear_until(0.0, 200.0, ELBOWS)
    assert coach.said == [
        (0.0, "elbows", "Long arms."),
        (12.0, "elbows", "Long arms."),
        (24.0, "elbows", "Fists are fine."),
    ]


def test_without_an_easier_variant_it_is_said_once_more_and_let_be() -> None:
    coach = Coach()
    coach.hear_until(0.0, 200.0, HEAD)
    assert [t for t, _, _ in coach.said] == [0.0, 12.0, 24.0]


def test_another_cue_in_between_begins_the_row_anew() -> None:
    coach = Coach()
    coach.hear_until(0.0, 20.0, ELBOWS)
    coach.hear_until(20.0, 24.0, HIPS, ELBOWS)
    coach.hear_until(24.0, 60.0, ELBOWS, good=())
    assert [text for _, name, text in coach.said if name == "elbows"][:3] == ["Long arms."] * 3


def test_at_most_four_corrections_in_any_minute() -> None:
    coach = Coach()
    coach.hear_until(0.0, 60.0, HIPS, ELBOWS, HEAD, KNEES)
    assert [t for t, _, _ in coach.said] == [0.0, 6.0, 12.0, 18.0]
    assert coach.hear(60.0, HIPS, ELBOWS, HEAD, KNEES) is not None


# --- reasons ---------------------------------------------------------------------------------------------------


def test_a_reason_is_said_again_after_twenty_seconds_and_is_no_correction() -> None:
    coach = Coach()
    coach.hear_until(0.0, 65.0, TURN)
    assert [t for t, _, _ in coach.said] == [0.0, 20.0, 40.0, 60.0]
    assert coach.state.recent == ()
    assert coach.state.cued == frozenset()


def test_a_reason_that_passes_is_not_praised() -> None:
    coach = Coach()
    assert coach.hear(0.0, TURN) == "turn"
    assert coach.hear(1.0) is None


# --- praise ----------------------------------------------------------------------------------------------------


def test_what_is_mended_is_praised_once() -> None:
    coach = Coach()
    assert coach.hear(0.0, ELBOWS) == "elbows"
    assert coach.hear(1.5) is None
    assert coach.hear(2.9) is None
    assert coach.hear(3.0) == "mended"
    coach.hear_until(3.1, 30.0)
    assert [name for _, name, _ in coach.said] == ["elbows", "mended"]


def test_what_comes_with_every_round_is_not_mended_between_two_of_them() -> None:
    coach = Coach()
    for start in (0.0, 3.0, 6.0):
        coach.hear_until(start, start + 1.6, ELBOWS)
        coach.hear_until(start + 1.6, start + 3.0)
    assert [name for _, name, _ in coach.said] == ["elbows"]
    coach.hear_until(9.0, 9.2)
    assert [name for _, name, _ in coach.said] == ["elbows", "mended"]


def test_praise_waits_until_everything_that_was_cued_is_mended() -> None:
    coach = Coach()
    coach.hear_until(0.0, 7.0, HIPS, ELBOWS)
    coach.hear_until(7.0, 9.0, ELBOWS)  # the hips are mended, the elbows are not
    assert [name for _, name, _ in coach.said] == ["hips", "elbows"]
    coach.hear_until(9.0, 10.6)
    assert coach.said[-1][:2] == (10.5, "mended")


def test_what_was_never_cued_is_not_praised() -> None:
    coach = Coach()
    assert coach.hear(0.0, HIPS, ELBOWS) == "hips"
    assert coach.hear(1.0, HIPS) is None


def test_what_only_went_out_of_sight_is_not_mended() -> None:
    coach = Coach()
    assert coach.hear(0.0, ELBOWS) == "elbows"
    coach.hear_until(1.0, 5.0, good=())
    assert len(coach.said) == 1
    coach.hear_until(5.0, 6.6, good=["elbows"])
    assert coach.said[-1][:2] == (6.5, "mended")


def test_out_of_the_pose_nothing_is_mended() -> None:
    coach = Coach()
    assert coach.hear(0.0, HIPS) == "hips"
    coach.hear_until(1.0, 3.0, good=None)
    coach.hear_until(3.0, 9.0)
    assert [name for _, name, _ in coach.said] == ["hips"]


def test_praise_does_not_cut_the_silence_short() -> None:
    coach = Coach()
    assert coach.hear(0.0, ELBOWS) == "elbows"
    coach.hear_until(1.0, 2.6)
    assert coach.said[-1][:2] == (2.5, "mended")
    assert coach.hear(4.6, HIPS) is None
    assert coach.hear(6.0, HIPS) == "hips"


def test_praise_of_something_else_before_is_not_praise_of_what_is_mended() -> None:
    done = Wish("done", "Lovely.", "praise")
    for praised, heard in ((4.0, "mended"), (5.5, None)):  # she mends it from 5.0 on
        coach = Coach()
        assert coach.hear(0.0, ELBOWS) == "elbows"
        coach.hear_until(0.1, 5.0, ELBOWS)
        if praised < 5.0:
            coach.state = say_now(coach.state, praised, done, VOICE)
        coach.hear(5.0)
        if praised > 5.0:
            coach.state = say_now(coach.state, praised, done, VOICE)
        assert coach.hear(6.6) == heard


def test_after_praise_a_cue_for_the_same_begins_the_row_anew() -> None:
    coach = Coach()
    coach.hear_until(0.0, 13.0, ELBOWS)
    coach.hear_until(13.0, 14.6)
    assert coach.said[-1][1] == "mended"
    coach.hear_until(15.0, 40.0, ELBOWS)
    assert [text for _, name, text in coach.said if name == "elbows"] == ["Long arms."] * 4


# --- what cannot wait, and what is on the screen ---------------------------------------------------------------


def test_what_cannot_wait_is_said_and_followed_by_silence() -> None:
    coach = Coach()
    done = Wish("done", "Lovely.", "praise")
    coach.state = say_now(coach.state, 3.0, done, VOICE)
    assert coach.state.sentence is not None
    assert (coach.state.sentence.text, coach.state.sentence.since) == ("Lovely.", 3.0)
    assert coach.hear(3.0, HIPS) is None  # not two sentences at one instant
    assert coach.hear(4.9, HIPS) is None
    assert coach.hear(5.0, HIPS) == "hips"


def test_praise_is_not_said_at_the_instant_of_something_that_cannot_wait() -> None:
    coach = Coach()
    coach.hear_until(0.0, 5.0, ELBOWS)
    coach.hear_until(5.0, 6.5)
    coach.state = say_now(coach.state, 6.5, Wish("right", "Now the right side.", "guide"), VOICE)
    assert coach.hear(6.5) is None


def test_praise_for_the_whole_is_not_doubled() -> None:
    coach = Coach()
    assert coach.hear(0.0, HIPS) == "hips"
    coach.state = say_now(coach.state, 7.0, Wish("done", "Lovely.", "praise"), VOICE)
    coach.hear_until(7.0, 20.0)
    assert [name for _, name, _ in coach.said] == ["hips"]


def test_a_sentence_stays_while_it_is_needed_and_then_for_its_time() -> None:
    coach = Coach()
    coach.hear(0.0, ELBOWS)
    for t in (4.9, 8.0, 11.9):
        coach.hear(t, ELBOWS)
        assert coach.state.sentence is not None
        assert coach.state.sentence.id == "elbows"
    coach.hear(11.95, good=())
    assert coach.state.sentence is None
    coach.hear(12.0, ELBOWS)
    coach.hear(16.9, good=())
    assert coach.state.sentence is not None
    coach.hear(17.0, good=())
    assert coach.state.sentence is None


# --- laws ------------------------------------------------------------------------------------------------------

Instant = tuple[float, frozenset[int], Literal["good", "unseen", "out"]]
courses = st.lists(
    st.tuples(
        st.one_of(st.floats(0.02, 1.0), st.floats(1.0, 15.0)),
        st.frozensets(st.integers(0, len(EVERY) - 1), max_size=4),
        st.sampled_from(["good", "good", "good", "unseen", "out"]),
    ),
    max_size=80,
)


def follow(course: Sequence[Instant]) -> list[tuple[float, Wish, list[Wish]]]:
    """Return what was said, when, and what was wished for."""
    state, t, out = CoachState(), 0.0, []
    for dt, wanted, sight in course:
        t += dt
        wishes = [EVERY[i] for i in sorted(wanted)]
        seen = [w.id for w in EVERY if w not in wishes] if sight == "good" else []
        good = None if sight == "out" else seen
        state, said = step(state, t, wishes, good=good, voice=VOICE, praise=PRAISE)
        if said is not None:
            assert state.sentence is not None
            assert state.sentence.text == said.text
            out.append((t, said, wishes))
    return out


@given(courses)
def test_manners_over_any_course(course: list[Instant]) -> None:
    said = follow(course)
    for _, wish, wishes in said:
        assert wish.tone == "praise" or wish.id in {w.id for w in wishes}
        assert wish.text in (PRAISE.text, "Fists are fine.", *(w.text for w in EVERY))
    corrections = [(t, w) for t, w, _ in said if w.tone in ("cue", "advice")]
    spoken = [(t, w) for t, w, _ in said if w.tone != "praise"]
    for (t0, _), (t1, _) in pairwise(spoken):
        assert t1 - t0 >= 6.0 - 1e-9  # silence
    for i, (t, _) in enumerate(corrections):
        assert sum(t - r < 60.0 for r, _ in corrections[: i + 1]) <= 4
    for name in {w.id for _, w in spoken}:
        times = [t for t, w in spoken if w.id == name]
        again = 20.0 if name in ("turn", "come_in") else 12.0
        assert all(b - a >= again - 1e-9 for a, b in pairwise(times))
    row: list[str] = []
    for _, wish, _ in said:
        if wish.tone == "reason":
            continue
        row = [*row, wish.id] if row and row[-1] == wish.id else [wish.id]
        assert len(row) <= 3
        assert (wish.text == "Fists are fine.") == (wish.id == "elbows" and len(row) == 3)


@given(courses)
def test_every_praise_answers_a_cue(course: list[Instant]) -> None:
    open_cues = 0
    for _, wish, _ in follow(course):
        if wish.tone == "praise":
            assert open_cues > 0
            open_cues = 0
        elif wish.tone != "reason":
            open_cues += 1
