"""An application: the table by hand, and what holds whatever anybody does in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.model.application import TERMINAL, LineState, State
from bigpicture.model.application_act import act, allowed
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_fold import begin, fold
from bigpicture.model.application_parts import Actor, Facts, Seats, Wanted
from bigpicture.model.application_table import TABLE, Command, Part
from bigpicture.model.errors import ConflictError, ForbiddenError
from bigpicture.model.voting import Outcome, VotingRule

NOW = datetime(2026, 5, 1, tzinfo=UTC)
UNIVERSITY, HOSPITAL, INSTITUTE = "University", "Hospital", "Institute"
PEOPLE = {
    "ada": UNIVERSITY,  # applies
    "bob": UNIVERSITY,  # a member
    "sig": UNIVERSITY,  # signs
    "eve": INSTITUTE,  # a member of elsewhere
    "una": UNIVERSITY,  # sits on the committee of livers, and is the applicant's colleague
    "liv": HOSPITAL,
    "leo": HOSPITAL,
    "max": INSTITUTE,
    "lou": HOSPITAL,  # sits on the committee of lungs
    "lea": HOSPITAL,
    "rex": INSTITUTE,  # is invited to review
    "stu": "",  # a steward
}
SEATS = {"livers": ("una", "liv", "leo", "max", "ada"), "lungs": ("lou", "lea")}
LIVER, LUNG, KIDNEY = "liver-set", "lung-set", "kidney-set"
COMMITTEES = {LIVER: "livers", LUNG: "lungs", KIDNEY: "livers"}
NODE = Actor("node")


def actor(name):
    sits = frozenset(each for each, seats in SEATS.items() if name in seats)
    return Actor(name, PEOPLE[name], sits, is_steward=name == "stu")


def party(name, country="SE"):
    return {"id": name, "organisation": PEOPLE[name], "country": country}


def asked(*datasets):
    return [{"dataset": each, "committee": COMMITTEES[each]} for each in datasets]


def facts(rule=VotingRule.MAJORITY, quorum=2, **more):
    seats = {
        name: Seats(rule, quorum, {each: PEOPLE[each] for each in seats})
        for name, seats in SEATS.items()
    }
    return Facts(seats=seats, **more)


def created(*datasets, members=("bob",), at=NOW):
    said = {
        "id": "a1",
        "applicant": party("ada"),
        "form": 1,
        "datasets": asked(*(datasets or (LIVER,))),
        "members": [party(each) for each in members],
        "signatory": party("sig"),
        "answers": {"title": "Livers", "environment": ["view", "stream"]},
    }
    return ApplicationEvent(1, at, "ada", Command.CREATE, said)


class Story:
    """An application and its events, moved on by whoever the test says."""

    def __init__(self, *datasets, members=("bob",), **more):
        self.events = [created(*datasets, members=members)]
        self.now = begin(self.events[0])
        self.facts = facts(**more)

    def do(self, name, command, /, **said):
        who = NODE if name == "node" else actor(name)
        at = NOW + timedelta(minutes=len(self.events))
        self.now, events = act(self.now, Wanted(who, Command(command), said, at, self.facts))
        self.events += events
        return self

    def in_review(self):
        return self.do("ada", "submit").do("liv", "screen")

    def vote(self, name, vote="approve", dataset=LIVER, **more):
        if self.now.declared(name) is None:
            self.do(name, "declare", has_conflict=False, text="")
        return self.do(name, "vote", dataset=dataset, vote=vote, reason=f"{name} says", **more)

    def approved(self):
        return self.in_review().vote("liv").vote("leo")


def test_from_a_draft_to_an_approval():
    story = Story().approved()
    assert story.now.state is State.APPROVED
    assert story.now.line(LIVER).members == {"ada", "bob"}
    decision = story.now.decisions[0]
    assert (decision.committee, decision.reason) == ("livers", "liv says\nleo says")
    assert fold(story.events) == story.now


def test_each_committee_decides_its_own_and_it_takes_effect_when_all_have():
    story = Story(LIVER, LUNG).approved()
    assert story.now.state is State.IN_REVIEW
    assert story.now.line(LIVER).members == frozenset()  # not yet
    story.vote("lou", "refuse", LUNG).vote("lea", "refuse", LUNG)
    assert story.now.state is State.APPROVED
    assert story.now.line(LIVER).members == {"ada", "bob"}
    assert story.now.line(LUNG).state is LineState.REFUSED
    with pytest.raises(ConflictError):
        story.vote("liv", dataset=LUNG)


@pytest.mark.parametrize("name", ["ada", "bob", "sig", "una", "lou", "rex", "stu"])
def test_who_has_a_part_in_it_or_another_committee_does_not_decide(name):
    story = Story().in_review()
    with pytest.raises((ForbiddenError, ConflictError)):
        story.vote(name)


def test_a_vote_needs_a_declaration_and_a_conflict_ends_it():
    story = Story().in_review()
    with pytest.raises(ConflictError, match="conflict of interest"):
        story.do("liv", "vote", dataset=LIVER, vote="approve", reason="r")
    story.vote("liv").do("liv", "declare", has_conflict=True, text="we publish together")
    assert story.now.line(LIVER).votes == ()
    with pytest.raises(ConflictError, match="you declared"):
        story.vote("liv")
    story.vote("leo")
    assert story.now.state is State.IN_REVIEW  # one counted vote of two


def test_a_person_who_votes_twice_counts_once():
    story = Story().in_review().vote("liv").vote("liv", "refuse").vote("liv")
    assert story.now.state is State.IN_REVIEW
    assert len(story.now.line(LIVER).votes) == 1


def test_the_strictest_of_those_who_approve_holds():
    story = Story().in_review()
    story.vote("liv", uses=["view", "stream"], end="2027-05-01T00:00:00+00:00", conditions=["a"])
    story.vote("leo", uses=["view"], end="2026-12-01T00:00:00+00:00", conditions=["b", "a"])
    decision = story.now.decisions[0]
    assert decision.uses == ("view",)
    assert decision.end == "2026-12-01T00:00:00+00:00"
    assert decision.conditions == ("a", "b")


@pytest.mark.parametrize(
    "said", [{"uses": ["download"]}, {"uses": []}, {"end": "2026-01-01T00:00:00+00:00"}]
)
def test_a_vote_grants_no_more_than_was_asked_for(said):
    with pytest.raises(ConflictError):
        Story().in_review().vote("liv", **said)


def test_votes_without_a_use_in_common_approve_nothing():
    story = Story().in_review().vote("liv", uses=["view"])
    with pytest.raises(ConflictError, match="in common"):
        story.vote("leo", uses=["stream"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"form_errors": ("answers.title: missing",)}, "form"),
        ({"needs_ethics": frozenset({LIVER})}, "ethics"),
        ({"barred": frozenset({LIVER})}, "misuse"),
        ({"gone": frozenset({LIVER})}, "nobody here decides"),
    ],
)
def test_what_is_not_ready_is_not_submitted(wrong, told):
    with pytest.raises(ConflictError, match=told):
        Story(**wrong).do("ada", "submit")


def test_an_ethics_document_opens_what_wants_one():
    story = Story(needs_ethics=frozenset({LIVER}))
    document = {"title": "Approval", "size": 3, "sha256": "0" * 64}
    story.do("ada", "attach", name="e.pdf", kind="other", **document)
    with pytest.raises(ConflictError, match="ethics"):
        story.do("ada", "submit")
    story.do("ada", "attach", name="e.pdf", kind="ethics", **document).do("ada", "submit")
    assert len(story.now.documents) == 1


@pytest.mark.parametrize(
    ("signatory", "told"),
    [(None, "somebody else"), ("ada", "somebody else"), ("bob", "somebody else"), ("max", "other")],
)
def test_another_of_the_same_organisation_signs(signatory, told):
    story = Story(needs_signatory=True)
    story.do("ada", "edit", signatory=signatory and party(signatory))
    with pytest.raises(ConflictError, match=told):
        story.do("ada", "submit")


def test_what_is_submitted_is_not_edited_until_it_is_returned():
    story = Story().do("ada", "submit")
    with pytest.raises(ConflictError):
        story.do("ada", "edit", answers={"title": "More"})
    story.do("liv", "return", text="say more").do("ada", "edit", answers={"title": "More"})
    assert story.now.title == "More"


def test_what_was_decided_before_a_return_is_decided_again():
    story = Story(LIVER, LUNG).approved()
    assert story.now.line(LIVER).state is LineState.APPROVED
    story.do("lou", "return", text="say more").do("ada", "resubmit")
    assert {each.state for each in story.now.lines} == {LineState.ASKED}
    assert story.now.decisions == ()


def test_a_change_that_adds_somebody_is_decided_on_while_the_old_stands():
    story = Story().approved()
    story.do("ada", "change", datasets=asked(LIVER), members=[party("bob"), party("eve")])
    assert story.now.state is State.SUBMITTED
    assert story.now.line(LIVER).members == {"ada", "bob"}
    story.do("liv", "screen").vote("liv", "refuse").vote("leo", "refuse")
    assert story.now.state is State.APPROVED  # as before
    assert story.now.line(LIVER).members == {"ada", "bob"}
    assert [each.id for each in story.now.members] == ["bob"]


def test_a_change_that_is_approved_widens():
    story = Story().approved()
    story.do("ada", "change", datasets=asked(LIVER), members=[party("bob"), party("eve")])
    story.do("liv", "screen").vote("liv").vote("leo")
    assert story.now.line(LIVER).members == {"ada", "bob", "eve"}


@pytest.mark.parametrize("how", [("ada", "withdraw", {}), ("liv", "reject", {"reason": "no"})])
def test_a_change_that_is_given_up_leaves_what_stood(how):
    name, command, said = how
    story = Story().approved()
    story.do("ada", "change", datasets=asked(LIVER, LUNG), members=[party("bob"), party("eve")])
    story.do(name, command, **said)
    assert story.now.state is State.APPROVED
    assert [each.dataset for each in story.now.living] == [LIVER]
    assert [each.id for each in story.now.members] == ["bob"]


def test_a_change_that_only_narrows_needs_nobody():
    story = Story().approved()
    story.do("ada", "change", datasets=asked(LIVER), members=[])
    assert story.now.state is State.APPROVED
    assert story.now.line(LIVER).members == {"ada"}


def test_a_returned_change_keeps_what_stands():
    story = Story().approved()
    story.do("ada", "change", datasets=asked(LIVER), members=[party("eve")])
    story.do("liv", "return", text="why?")
    with pytest.raises(ConflictError, match="keeps"):
        story.do("ada", "edit", members=[party("eve"), party("bob")])


def test_what_is_barred_is_refused_and_the_rest_goes_on():
    story = Story(LIVER, LUNG).in_review().do("node", "bar", dataset=LIVER)
    assert story.now.state is State.IN_REVIEW
    story.do("node", "bar", dataset=LUNG)
    assert story.now.state is State.REJECTED


def test_a_committee_closes_only_what_is_all_its_own():
    story = Story(LIVER, LUNG).approved().vote("lou", dataset=LUNG).vote("lea", dataset=LUNG)
    assert story.now.state is State.APPROVED
    with pytest.raises(ConflictError, match="another committee"):
        story.do("liv", "close", reason="over")
    assert story.do("ada", "close", reason="over").now.state is State.CLOSED


def test_a_steward_leads_through_but_does_not_vote():
    commands = allowed(Story().do("ada", "submit").now, actor("stu"))
    assert {Command.SCREEN, Command.RETURN, Command.REJECT} <= commands
    assert Command.VOTE not in commands
    assert Command.DECLARE not in commands


def test_questions_reviews_and_signatures_are_given_once():
    story = Story().in_review().do("liv", "ask", text="why?", committee="livers")
    question = story.now.questions[0].id
    story.do("ada", "answer", question=question, text="because")
    with pytest.raises(ConflictError):
        story.do("ada", "answer", question=question, text="or so")
    story.do("liv", "invite", person="rex").do("rex", "declare", has_conflict=False, text="")
    story.do("rex", "review", text="fine", recommendation="approve")
    with pytest.raises(ConflictError):
        story.do("rex", "review", text="no", recommendation="refuse")
    with pytest.raises(ConflictError):
        story.do("liv", "invite", person="bob")
    story.do("sig", "sign", agreement="dua", version=1)
    with pytest.raises(ConflictError):
        story.do("sig", "sign", agreement="dua", version=1)


def test_every_state_but_the_terminal_has_a_way_on():
    for state in State:
        leads_on = any(
            callable(target) or target is not state
            for row in TABLE.values()
            for before, target in row.states.items()
            if before is state
        )
        assert leads_on is (state not in TERMINAL)


SAID = {
    Command.EDIT: st.fixed_dictionaries(
        {},
        optional={
            "members": st.lists(st.sampled_from([party("bob"), party("eve")]), unique_by=str),
            "datasets": st.sampled_from([asked(LIVER), asked(LIVER, LUNG)]),
            "answers": st.just({"title": "Other", "environment": ["view"]}),
        },
    ),
    Command.CHANGE: st.fixed_dictionaries(
        {
            "members": st.sampled_from([[], [party("bob")], [party("bob"), party("eve")]]),
            "datasets": st.sampled_from([asked(LIVER), asked(LIVER, LUNG), asked(KIDNEY)]),
        }
    ),
    Command.VOTE: st.fixed_dictionaries(
        {
            "dataset": st.sampled_from([LIVER, LUNG, KIDNEY]),
            "vote": st.sampled_from(["approve", "approve", "refuse", "abstain"]),
            "reason": st.just("r"),
        }
    ),
    Command.DECLARE: st.fixed_dictionaries(
        {"has_conflict": st.sampled_from([False, False, True]), "text": st.just("")}
    ),
    Command.BAR: st.fixed_dictionaries({"dataset": st.sampled_from([LIVER, LUNG, KIDNEY])}),
    Command.INVITE: st.fixed_dictionaries({"person": st.sampled_from(["rex", "bob", "liv"])}),
}
PLAIN = {
    "text": "t",
    "reason": "r",
    "question": "2",
    "recommendation": "",
    "agreement": "dua",
    "version": 1,
    "member": "bob",
    "document": "none",
    "name": "e.pdf",
    "title": "E",
    "kind": "other",
    "size": 1,
    "sha256": "0" * 64,
    "committee": "livers",
    "cohort": "c",
}
WHO = st.sampled_from([*PEOPLE, "node", "liv", "leo", "lou", "lea", "ada"])
# The node decides by itself where votes are enough: nobody asks it to, and with what words.
STEP = st.sampled_from([each for each in TABLE if each is not Command.DECIDE]).flatmap(
    lambda command: st.tuples(WHO, st.just(command), SAID.get(command, st.just(PLAIN)))
)
HELPED = [  # most random walks would end before anybody votes
    ("ada", Command.SUBMIT, {}),
    ("liv", Command.SCREEN, {}),
    *((each, Command.DECLARE, {"has_conflict": False, "text": ""}) for each in ("liv", "lou")),
]


def standing(application):
    return {(each.dataset, who) for each in application.living for who in each.members}


def in_effect(application):
    return standing(application) if application.state is not State.CLOSED else set()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(STEP, max_size=40),
    st.sampled_from(VotingRule),
    st.integers(1, 3),
    st.booleans(),
)
def test_whatever_is_done_in_whatever_order(steps, rule, quorum, is_helped):
    story = Story(LIVER, LUNG, rule=rule, quorum=quorum)
    for name, command, said in [*(HELPED if is_helped else ()), *steps]:
        before = story.now
        try:
            story.do(name, command, **said)
        except (ConflictError, ForbiddenError):
            assert story.now is before
            continue
        after = story.now
        assert fold(story.events) == after
        if before.state in TERMINAL:
            assert after.state is before.state
            assert standing(after) == standing(before)
        if in_effect(after) - in_effect(before):
            assert story.events[-1].command is Command.DECIDE or command is Command.BAR
        for line in after.living:
            voters = [each.by for each in line.votes]
            assert len(voters) == len(set(voters))
            for each in voters:
                assert each not in after.parties
                assert PEOPLE[each] != UNIVERSITY
                assert not after.declared(each).has_conflict
        if after.state is State.APPROVED:
            assert standing(after)
            people = {each.id for each in after.everyone}
            assert {who for _, who in standing(after)} <= people
        _check_decisions(story, rule, quorum)


def _check_decisions(story, rule, quorum):
    """Recount each decision from the events, without the counting of the program."""
    for at, event in enumerate(story.events):
        if event.command is not Command.DECIDE:
            continue
        line = fold(story.events[:at]).line(event.said["dataset"])
        choices = [each.choice for each in line.votes]
        assert len(choices) >= quorum
        if event.said["outcome"] == Outcome.APPROVED:
            assert "approve" in choices
            if rule is VotingRule.MAJORITY:
                assert choices.count("approve") > choices.count("refuse")
            else:
                assert "refuse" not in choices


def test_only_the_node_does_what_is_the_nodes():
    for command, row in TABLE.items():
        assert row.parts
        assert (Part.NODE in row.parts) is (
            command in (Command.DECIDE, Command.EXPIRE, Command.BAR, Command.NARROW)
        )
