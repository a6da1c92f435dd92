"""The guided session as a pure fold over synthetic bodies: from START to the end without a hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from bodies import ALL_FOURS, FRAME, STANDING, all_fours, dog, in_phases, seated, side_body, timeline

from posecheck.library import Library
from posecheck.pose import Pose, nobody
from posecheck.records import Record
from posecheck.routine import Command, Item, Plan, Session, with_dose
from posecheck.session import Settings, Snapshot
from posecheck.spec import Breath, Exercise, Strictness
from posecheck.speech import Caption, Saying
from posecheck.trainer import Trainer

BRIGHT = 120.0
FPS = 5
QUIET = Settings(talk="little", rate=4.0)

Body = Callable[..., Pose]


def empty(t: float) -> Pose:
    return nobody(t, FRAME)


def standing(t: float) -> Pose:
    return side_body(t, **STANDING)


def arms_up(t: float) -> Pose:
    return side_body(t, **{**STANDING, "arm": 176.0, "elbow": 172.0})


def cat_and_cow(start: float, seconds: float = 4.0) -> Body:
    """Round and dip in turn, from a time on."""
    shape = {"round": {**ALL_FOURS, "turn": 45.0}, "dip": {**ALL_FOURS, "turn": -40.0}}
    stops = [(start, ALL_FOURS)]
    stops += [(start + seconds * i, shape["round" if i % 2 else "dip"]) for i in range(1, 20)]
    at = timeline(*stops)
    return lambda t: side_body(t, **at(t))


@dataclass
class Mat:
    """A session with somebody on the mat in front of it."""

    session: Session
    t: float = 0.0
    shots: list[Snapshot] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)

    def be(
        self, body: Body, seconds: float, *, brightness: float = BRIGHT, company: bool = False, **shape: Any
    ) -> None:
        """Stay in a shape for some seconds."""
        for _ in range(round(seconds * FPS)):
            self.shots.append(self.session.push(body(self.t, **shape), brightness, company=company))
            self.kept += self.session.records()
            self.t += 1 / FPS

    def until(self, stage: str, body: Body, limit: float = 200.0, **shape: Any) -> None:
        """Stay in a shape until the session is at a stage."""
        for _ in range(round(limit * FPS)):
            self.be(body, 1 / FPS, **shape)
            if self.now.stage == stage:
                return
        raise AssertionError(f"still in {self.now.stage} after {limit} s, not in {stage}")

    @property
    def now(self) -> Snapshot:
        return self.shots[-1]

    @property
    def said(self) -> list[Saying]:
        """Everything for the ear, each once, in order."""
        return list({s.number: s for shot in self.shots for s in shot.sayings}.values())

    @property
    def texts(self) -> list[str]:
        return [s.text for s in self.said if s.text]

    @property
    def chimes(self) -> list[str]:
        return [s.chime for s in self.said if s.chime]

    @property
    def stages(self) -> list[str]:
        """The stages gone through, each named once."""
        found: list[str] = []
        for shot in self.shots:
            if not found or found[-1] != shot.stage:
                found.append(shot.stage)
        return found

    def records(self, kind: str) -> list[Record]:
        return [record for record in self.kept if record.kind == kind]


@pytest.fixture
def mat(library: Library) -> Callable[..., Mat]:
    """Unroll a mat: exercises with short doses, and little talk unless asked for."""

    def unroll(*exercises: Exercise, settings: Settings = QUIET, rest_s: float | None = 6.0) -> Mat:
        items = tuple(Item(exercise, rest_s) for exercise in exercises)
        return Mat(Session(Plan(items, "test"), library, settings))

    return unroll


@pytest.fixture
def short_dog(exercise: Callable[[str], Exercise]) -> Exercise:
    return with_dose(exercise("downward_dog"), hold_s=4.0, times=1)


@pytest.fixture
def short_twist(exercise: Callable[[str], Exercise]) -> Exercise:
    return with_dose(exercise("twist"), hold_s=4.0, times=2)


@pytest.fixture
def short_cat(exercise: Callable[[str], Exercise]) -> Exercise:
    return with_dose(exercise("cat"), cycles=2)


# --- one exercise ---------------------------------------------------------------------------------------------


def test_from_set_up_to_the_end_without_a_hand(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    twice = with_dose(exercise("downward_dog"), hold_s=6.0, times=2)
    one = mat(twice)
    one.until("exercise", all_fours)
    one.until("rest", dog)
    one.be(all_fours, 14.0)
    one.until("finished", dog)
    assert one.stages == ["setup", "countdown", "exercise", "rest", "exercise", "finished"]
    in_order = [
        library.phrase("stop_words", "en"),
        twice.framing.camera["en"],
        library.phrase("ready", "en"),
        twice.steps.start["en"],
        library.phrase("count_3", "en"),
        library.phrase("count_1", "en"),
        twice.steps.done["en"],
        library.phrase("again", "en"),
    ]
    heard = [text for text in one.texts if text in in_order]
    assert heard == [*in_order, twice.steps.done["en"]]
    assert one.chimes == ["start", "held", "done"]
    assert (one.now.holds, one.now.outcome) == (2, "done")
    assert one.now.held_s == pytest.approx(12.0, abs=0.4)
    numbers = [saying.number for saying in one.said]
    assert numbers == sorted(set(numbers))


def test_nothing_is_asked_of_her_while_she_rests(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(with_dose(exercise("downward_dog"), hold_s=4.0, times=2))
    one.until("exercise", all_fours)
    one.until("rest", dog)
    before = len(one.texts)
    one.be(all_fours, 40.0)
    assert one.texts[before:] == [library.phrase("again", "en")]
    assert one.now.left_s == 0.0


def test_both_sides_are_announced(library: Library, mat: Callable[..., Mat], short_twist: Exercise) -> None:
    one = mat(short_twist)
    one.until("exercise", seated, twist=0.0, hand_on_knee=False)
    one.until("rest", seated, twist=25.0)
    one.be(seated, 8.0, twist=0.0, hand_on_knee=False)
    one.until("finished", seated, twist=-25.0, raised="right")
    sides = [library.phrase(name, "en") for name in ("side_left_said", "now_right", "side_right_said")]
    assert [text for text in one.texts if text in sides] == sides
    assert [(record.side, record.count) for record in one.records("hold")] == [("left", 1), ("right", 2)]


def test_rounds_are_counted_aloud_and_the_last_one_ends_it(
    library: Library, mat: Callable[..., Mat], short_cat: Exercise
) -> None:
    one = mat(short_cat)
    one.until("exercise", all_fours)
    one.until("finished", cat_and_cow(one.t))
    assert [record.count for record in one.records("cycle")] == [1, 2]
    assert one.chimes == ["start", "held", "done"]
    assert library.phrase("cycle_count", "en", count=1) in one.texts
    assert short_cat.steps.done["en"] in one.texts


def test_one_phase_follows_another_without_a_rest(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(in_phases(exercise("cat")))
    one.until("exercise", all_fours)
    shape = {"round": {**ALL_FOURS, "turn": 45.0}, "dip": {**ALL_FOURS, "turn": -40.0}}
    stops = [(one.t + 4.0 * i, shape["round" if i % 2 else "dip"]) for i in range(1, 5)]
    at = timeline((one.t, ALL_FOURS), *stops, (one.t + 60.0, ALL_FOURS))
    one.until("finished", lambda t: side_body(t, **at(t)), limit=60.0)
    assert one.stages == ["setup", "exercise", "finished"]  # all fours is her answer
    assert one.chimes == ["start", "held", "held", "held", "done"]
    assert [text for text in one.texts if text.startswith("Now ")] == ["Now rounds.", "Now rest.", "Now a hold."]
    assert (one.now.cycles, one.now.holds) == (2, 1)
    assert [record.count for record in one.records("cycle")] == [1, 2]


def test_she_just_begins(mat: Callable[..., Mat], short_dog: Exercise) -> None:
    """Going into the pose during the set-up is answer enough, even where the set-up finds fault."""
    one = mat(short_dog)
    one.be(dog, 7.0, brightness=10.0)
    assert one.now.stage == "exercise"
    assert one.now.moment is not None
    assert one.now.moment.held_s > 1.0


def test_when_to_stop_is_said_before_she_may_begin(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog, settings=Settings())
    one.until("exercise", dog)
    assert one.texts == [library.phrase("session_begins", "en"), library.phrase("stop_words", "en")]


def test_set_up_asks_for_one_thing_once_the_introduction_is_over(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(all_fours, 40.0, brightness=10.0)
    assert one.now.stage == "setup"
    assert one.now.setup is not None
    assert one.now.setup.parts["light"] == "adjust"
    assert one.now.caption == Caption(library.phrase("too_dark", "en"), "reason")
    introduction = one.texts.index(short_dog.framing.camera["en"])
    assert set(one.texts[introduction + 1 :]) == {library.phrase("too_dark", "en")}


def test_a_set_up_that_never_fits_does_not_hold_her_up(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.until("countdown", all_fours, brightness=10.0)
    assert library.phrase("setup_skipped", "en") in one.texts
    assert one.t > library.coaching.guide.setup_patience


def test_nobody_in_the_picture_starts_nothing(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(empty, library.coaching.guide.setup_patience + 30.0)
    assert one.now.stage == "setup"
    assert library.phrase("nobody", "en") in one.texts


def test_set_up_can_be_skipped(library: Library, mat: Callable[..., Mat], short_dog: Exercise) -> None:
    one = mat(short_dog)
    one.be(all_fours, 1.0)
    one.session.ask("start")
    one.be(all_fours, 1.0)
    assert one.now.stage == "countdown"
    assert one.texts[-1] == library.phrase("setup_skipped", "en")
    assert one.now.left_s == pytest.approx(library.coaching.setup.countdown - 1.0, abs=0.15)


def test_what_is_only_timed_begins_after_the_introduction_and_needs_no_set_up(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    ball = with_dose(exercise("fitball"), lasts_s=5.0)
    one = mat(ball)
    one.until("finished", side_body, limit=120.0, **STANDING)
    assert one.stages[0] == "countdown"
    assert one.texts.index(ball.framing.camera["en"]) < one.texts.index(library.phrase("count_3", "en"))
    assert one.records("exercise_finished")[0].outcome == "done"


def test_strictness_reaches_the_trainer_and_the_records(
    mat: Callable[..., Mat], short_dog: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def spy(*args: Any, strictness: Strictness = "gentle", **others: Any) -> Trainer:
        asked.append(strictness)
        return Trainer(*args, strictness=strictness, **others)

    monkeypatch.setattr("posecheck.session.Trainer", spy)
    one = mat(short_dog, settings=Settings("standard", talk="little"))
    one.be(dog, 5.0)
    assert asked == ["gentle", "standard"]  # the first one only looks on, before it begins
    assert one.records("exercise_started")[0].strictness == "standard"


# --- one after another ----------------------------------------------------------------------------------------


def test_a_whole_programme_without_a_hand(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_cat: Exercise, short_twist: Exercise
) -> None:
    three = mat(short_cat, short_dog, short_twist, settings=Settings())
    three.be(side_body, 30.0, **STANDING)
    three.until("exercise", all_fours)
    three.until("between", cat_and_cow(three.t))
    assert three.now.position == 0
    three.until("countdown", all_fours)  # the camera stays where it is: no second set-up
    assert three.now.position == 1
    three.until("exercise", all_fours)
    three.until("between", dog, elbow=120.0)
    three.until("setup", seated, twist=0.0, hand_on_knee=False)  # and moves for the twist
    three.until("exercise", seated, twist=0.0, hand_on_knee=False)
    three.until("rest", seated, twist=25.0)
    three.be(seated, 8.0, twist=0.0, hand_on_knee=False)
    three.until("finished", seated, twist=-25.0, raised="right")
    three.be(seated, 30.0)
    phrase = library.phrase
    in_order = [
        phrase("session_begins", "en"),
        phrase("stop_words", "en"),
        phrase("gesture_hint", "en"),
        phrase("first_exercise", "en", exercise="Cat"),
        short_cat.framing.camera["en"],
        phrase("next_exercise", "en", exercise="Downward dog"),
        phrase("last_exercise", "en", exercise="Seated twist"),
        phrase("camera_moves_front", "en"),
        short_twist.framing.camera["en"],
        phrase("session_finished", "en"),
        three.now.strength,
        three.now.next_time,
    ]
    assert [text for text in three.texts if text in in_order] == in_order
    kinds = [record.kind for record in three.kept if record.kind != "cue"]
    assert kinds == [
        "session_started",
        *("exercise_started", "cycle", "cycle", "exercise_finished"),
        *("exercise_started", "hold", "exercise_finished"),
        *("exercise_started", "hold", "hold", "exercise_finished"),
        "session_finished",
    ]
    started, finished = three.records("session_started")[0], three.records("session_finished")[0]
    assert started.programme == "test"
    assert started.exercises == ("cat", "downward_dog", "twist")
    assert (finished.outcome, finished.strength, finished.next_time) == (
        "done",
        three.now.strength,
        three.now.next_time,
    )
    times = [record.t for record in three.kept]
    assert times == sorted(times)
    # What goes next time is what stood out today: her elbows in the dog.
    bent = next(check.say["en"] for check in short_dog.checks if check.id == "elbows_bent")
    assert three.now.next_time == phrase("next_time_try", "en", exercise="Downward dog", cue=bent)
    assert [record.check for record in three.records("cue")] == ["elbows_bent"]
    dog_record = three.records("exercise_finished")[1]
    assert dog_record.fault_s["elbows_bent"] > 1.0
    assert dog_record.clean_s < dog_record.in_pose_s


def test_the_easier_variant_is_offered_after_two_cues(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    long_dog = with_dose(exercise("downward_dog"), hold_s=60.0, times=1)
    check = next(c for c in long_dog.checks if c.id == "elbows_bent")
    one = mat(long_dog)
    one.be(dog, 62.0, elbow=120.0)
    cues = [(record.check, record.easier) for record in one.records("cue")]
    assert cues == [("elbows_bent", False)] * 2 + [("elbows_bent", True)]
    assert check.easier is None or check.easier["en"] in one.texts


def test_she_is_never_stuck_where_she_is_not_recognised(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    began = two.t
    two.until("between", all_fours, limit=90.0)
    guide = library.coaching.guide
    assert two.t - began == pytest.approx(guide.offer_after + guide.go_on_after, abs=1.0)
    assert two.texts.index(library.phrase("offer_to_go_on", "en")) < two.texts.index(
        library.phrase("on_to_the_next", "en")
    )
    assert two.records("exercise_finished")[0].outcome == "unseen"


def test_the_offer_is_taken_back_when_she_comes_into_the_pose(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.be(all_fours, library.coaching.guide.offer_after + 3.0)
    assert library.phrase("offer_to_go_on", "en") in two.texts
    two.until("between", dog)
    assert two.records("exercise_finished")[0].outcome == "done"


def test_away_from_the_mat_is_no_reason_to_go_on(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.be(empty, 100.0)
    assert two.now.stage == "exercise"
    assert library.phrase("offer_to_go_on", "en") not in two.texts


def test_the_end_is_kind_even_where_nothing_was_seen(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.until("finished", all_fours, limit=200.0)
    assert one.now.strength == library.phrase("strength_came", "en")
    assert one.now.next_time == library.phrase("next_time_same", "en")


# --- leaving, pausing, skipping -------------------------------------------------------------------------------


def test_she_leaves_and_is_welcomed_back_where_she_was(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    twist = with_dose(exercise("twist"), hold_s=15.0)
    one = mat(twist)
    one.until("exercise", seated, twist=0.0, hand_on_knee=False)
    one.be(seated, 7.0, twist=25.0)
    before = one.now.moment
    assert before is not None
    assert before.held_s > 2.0
    one.be(empty, 10.0)
    assert library.phrase("away", "en") in one.texts
    assert one.now.caption is not None
    assert one.now.caption.text == library.phrase("away", "en")
    one.be(seated, 3.0, twist=25.0)
    welcome = library.phrase("welcome_back_left", "en", exercise=twist.name["en"])
    assert welcome in one.texts
    assert library.phrase("back", "en") not in one.texts
    assert one.now.caption is not None
    assert one.now.caption.text == welcome
    after = one.now.moment
    assert after is not None
    assert after.held_s > before.held_s


@pytest.mark.parametrize("stage", ["exercise", "between"])
@pytest.mark.parametrize(("brightness", "phrase"), [(0.0, "camera_covered"), (30.0, "too_dark"), (BRIGHT, "away")])
def test_where_nobody_could_be_seen_it_says_so(
    library: Library,
    mat: Callable[..., Mat],
    short_dog: Exercise,
    short_twist: Exercise,
    stage: str,
    brightness: float,
    phrase: str,
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    if stage == "between":
        two.until("between", dog)
    two.be(dog, 2.0)
    two.be(empty, 10.0, brightness=brightness)
    every = {library.phrase(name, "en") for name in ("camera_covered", "too_dark", "away")}
    assert [text for text in two.texts if text in every] == [library.phrase(phrase, "en")]
    assert two.now.caption is not None
    assert two.now.caption.text == library.phrase(phrase, "en")
    two.be(dog, 3.0)
    assert two.now.caption is not None
    assert two.now.caption.text not in every


def test_light_again_and_still_nobody_is_away(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.until("exercise", all_fours)
    one.be(empty, 10.0, brightness=0.0)
    one.be(empty, 1.0)
    assert one.now.caption == Caption(library.phrase("away", "en"), "reason")


def test_it_is_over_once_all_is_said(library: Library, mat: Callable[..., Mat], short_dog: Exercise) -> None:
    one = mat(short_dog, settings=Settings())
    one.until("exercise", all_fours)
    one.until("finished", dog)
    assert not one.now.over
    one.be(all_fours, 15.0)
    assert one.now.over
    over_at = next(shot.t for shot in one.shots if shot.over)
    last = one.said[-1]
    assert last.text == one.now.next_time
    assert over_at >= last.t + 0.3 * len((last.text or "").split())


@pytest.mark.parametrize("answers", [True, False])
def test_a_correction_can_be_doubted_from_the_mat(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise], answers: bool
) -> None:
    elbows = next(c for c in exercise("downward_dog").checks if c.id == "elbows_bent")
    one = mat(with_dose(exercise("downward_dog"), hold_s=12.0, times=1), settings=Settings())
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
    one.be(arms_up, 4.0)  # too late, or once more: nothing is asked any longer
    assert len(one.records("doubted")) == len(doubted)


def test_nothing_is_asked_where_nothing_was_corrected(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog, settings=Settings())
    one.until("exercise", all_fours)
    one.until("finished", dog)
    one.be(standing, 30.0)
    assert library.phrase("doubt_sign", "en") not in one.texts


@pytest.mark.parametrize("stage", ["countdown", "rest", "between"])
def test_time_stands_while_she_is_away_from_a_rest(
    library: Library,
    mat: Callable[..., Mat],
    exercise: Callable[[str], Exercise],
    short_twist: Exercise,
    stage: str,
) -> None:
    twice = with_dose(exercise("downward_dog"), hold_s=4.0, times=2)
    two = mat(twice if stage == "rest" else with_dose(twice, times=1), short_twist)
    two.until("countdown", all_fours)
    if stage != "countdown":
        two.until("exercise", all_fours)
        two.until(stage, dog)
    two.be(all_fours, 1.0)
    two.be(empty, 60.0)
    left = two.now.left_s
    assert two.now.stage == stage
    assert left is not None
    assert left > 0
    assert library.phrase("away", "en") in two.texts
    welcome = library.phrase("welcome_back", "en", exercise=twice.name["en"])
    two.be(all_fours, 1 / FPS)  # a glimpse of somebody
    two.be(empty, 2.0)
    assert welcome not in two.texts
    two.be(all_fours, 1.5)
    assert two.now.stage == stage
    assert welcome in two.texts


def test_hidden_behind_the_ball_she_is_still_there(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    ball = exercise("fitball")
    one = mat(ball)
    one.until("exercise", seated)
    one.be(seated, 4.0)
    one.be(empty, ball.phases[0].grace - 5.0)
    one.be(seated, 3.0)
    welcomes = {library.phrase(name, "en", exercise=ball.name["en"]) for name in ("welcome_back", "away", "back")}
    assert not welcomes & set(one.texts)
    one.be(empty, ball.phases[0].grace + 5.0)
    assert library.phrase("away", "en") in one.texts


def test_gone_for_very_long_ends_it_with_what_was_done(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.until("between", dog)
    gone = library.coaching.guide.gives_up_after
    two.shots.append(two.session.push(empty(two.t + gone - 5.0), BRIGHT))
    assert two.stages[-1] == "between"
    two.shots.append(two.session.push(empty(two.t + gone + 5.0), BRIGHT))
    two.kept += two.session.records()
    assert two.stages[-2:] == ["between", "finished"]
    assert two.records("session_finished")[0].outcome == "stopped"
    assert len(two.records("hold")) == 1


def test_pause_stops_time_and_says_so(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(with_dose(exercise("downward_dog"), hold_s=10.0))
    one.be(dog, 7.0)
    before = one.now
    one.session.ask("pause")
    one.be(dog, 60.0)
    assert one.now.paused
    assert one.now.moment == before.moment
    assert one.now.caption == Caption(library.phrase("paused_by_hand", "en"), "guide")
    one.session.ask("resume")
    one.be(dog, 1.0)
    assert before.moment is not None
    assert one.now.moment is not None
    assert one.now.moment.held_s == pytest.approx(before.moment.held_s + 1.0, abs=0.25)
    assert not one.now.paused
    assert one.texts[-2:] == [library.phrase("paused_by_hand", "en"), library.phrase("resumed_by_hand", "en")]


def test_arms_up_pauses_and_goes_on(library: Library, mat: Callable[..., Mat], short_dog: Exercise) -> None:
    one = mat(short_dog)
    one.until("exercise", all_fours)
    one.be(arms_up, 2.5)
    assert one.now.paused
    assert library.phrase("paused_by_sign", "en") in one.texts
    one.be(side_body, 20.0, **STANDING)
    assert one.now.paused
    one.be(arms_up, 2.5)
    assert not one.now.paused
    assert one.texts[-1] == library.phrase("resumed_by_hand", "en")


def test_arms_kept_up_skip(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist)
    two.until("exercise", all_fours)
    two.be(arms_up, 6.0)
    assert two.now.stage == "between"
    assert not two.now.paused
    assert library.phrase("on_to_the_next", "en") in two.texts
    assert two.records("exercise_finished")[0].outcome == "skipped"


def test_arms_up_starts_without_waiting_for_the_set_up(
    library: Library, mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.be(arms_up, 2.5, brightness=10.0)
    assert one.now.stage == "countdown"
    assert library.phrase("setup_skipped", "en") in one.texts


@pytest.mark.parametrize("command", ["skip", "start"])
def test_a_rest_can_be_cut_short(
    mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise, command: Command
) -> None:
    two = mat(short_dog, short_twist, rest_s=60.0)
    two.until("exercise", all_fours)
    two.until("between", dog)
    two.be(all_fours, 1.0)
    two.session.ask(command)
    two.be(all_fours, 0.3)
    assert (two.now.stage, two.now.position) == ("setup", 1)


def test_a_pause_in_a_rest_does_not_cut_it_short(
    mat: Callable[..., Mat], short_dog: Exercise, short_twist: Exercise
) -> None:
    two = mat(short_dog, short_twist, rest_s=60.0)
    two.until("exercise", all_fours)
    two.until("between", dog)
    two.session.ask("pause")
    two.be(all_fours, 2.0)
    two.session.ask("resume")
    two.be(all_fours, 5.0)
    assert two.now.stage == "between"


def test_stopping_keeps_the_broken_hold_and_why(
    mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(with_dose(exercise("downward_dog"), hold_s=30.0))
    one.be(dog, 9.0)
    one.session.ask("stop", "dizzy")
    one.be(dog, 1.0)
    one.session.stop()
    one.kept += one.session.records()
    assert [(r.kind, r.stop, r.outcome) for r in one.kept[-3:]] == [
        ("stopped_for", "dizzy", None),
        ("exercise_finished", None, "stopped"),
        ("session_finished", None, "stopped"),
    ]
    assert one.kept[-2].unfinished_s == pytest.approx(4.5, abs=1.0)
    assert one.now.stage == "finished"


def test_nothing_is_asked_of_a_session_that_has_not_begun_or_is_over(
    mat: Callable[..., Mat], short_dog: Exercise
) -> None:
    one = mat(short_dog)
    one.session.ask("skip")
    one.session.stop()
    assert one.session.records() == []
    one.be(all_fours, 1.0)
    one.session.ask("stop")
    one.be(all_fours, 1.0)
    kept = list(one.kept)
    commands: tuple[Command, ...] = ("pause", "skip", "start", "stop")
    for command in commands:
        one.session.ask(command)
        one.be(arms_up, 6.0)
    assert one.kept == kept
    assert not one.now.paused


# --- its words ------------------------------------------------------------------------------------------------


def test_the_breath_is_paced_by_media_time_and_spoken_at_first(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(with_dose(exercise("downward_dog"), hold_s=60.0), settings=Settings())
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
    cat = with_dose(exercise("cat"), cycles=6)
    one = mat(cat, settings=Settings())
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
    one = mat(cat.changed(cycles=None, phases=(only,), steps=cat.steps.changed(during=None)), settings=Settings())
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
    def texts(settings: Settings) -> list[str]:
        one = mat(with_dose(exercise("downward_dog"), hold_s=16.0, times=1), settings=settings)
        one.until("exercise", all_fours)
        one.until("finished", dog)
        return one.texts

    full, some, little = (texts(Settings(talk=talk)) for talk in ("full", "some", "little"))
    assert len(full) > len(some) > len(little)
    breath = {library.phrase("breathe_in", "en"), library.phrase("breathe_out", "en")}
    assert breath & set(full)
    assert not breath & set(some)
    assert library.phrase("halfway", "en") in some
    assert library.phrase("halfway", "en") not in little
    assert library.phrase("stop_words", "en") in little


def test_sentences_take_their_turn(mat: Callable[..., Mat], short_dog: Exercise) -> None:
    """No sentence begins before the one before it can be over, but for those that cannot wait."""
    one = mat(short_dog, settings=Settings())
    one.until("countdown", all_fours)
    spoken = [s for s in one.said if s.text]
    gaps = [b.t - a.t for a, b in itertools.pairwise(spoken)]
    assert all(gap >= 0.3 * len((a.text or "").split()) for gap, a in zip(gaps, spoken, strict=False))
    slow = mat(short_dog, settings=Settings(rate=0.5))
    slow.until("countdown", all_fours)
    assert slow.t > 1.5 * one.t


def test_somebody_else_is_mentioned_once(
    library: Library, mat: Callable[..., Mat], exercise: Callable[[str], Exercise]
) -> None:
    one = mat(with_dose(exercise("downward_dog"), hold_s=60.0))
    one.until("exercise", all_fours)
    one.be(dog, 20.0, company=True)
    one.be(dog, 5.0)
    one.be(dog, 10.0, company=True)
    assert one.texts.count(library.phrase("somebody_else", "en")) == 1


def test_a_plan_must_have_an_exercise(library: Library) -> None:
    with pytest.raises(ValueError, match="a plan must have at least one exercise"):
        Session(Plan(()), library)


def test_a_dose_changes_only_what_the_exercise_has(exercise: Callable[[str], Exercise]) -> None:
    dog_exercise, cat = exercise("downward_dog"), exercise("cat")
    assert with_dose(dog_exercise) == dog_exercise
    changed = with_dose(dog_exercise, hold_s=12.0, times=3, cycles=9)
    assert changed.hold is not None
    assert (changed.hold.target, changed.hold.times, changed.cycles) == (12.0, 3, None)
    rounds = with_dose(cat, hold_s=12.0, times=3, cycles=9)
    assert rounds.cycles is not None
    assert (rounds.cycles.target, rounds.hold) == (9, None)
    phases = with_dose(in_phases(cat), hold_s=12.0, cycles=9, lasts_s=30.0).course
    assert [phase.target_s for phase in phases] == [None, 30.0, 12.0]
    assert phases[0].cycles is not None
    assert phases[0].cycles.target == 9
