"""What a guided session says, when, and how much of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from bodies import CHILD, all_fours, dog, side_body
from mat import Mat, arms_up, cat_and_cow, dosed, standing

from posecheck.library import Library
from posecheck.session import Wishes
from posecheck.spec import Breath, Exercise
from posecheck.speech import Talk

# --- leaving, pausing, skipping -------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [True, False])
def test_a_correction_can_be_doubted_from_the_mat(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise], answers: bool
) -> None:
    elbows = next(c for c in exercise("downward_dog").checks if c.id == "elbows_bent")
    one = mat(dosed(exercise("downward_dog"), hold="12 s", times=1), wishes=Wishes())
    one.until("exercise", all_fours)
    one.until("finished", dog, elbow=120.0)
    one.be(standing, 9.0)
    asked = library.phrase("doubt_asked", "en", cue=elbows.say["en"])
    while library.phrase("doubt_sign", "en") not in one.texts:
        assert not one.now.over
        one.be(standing, 1.0)
    assert asked in one.texts
    one.be(arms_up if answers else standing, 4.0)
    doubted = [(record.exercise, record.check) for record in one.records("doubted")]
    assert doubted == ([("downward_dog", "elbows_bent")] if answers else [])
    assert (library.phrase("doubt_noted", "en") in one.texts) is answers
    one.be(standing, 20.0)
    assert one.now.over
    if not answers:
        (sign,) = (saying.t for saying in one.said if saying.text == library.phrase("doubt_sign", "en"))
        over = next(shot.t for shot in one.shots if shot.over)
        assert over >= sign + library.coaching.guide.answer_within
    one.be(arms_up, 4.0)  # too late, or once more: nothing is asked any longer
    assert len(one.records("doubted")) == len(doubted)


@pytest.mark.parametrize("talk", ["full", "some"])
def test_arms_that_are_up_before_the_question_is_asked_are_no_answer(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise], talk: Talk
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="12 s", times=1), wishes=Wishes(talk=talk))
    one.until("exercise", all_fours)
    one.until("finished", dog, elbow=120.0)
    one.be(arms_up, 3.0)
    assert not one.records("doubted")
    one.be(standing, 30.0)
    assert (library.phrase("doubt_sign", "en") in one.texts) is (talk == "full"), (
        "who wants little is asked nothing"
    )


def test_advice_is_nothing_to_take_along_for_next_time(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="10 s", times=1))
    one.until("exercise", all_fours)
    one.until("finished", dog, tilt=-33.0, hip=55.0, arm=175.0, knee=100.0)
    assert [record.check for record in one.records("cue")] == ["knees_bent"]
    assert one.now.next_time == library.phrase("next_time_same", "en")


def test_nothing_is_asked_where_nothing_was_corrected(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog, wishes=Wishes())
    one.until("exercise", all_fours)
    one.until("finished", dog)
    one.be(standing, 30.0)
    assert library.phrase("doubt_sign", "en") not in one.texts


# --- its words ------------------------------------------------------------------------------------------------


def test_the_breath_is_paced_by_media_time_and_spoken_at_first(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="60 s"), wishes=Wishes())
    one.be(dog, 60.0)
    pace = library.coaching.breath
    paced = [(shot.t, shot.breath.at) for shot in one.shots if shot.breath]
    assert all((b.breath is None) == (b.moment is None or not b.moment.counting) for b in one.shots)
    start = paced[0][0]
    length = pace.inhale + pace.exhale
    for t, at in paced:
        off = (t - start - at + 0.1) % length
        assert min(off, length - off) < 0.25
    spoken = [text for text in one.texts if text in {library.phrase("breathe_out", "en")}]
    assert 1 <= len(spoken) <= pace.spoken


def test_an_exercise_may_breathe_in_its_own_words(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    cat = dosed(exercise("cat"), cycles=6)
    one = mat(cat, wishes=Wishes())
    one.until("exercise", all_fours)
    one.be(cat_and_cow(one.t), 25.0)
    assert cat.breath is not None
    assert cat.breath.say_out is not None
    assert cat.breath.say_out["en"] in one.texts


@pytest.mark.parametrize("breath", ["in_words", "free"])
def test_a_phase_may_breathe_in_its_own_words_or_freely(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise], breath: str
) -> None:
    lifts, *_, half_circles = exercise("lotus").phases
    phase = lifts if breath == "in_words" else half_circles
    cat = exercise("cat")
    only = phase.changed(cycles=cat.cycles, say=cat.steps.during)
    one = mat(cat.changed(cycles=None, phases=(only,), steps=cat.steps.changed(during=None)), wishes=Wishes())
    one.until("exercise", all_fours)
    one.be(cat_and_cow(one.t, 6.0), 25.0)  # slower than the breath is paced: no count is said over both its ends
    assert isinstance(lifts.breath, Breath)
    spoken = {text["en"] for text in (lifts.breath.say_in, lifts.breath.say_out) if text}
    usual = {library.phrase("breathe_in", "en"), library.phrase("breathe_out", "en")}
    if breath == "in_words":
        assert spoken <= set(one.texts)
    else:
        assert half_circles.breath == "free"
        assert not (spoken | usual) & set(one.texts)
        assert all(shot.breath is None for shot in one.shots)


def test_little_talk_leaves_out_what_is_not_needed(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    def texts(wishes: Wishes) -> list[str]:
        one = mat(dosed(exercise("downward_dog"), hold="16 s", times=1), wishes=wishes)
        one.until("exercise", all_fours)
        one.until("finished", dog)
        return one.texts

    full, some, little = (texts(Wishes(talk=talk)) for talk in ("full", "some", "little"))
    during = exercise("downward_dog").steps.during
    assert during is not None
    assert [during["en"] in heard for heard in (full, some, little)] == [True, True, False]
    assert len(full) > len(some) > len(little)
    breath = {library.phrase("breathe_in", "en"), library.phrase("breathe_out", "en")}
    assert breath & set(full)
    assert not breath & set(some)
    assert library.phrase("halfway", "en") in some
    assert library.phrase("halfway", "en") not in little
    assert library.phrase("stop_words", "en") in little


@pytest.mark.parametrize(("seconds", "said"), [(11, 0), (13, 1)])
def test_the_middle_of_a_short_hold_is_not_said(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise], seconds: int, said: int
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold=f"{seconds} s", times=1), wishes=Wishes(talk="some", rate=4.0))
    one.until("finished", dog)
    assert one.texts.count(library.phrase("halfway", "en")) == said


def test_the_middle_of_each_phase_is_said(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    child = dosed(exercise("child"), hold="14 s")
    one = mat(child, wishes=Wishes(talk="some", rate=4.0))
    one.until("finished", side_body, **CHILD)
    assert one.texts.count(library.phrase("halfway", "en")) == len(child.phases) > 1


def test_the_breath_is_not_spoken_into_another_sentence(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="30 s"), wishes=Wishes())
    one.be(dog, 40.0, elbow=120.0)
    breath = {library.phrase("breathe_in", "en"), library.phrase("breathe_out", "en")}
    voice = library.coaching.voice
    spoken = [saying for saying in one.said if saying.text]
    pairs = [(a, b) for a, b in itertools.pairwise(spoken) if b.text in breath]
    assert pairs
    for before, after in pairs:
        assert after.t >= before.t + voice.word * len((before.text or "").split()) + voice.pause - 1e-6


def test_sentences_take_their_turn(mat: Callable[..., Mat], short_dog: Exercise) -> None:
    """No sentence begins before the one before it can be over, but for those that cannot wait."""
    one = mat(short_dog, wishes=Wishes())
    one.until("countdown", all_fours)
    spoken = [s for s in one.said if s.text]
    gaps = [b.t - a.t for a, b in itertools.pairwise(spoken)]
    assert all(gap >= 0.3 * len((a.text or "").split()) for gap, a in zip(gaps, spoken, strict=False))
    slow = mat(short_dog, wishes=Wishes(rate=0.5))
    slow.until("countdown", all_fours)
    assert slow.t > 1.5 * one.t


def test_somebody_else_is_mentioned_once(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(dosed(exercise("downward_dog"), hold="60 s"))
    one.until("exercise", all_fours)
    one.be(dog, 20.0, company=True)
    one.be(dog, 5.0)
    one.be(dog, 10.0, company=True)
    assert one.texts.count(library.phrase("somebody_else", "en")) == 1
