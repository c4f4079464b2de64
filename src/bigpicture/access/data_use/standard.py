"""The standard's own fields of a policy (MSMdad 9): what each says to a purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bigpicture.access.data_use.reason import Answer, Reason
from bigpicture.model.countries import ADEQUACY_OF, ADEQUATE, EEA, PARTLY_ADEQUATE
from bigpicture.model.policy import DatasetType
from bigpicture.model.purpose import CodedPurpose, Use
from bigpicture.model.use_policy import UsePolicy
from bigpicture.standard.msmdad.policy import AREAS, DURATIONS, USES

Said = tuple[Answer, str]
_ALLOW, _HUMAN, _DENY = Answer.ALLOW, Answer.HUMAN, Answer.DENY
_PROJECT, _RESEARCH, _EXPLOITATION = USES
_UNSAID = "The policy does not say."


def judge_standard(policy: UsePolicy, purpose: CodedPurpose) -> Iterator[Reason]:
    """Yield what each field says; one that a policy does not state is for people."""
    for clause, name, rule in _RULES:
        answer, text = rule(policy, purpose)
        yield Reason(clause, name, answer, text)
    for clause, name, words in (
        ("consent_restrictions", "Limits of the consent", policy.consent_restrictions),
        ("custom_restrictions", "Further limits", policy.custom_restrictions),
    ):
        if words:
            yield Reason(clause, name, _HUMAN, f"People judge this: {words}")
        elif words is None:
            yield Reason(clause, name, _HUMAN, _UNSAID)
    if policy.dataset_type is DatasetType.CLINICAL_PSEUDONYMIZED and not policy.legal_basis:
        yield Reason(
            "legal_basis",
            "Legal basis",
            _HUMAN,
            "These are pseudonymised data of persons, and no legal basis is stated.",
        )
    for words in policy.unread:
        yield Reason("unread", "What no rule reads", _HUMAN, words)


def _uses(policy: UsePolicy, purpose: CodedPurpose) -> Said:
    """Research stands for research; clinical care and commerce are more than that."""
    if not policy.allowed_uses:
        return _HUMAN, _UNSAID
    named = set(policy.allowed_uses)
    if named - set(USES):
        return _HUMAN, f"People judge this: {'; '.join(sorted(named - set(USES)))}"
    if Use.CARE in purpose.uses:
        return _HUMAN, "Whether clinical care is among the uses allowed, people judge."
    if purpose.is_commercial and _EXPLOITATION in named:
        return _ALLOW, "Direct exploitation is allowed."
    if _RESEARCH not in named:
        return _HUMAN, f"Allowed is: {'; '.join(sorted(named))}. People judge whether this is that."
    if purpose.is_commercial is not False:
        return (
            _HUMAN,
            "Research is allowed. Whether research that serves commerce is, people judge.",
        )
    return _ALLOW, "Research is allowed."


def _geography(policy: UsePolicy, purpose: CodedPurpose) -> Said:
    """A wider area includes the narrower (MSMdad 9.5.5)."""
    area = policy.geography
    if not area:
        return _HUMAN, _UNSAID
    if area not in AREAS:
        return _HUMAN, f"People judge this: {area}"
    if area == AREAS[2]:
        return _ALLOW, "Worldwide."
    countries = [purpose.country or "", *(each.country for each in purpose.recipients or ())]
    outside = sorted({each for each in countries if each and each not in EEA})
    if area == AREAS[0] and outside:
        return _DENY, f"Only in the EU and EEA; not in {', '.join(outside)}."
    doubtful = [each for each in outside if each not in ADEQUATE]
    if doubtful:
        partly = [each for each in doubtful if each in PARTLY_ADEQUATE]
        known = f"For {', '.join(partly)} a decision covers some organisations. " if partly else ""
        check = f"People check {', '.join(doubtful)} (our list is of {ADEQUACY_OF})."
        return _HUMAN, f"Only where data protection is adequate. {known}{check}"
    if "" in countries:
        return _HUMAN, f"{area}; the purpose does not say every country."
    return _ALLOW, f"{', '.join(sorted(set(countries)))} is within: {area}."


def _duration(policy: UsePolicy, purpose: CodedPurpose) -> Said:
    said = policy.duration
    if not said:
        return _HUMAN, _UNSAID
    if said == DURATIONS[0]:
        return _ALLOW, "For as long as a grant lasts."
    if said == DURATIONS[2]:
        if purpose.months is None:
            return _HUMAN, "As long as the purpose lasts, and the purpose does not say how long."
        return _ALLOW, f"As long as the purpose lasts: {purpose.months} months."
    return _HUMAN, f"People judge this: {said}"


def _question(policy: UsePolicy, purpose: CodedPurpose) -> Said:
    if policy.research_question_required is None:
        return _HUMAN, _UNSAID
    if not policy.research_question_required:
        return _ALLOW, "None is asked for."
    if purpose.research_question and purpose.research_question.strip():
        return _ALLOW, "It is stated."
    return _HUMAN, "The policy asks for one; state it."


_RULES: tuple[tuple[str, str, Callable[[UsePolicy, CodedPurpose], Said]], ...] = (
    ("allowed_uses", "Allowed uses", _uses),
    ("geography", "Where", _geography),
    ("duration", "How long", _duration),
    ("research_question_required", "Research question", _question),
)
