"""An application whole: all of it that the one who asks may see."""

from __future__ import annotations

from collections.abc import Iterable

from bigpicture.access.agreements import accepted_by
from bigpicture.access.application_rows import read_events
from bigpicture.access.application_told import told
from bigpicture.access.applications import etag_of
from bigpicture.api.application_shapes import (
    AcceptedShown,
    AgreementAsked,
    AnswerShown,
    ApplicationShown,
    DecisionShown,
    DeclarationShown,
    DocumentShown,
    GrantRef,
    MatchShown,
    MemberShown,
    QuestionShown,
    ReviewShown,
    SignedShown,
    StepShown,
    VoteShown,
)
from bigpicture.api.application_view import View
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.application import Decision, Question


def show_whole(view: View) -> ApplicationShown:
    """Everything of an application that the person of the view may see."""
    each = view.application
    parts = {
        "answers": dict(each.answers),
        "form_version": each.form,
        "etag": etag_of(each),
        "renews": each.renews or None,
        "members": _members(view),
        "signatory": view.ref(each.signatory.id) if each.signatory else None,
        "signed": _signed(view),
        "documents": _documents(view),
        "matches": _matches(view),
        "decisions": [_decision(view, one) for one in each.decisions],
        "votes": list(_votes(view)),
        "declarations": list(_declarations(view)),
        "reviews": list(_reviews(view)),
        "questions": [_question(view, one) for one in each.questions],
        "timeline": list(_timeline(view)),
        "agreements": _agreements(view),
        "grants": [
            GrantRef(
                id=one.id,
                person=one.person,
                dataset=one.dataset,
                state=one.state(view.now),
                start=one.start,
                end=one.end,
            )
            for one in view.grants
        ],
    }
    return ApplicationShown.model_validate({**dict(view.card()), **parts})


def _members(view: View) -> list[MemberShown]:
    concerned = {each.id for each in view.agreements}
    accepted = [
        each
        for each in accepted_by(view.connection, [one.id for one in view.application.everyone])
        if each.agreement in concerned
    ]
    return [
        MemberShown(
            **dict(view.ref(party.id)),
            country=party.country,
            accepted=[
                AcceptedShown(agreement=each.agreement, version=each.version, at=each.at)
                for each in accepted
                if each.person == party.id
            ],
            transfer=view.transfer(party),
        )
        for party in view.application.everyone
    ]


def _signed(view: View) -> SignedShown | None:
    """Once all is signed that is to be signed; then, when the last was."""
    signatures = view.application.signatures
    if not signatures:
        return None
    return SignedShown(at=signatures[-1].at, by=view.name(signatures[-1].by))


def _documents(view: View) -> list[DocumentShown]:
    return [
        DocumentShown(
            name=each.name,
            title=each.title,
            kind=each.kind,
            size=each.size,
            sha256=each.sha256,
            at=each.at,
            by=view.name(each.by),
        )
        for each in view.application.documents
    ]


def _matches(view: View) -> list[MatchShown]:
    return [
        MatchShown.model_validate({"dataset": dataset, **match})
        for dataset, match in sorted(view.application.matches.items())
    ]


def _decision(view: View, decision: Decision) -> DecisionShown:
    return DecisionShown.model_validate(
        {
            "dataset": decision.dataset,
            "committee": view.committee(decision.committee),
            "outcome": decision.outcome,
            "at": decision.at,
            "reason": decision.reason,
            "conditions": list(decision.conditions),
            "uses": None if decision.uses is None else list(decision.uses),
            "end": decision.end or None,
        }
    )


def _votes(view: View) -> Iterable[VoteShown]:
    if view.sees_votes:
        for line in view.application.lines:
            for each in line.votes:
                yield VoteShown(
                    dataset=line.dataset,
                    by=view.ref(each.by),
                    vote=each.choice,
                    reason=each.reason,
                    at=each.at,
                )


def _declarations(view: View) -> Iterable[DeclarationShown]:
    for each in view.application.declarations:
        if view.sees_votes or each.by == view.person.id:
            yield DeclarationShown(
                by=view.ref(each.by), has_conflict=each.has_conflict, text=each.text, at=each.at
            )


def _reviews(view: View) -> Iterable[ReviewShown]:
    for each in view.application.reviews:
        if view.sees_votes or each.by == view.person.id:
            yield ReviewShown(
                by=view.ref(each.by),
                text=each.text,
                recommendation=each.recommendation,
                at=each.at,
            )


def _question(view: View, question: Question) -> QuestionShown:
    answer = question.answered and AnswerShown(text=question.answer, at=question.answered)
    return QuestionShown(
        id=question.id,
        by=_asker(view, question),
        text=question.text,
        at=question.at,
        answer=answer or None,
    )


def _asker(view: View, question: Question) -> PersonRef:
    """To who has a part in it, the committee asks, not one of its people."""
    if view.person.id not in view.application.parties:
        return view.ref(question.by)
    name = view.committee(question.committee).name if question.committee else "A reviewer"
    return PersonRef(id="", display_name=name, organisation="")


def _timeline(view: View) -> Iterable[StepShown]:
    is_party = view.person.id in view.application.parties
    for event in read_events(view.connection, view.application.id):
        what = told(event, view.title, lambda name: view.committee(name).name)
        if what is None:
            continue
        hides = is_party and event.by not in view.application.parties
        known = event.by in view.people and not hides
        yield StepShown(at=event.at, what=what, by=view.name(event.by) if known else "")


def _agreements(view: View) -> list[AgreementAsked]:
    mine = {
        (each.agreement, each.version) for each in accepted_by(view.connection, [view.person.id])
    }
    signed = {(each.agreement, each.version) for each in view.application.signatures}
    return [
        AgreementAsked(
            id=each.id,
            version=each.version,
            title=each.title,
            text=each.text,
            kind=each.kind,
            accepted=(each.id, each.version) in (signed if each.is_signed else mine),
        )
        for each in view.current
    ]
