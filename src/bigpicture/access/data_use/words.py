"""Words: a policy for people, as it looks to who contributes data and to who would use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bigpicture.model import data_use as duo
from bigpicture.model.data_use import DataUseCode, DataUseTerm
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import AccessRoute, UsePolicy


@dataclass(frozen=True, slots=True)
class Sentence:
    """`clause` is a code of DUO, or the field that it tells; both say the same of it."""

    clause: str
    contributor: str
    """What this means for your data."""
    applicant: str
    """What you may do, and have to."""


_TIER = {
    AccessTier.OPEN: (
        "Anyone may look at the images and take them away, without an account.",
        "You may look at the images and take them away, without an account.",
    ),
    AccessTier.REGISTERED: (
        "Who is known as a researcher is let in, without a committee.",
        "You are let in when it is known that you are a researcher.",
    ),
    AccessTier.CONTROLLED: (
        "A committee decides on each application. Each grant ends on a set day.",
        "You apply, and a committee decides. A grant is yours alone, and ends on a set day.",
    ),
    AccessTier.COMPUTE_ONLY: (
        "Programs come to your data. Nobody looks at the images or takes them away.",
        "You send programs to the data. You do not see the images, and take none away.",
    ),
}

_TYPE = {
    DatasetType.CLINICAL_ANONYMIZED: "The contributor states that the people cannot be identified.",
    DatasetType.CLINICAL_PSEUDONYMIZED: "Names are replaced by codes; these stay data of persons.",
    DatasetType.CLINICAL_SCRAMBLED: "Records are scrambled, so that none belongs to one person.",
    DatasetType.NON_CLINICAL_OBSCURED: "An animal study; its sponsor is obscured.",
    DatasetType.NON_CLINICAL_CRYPTONYMISED: "An animal study; its sponsor has a cover name.",
}

_ROUTE = {
    AccessRoute.CONTRACT: "Access rests on a contract.",
    AccessRoute.CONSENT: "Access rests on the consent of those who gave the data.",
    AccessRoute.PUBLIC: "The data are public.",
    AccessRoute.EHDS_PERMIT: "Access rests on a permit of a health data access body",
}

_PLAIN: dict[str, tuple[str, str]] = {
    duo.NRES.code: (
        "Your data may be used for anything that is lawful.",
        "You may use the data for anything that is lawful.",
    ),
    duo.GRU.code: (
        "Your data may be used for any research.",
        "You may use the data for any research.",
    ),
    duo.HMB.code: (
        "Your data may be used for health and biomedical research, not to study ancestry.",
        "You may do health and biomedical research. You may not study ancestry.",
    ),
    duo.POA.code: (
        "Your data may be used to study ancestry, and for nothing else.",
        "You may study ancestry, and nothing else.",
    ),
    duo.NMDS.code: (
        "Nobody may develop methods, software or AI in general with your data.",
        "You may not develop methods, software or AI in general.",
    ),
    duo.GSO.code: (
        "Your data may be used in genetic studies only.",
        "Your study has to be a genetic one.",
    ),
    duo.NPUNCU.code: (
        "Companies may not use your data, and nobody may use them for commerce.",
        "Your organisation must not be for profit, and your use not commercial.",
    ),
    duo.NPU.code: (
        "Companies and others for profit may not use your data.",
        "Your organisation must not be for profit.",
    ),
    duo.NCU.code: (
        "Nobody may use your data for commerce; a company may do research that is not commercial.",
        "Your use must not be commercial.",
    ),
    duo.NPOA.code: (
        "Nobody may study where populations come from with your data.",
        "You may not study ancestry or the origins of populations.",
    ),
    duo.PUB.code: (
        "Whoever uses your data has to publish the results.",
        "You have to publish your results.",
    ),
    duo.COL.code: (
        "Whoever uses your data has to work together with you.",
        "You have to work together with the contributor.",
    ),
    duo.IRB.code: (
        "Whoever applies has to show the approval of an ethics committee.",
        "You need the approval of your ethics committee before you apply.",
    ),
    duo.RTN.code: (
        "Whoever uses your data has to give the results back to this repository.",
        "You have to give your results back to this repository.",
    ),
    duo.CC.code: (
        "Your data may also be used to care for patients.",
        "You may also use the data to care for patients.",
    ),
}

_VALUED: dict[str, tuple[str, str, str]] = {
    duo.DS.code: (
        "Your data may be used for research on {} only.",
        "Your research has to be on {}.",
        "diseases that the policy does not name",
    ),
    duo.RS.code: (
        "Your data may be used for one kind of research only: {}. People judge that.",
        "Your research has to be of one kind: {}. People judge that.",
        "the policy does not say which",
    ),
    duo.GS.code: (
        "Your data may be used in these countries only: {}.",
        "You, and everyone who gets the data, have to be in: {}.",
        "the policy does not say which",
    ),
    duo.IS.code: (
        "Only these organisations may use your data: {}.",
        "Your organisation has to be one of: {}.",
        "the policy does not say which",
    ),
    duo.US.code: (
        "Only people whom the policy names may use your data ({}).",
        "You have to be one of those whom the policy names ({}).",
        "it names none yet",
    ),
    duo.PS.code: (
        "Only these projects may use your data: {}.",
        "Your project has to be one of: {}.",
        "the policy does not say which",
    ),
    duo.TS.code: (
        "Each use of your data ends after {} months at the latest.",
        "Your use ends after {} months at the latest.",
        "a number of",
    ),
    duo.MOR.code: (
        "Nobody may publish results before {}.",
        "You must not publish results before {}.",
        "a day that the policy does not say",
    ),
}


def tell(policy: UsePolicy) -> tuple[Sentence, ...]:
    """Return a policy in plain sentences, in the order in which people ask: may I, where, how.

    It says nothing that the policy does not; the same policy gives the same words.
    """
    return tuple(
        each
        for part in (_access(policy), _terms(policy), _fields(policy), _house(policy))
        for each in part
    )


def explain(code: DataUseCode) -> Sentence:
    """Return what a code means before anything follows it, as a form shows it."""
    if code.code in _PLAIN:
        return Sentence(code.code, *_PLAIN[code.code])
    contributor, applicant, _ = _VALUED[code.code]
    told = (each.format("…").replace("….", "…") for each in (contributor, applicant))
    return Sentence(code.code, *told)


def _same(clause: str, text: str) -> Sentence:
    return Sentence(clause, text, text)


def _access(policy: UsePolicy) -> Iterator[Sentence]:
    yield Sentence("tier", *_TIER[policy.tier])
    yield _same("dataset_type", _TYPE[policy.dataset_type])


def _terms(policy: UsePolicy) -> Iterator[Sentence]:
    permissions = policy.permissions
    for term in (*permissions, *(each for each in policy.terms if each not in permissions)):
        yield Sentence(term.code, *_of_term(term))
    if not permissions:
        yield Sentence(
            "permission",
            "The policy says in no code what your data may be used for: people judge each purpose.",
            "The policy says in no code what the data may be used for: people judge your purpose.",
        )


def _of_term(term: DataUseTerm) -> tuple[str, str]:
    if term.code in _PLAIN:
        return _PLAIN[term.code]
    if term.code in _VALUED:
        contributor, applicant, unsaid = _VALUED[term.code]
        values = _values(term) or unsaid
        return contributor.format(values), applicant.format(values)
    text = " ".join((f"People judge this term, which no rule reads: {term.code}", *term.values))
    return text, text


def _values(term: DataUseTerm) -> str:
    """What a page that everyone reads may hold: of people, how many there are."""
    if term.code == duo.US.code and term.values:
        return "one person" if len(term.values) == 1 else f"{len(term.values)} people"
    if term.code == duo.MOR.code and term.day:
        return f"{term.day.day} {term.day:%B %Y}"
    return ", ".join(term.values)


_FIELDS: tuple[tuple[str, str, Callable[[UsePolicy], str | None]], ...] = (
    (
        "allowed_uses",
        "Uses that the contributor allows: {}.",
        lambda policy: "; ".join(policy.allowed_uses or ()),
    ),
    ("geography", "Where: {}.", lambda policy: policy.geography),
    ("duration", "How long: {}.", lambda policy: policy.duration),
    (
        "consent_restrictions",
        "Limits of the consent: {}",
        lambda policy: policy.consent_restrictions,
    ),
    ("custom_restrictions", "Further limits: {}", lambda policy: policy.custom_restrictions),
)


def _fields(policy: UsePolicy) -> Iterator[Sentence]:
    for clause, words, said in _FIELDS:
        if text := said(policy):
            yield _same(clause, words.format(text))
    if policy.research_question_required:
        yield Sentence(
            "research_question_required",
            "Whoever applies has to state a research question.",
            "You have to state a research question.",
        )
    for text in policy.acknowledgements or ():
        yield _same("acknowledgements", f"To be acknowledged in publications: {text}")
    if policy.citation:
        yield _same("citation", f"To be cited in publications: {policy.citation}")
    for text in policy.unread:
        yield _same("unread", f"People judge this: {text}")


def _house(policy: UsePolicy) -> Iterator[Sentence]:
    if policy.legal_basis:
        yield _same(
            "legal_basis", f"Legal basis that the contributor states: {policy.legal_basis}."
        )
    if policy.route:
        number = f" ({policy.permit_number})." if policy.permit_number else ""
        yield _same("route", f"{_ROUTE[policy.route]}{number}")
    for clause, words, named in (
        ("controllers", "Who is responsible for the data (controller): {}.", policy.controllers),
        (
            "processors",
            "Who works with them on behalf of these (processor): {}.",
            policy.processors,
        ),
    ):
        if named:
            yield _same(clause, words.format("; ".join(named)))
    if policy.retention_until:
        yield _same("retention_until", f"Kept until {policy.retention_until}.")
