"""Permission: what a policy's data may be used for, kind of use by kind of use."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.access.data_use.diseases import Lineage, judge_diseases
from bigpicture.access.data_use.reason import Answer, Reason, strictest
from bigpicture.model import data_use as duo
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.purpose import USES, CodedPurpose, Use
from bigpicture.model.use_policy import UsePolicy

PERMISSION = "permission"
USE = "uses"

_HEALTH = frozenset({Use.HEALTH, Use.DISEASE, Use.GENETIC, Use.DRUG, Use.CARE, Use.METHODS})
_DISEASES_COUNT = frozenset({Use.DISEASE, Use.GENETIC, Use.DRUG, Use.CARE, Use.METHODS})
"""Uses that naming a disease narrows to it; research into health in general stays general."""


def judge_permission(
    policy: UsePolicy, purpose: CodedPurpose, lineage: Lineage
) -> Iterator[Reason]:
    """Yield what every permission of a policy says to the uses; all of them have to agree."""
    if not purpose.uses:
        yield Reason(USE, "Kind of use", Answer.HUMAN, "The purpose does not say what kind it is.")
    if not policy.permissions:
        yield Reason(
            PERMISSION,
            "Permission",
            Answer.HUMAN,
            "The policy states no permission in a code; people read its own words.",
        )
    for term in policy.permissions:
        yield _judged(term, purpose, lineage)


def is_within_disease(policy: UsePolicy, purpose: CodedPurpose, lineage: Lineage) -> bool | None:
    """Whether all that a policy permits is diseases, and the purpose is within them.

    None where the policy states no permission.
    """
    if not policy.permissions:
        return None
    return all(
        term.code == duo.DS.code
        and bool(purpose.diseases)
        and judge_diseases(purpose.diseases, term, lineage)[0] is not Answer.DENY
        for term in policy.permissions
    )


def _judged(term: DataUseTerm, purpose: CodedPurpose, lineage: Lineage) -> Reason:
    said = {use: _of_use(term, use, purpose, lineage) for use in sorted(purpose.uses)}
    answer = strictest(each for each, _ in said.values())
    texts = [f"{USES[use].label}: {text}" for use, (each, text) in said.items() if each is answer]
    code = duo.BY_CODE[term.code]
    if not texts:
        texts = ["Nobody can tell before the purpose says what kind of use it is."]
    return Reason(code.code, f"{code.name} ({code.shorthand})", answer, " ".join(texts))


def _of_use(
    term: DataUseTerm, use: Use, purpose: CodedPurpose, lineage: Lineage
) -> tuple[Answer, str]:
    match term.code:
        case duo.NRES.code | duo.GRU.code:
            return Answer.ALLOW, "allowed, as any research is."
        case duo.HMB.code:
            is_health = use in _HEALTH
            return (
                (Answer.ALLOW, "allowed, as health and biomedical research is.")
                if is_health
                else (Answer.DENY, "only health and biomedical research is allowed.")
            )
        case duo.POA.code:
            is_ancestry = use in (Use.ANCESTRY, Use.METHODS)
            return (
                (Answer.ALLOW, "allowed, as ancestry research and its methods are.")
                if is_ancestry
                else (Answer.DENY, "only ancestry research is allowed.")
            )
        case _:
            return _of_disease(term, use, purpose, lineage)


def _of_disease(
    term: DataUseTerm, use: Use, purpose: CodedPurpose, lineage: Lineage
) -> tuple[Answer, str]:
    """DS. A purpose that names no disease is within none: an empty list passes no check."""
    named = ", ".join(term.values) or "diseases it does not name"
    if use not in _DISEASES_COUNT:
        return Answer.DENY, f"only research on {named} is allowed."
    if not purpose.diseases:
        if use is Use.DISEASE:
            return Answer.HUMAN, f"only research on {named} is allowed; say which disease it is."
        return Answer.DENY, f"only for {named}, and the purpose names no disease."
    return judge_diseases(purpose.diseases, term, lineage)
