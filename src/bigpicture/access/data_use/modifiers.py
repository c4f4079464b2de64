"""Modifiers: what each code that narrows a permission says to a purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bigpicture.access.data_use.diseases import Lineage
from bigpicture.access.data_use.permission import is_within_disease
from bigpicture.access.data_use.reason import Answer, Reason
from bigpicture.model import data_use as duo
from bigpicture.model.countries import is_known, lies_in
from bigpicture.model.data_use import DataUseTerm, Kind
from bigpicture.model.purpose import CodedPurpose, OrganisationType, Use
from bigpicture.model.use_policy import UsePolicy

Said = tuple[Answer, str]
_ALLOW, _HUMAN, _DENY = Answer.ALLOW, Answer.HUMAN, Answer.DENY


@dataclass(frozen=True, slots=True)
class Asked:
    """What a modifier is judged by."""

    policy: UsePolicy
    purpose: CodedPurpose
    lineage: Lineage


def judge_modifiers(asked: Asked) -> Iterator[Reason]:
    """Yield what each modifier says, and what clinical care needs; an unknown code is for people.

    No modifier is judged as a kind of another: in duo.owl NPU and NCU stand under the stricter
    NPUNCU, and either alone asks for less than both.
    """
    for term in asked.policy.terms:
        code = term.known
        if code is None:
            text = "No rule reads this term; people do."
            yield Reason(term.code, term.code, _HUMAN, " ".join((text, *term.values)))
        elif code.kind is Kind.MODIFIER and code.code in _RULES:
            answer, text = _RULES[code.code](term, asked)
            yield Reason(code.code, f"{code.name} ({code.shorthand})", answer, text)
    if Use.CARE in asked.purpose.uses:
        yield _care(asked)


def _care(asked: Asked) -> Reason:
    is_said = any(term.code == duo.CC.code for term in asked.policy.terms)
    answer = _ALLOW if is_said else _HUMAN
    text = "Clinical care is allowed." if is_said else "The policy does not speak of clinical care."
    return Reason(duo.CC.code, f"{duo.CC.name} ({duo.CC.shorthand})", answer, text)


def _research_type(term: DataUseTerm, _: Asked) -> Said:
    kind = "; ".join(term.values) or "it does not say which"
    return _HUMAN, f"Only a certain kind of research is allowed: {kind}. People judge that."


def _methods(_: DataUseTerm, asked: Asked) -> Said:
    if not asked.purpose.uses:
        return _HUMAN, "The purpose does not say whether methods are developed."
    if Use.METHODS not in asked.purpose.uses:
        return _ALLOW, "No methods are developed."
    within = is_within_disease(asked.policy, asked.purpose, asked.lineage)
    if within is False:
        return _DENY, "Methods, software or AI may not be developed with these data."
    return (
        _HUMAN,
        "Methods may not be developed in general; whether for this disease, people judge.",
    )


def _genetic(_: DataUseTerm, asked: Asked) -> Said:
    if not asked.purpose.uses:
        return _HUMAN, "The purpose does not say whether it is a genetic study."
    if Use.GENETIC in asked.purpose.uses:
        return _ALLOW, "It is a genetic study."
    return _DENY, "Only genetic studies are allowed."


def _no_ancestry(_: DataUseTerm, asked: Asked) -> Said:
    if not asked.purpose.uses:
        return _HUMAN, "The purpose does not say whether ancestry is studied."
    if Use.ANCESTRY in asked.purpose.uses:
        return _DENY, "Where populations come from may not be studied."
    return _ALLOW, "Ancestry is not studied."


def _commercial(_: DataUseTerm, asked: Asked) -> Said:
    match asked.purpose.is_commercial:
        case None:
            return _HUMAN, "The purpose does not say whether it is commercial."
        case True:
            return _DENY, "Commercial use is not allowed."
        case False:
            return _ALLOW, "The use is not commercial."


def _company(_: DataUseTerm, asked: Asked) -> Said:
    match asked.purpose.organisation_type:
        case None:
            return _HUMAN, "The purpose does not say whether the organisation is for profit."
        case OrganisationType.FOR_PROFIT:
            return _DENY, "Organisations for profit may not use these data."
        case OrganisationType.NOT_FOR_PROFIT:
            return _ALLOW, "The organisation is not for profit."


def _neither(term: DataUseTerm, asked: Asked) -> Said:
    said = (_commercial(term, asked), _company(term, asked))
    for answer in (_DENY, _HUMAN):
        texts = [text for each, text in said if each is answer]
        if texts:
            return answer, " ".join(texts)
    return _ALLOW, "Neither the use is commercial nor the organisation for profit."


def _countries(term: DataUseTerm, asked: Asked) -> Said:
    """The applicant's country, and that of everyone who gets the data."""
    if not term.values:
        return _HUMAN, "The policy limits countries, and names none."
    countries = [asked.purpose.country or "", *(r.country for r in asked.purpose.recipients or ())]
    where = ", ".join(term.values)
    outside = sorted({each for each in countries if each and not lies_in(each, term.values)})
    if outside and not all(map(is_known, term.values)):
        return _HUMAN, f"Only in {where}; whether that holds {', '.join(outside)}, people judge."
    if outside:
        return _DENY, f"Only in {where}; not in {', '.join(outside)}."
    if "" in countries:
        return _HUMAN, f"Only in {where}; the purpose does not say every country."
    return _ALLOW, f"{', '.join(sorted(set(countries)))} is within {where}."


def _organisations(term: DataUseTerm, asked: Asked) -> Said:
    recipients = asked.purpose.recipients or ()
    wanted = [asked.purpose.organisation or "", *(r.organisation for r in recipients)]
    return _member(term, wanted, "organisations", "which organisation it is")


def _users(term: DataUseTerm, asked: Asked) -> Said:
    return _member(term, sorted(asked.purpose.users or {""}), "people", "who works with the data")


def _projects(term: DataUseTerm, asked: Asked) -> Said:
    return _member(term, [asked.purpose.project or ""], "projects", "which project it is")


def _member(term: DataUseTerm, wanted: list[str], kind: str, unsaid: str) -> Said:
    """Set membership; case and spaces do not count."""
    if not term.values:
        return _HUMAN, f"The policy limits {kind}, and names none."
    approved = {_folded(each) for each in term.values}
    if any(each and _folded(each) not in approved for each in wanted):
        return _DENY, f"Only {kind} that the policy names may use these data."
    if "" in wanted:
        return _HUMAN, f"Only {kind} that the policy names; the purpose does not say {unsaid}."
    return _ALLOW, f"The policy names these {kind}."


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _months(term: DataUseTerm, asked: Asked) -> Said:
    most, wanted = term.months, asked.purpose.months
    if most is None:
        return _HUMAN, "The policy limits the months of use, and does not say to how many."
    if wanted is None:
        return _HUMAN, f"At most {most} months; the purpose does not say how long."
    if wanted > most:
        return _DENY, f"At most {most} months, and {wanted} are wanted."
    return _ALLOW, f"{wanted} months are within the {most} allowed."


def _moratorium(term: DataUseTerm, _: Asked) -> Said:
    if term.day is None:
        return _HUMAN, "Results may not be published before a day that the policy does not say."
    return _ALLOW, f"You must not publish results before {term.day:%d %B %Y}."


def _approval(_: DataUseTerm, asked: Asked) -> Said:
    if asked.purpose.has_approval:
        return (
            _ALLOW,
            "An ethics committee has approved it; the document goes with the application.",
        )
    return (
        _HUMAN,
        "An ethics committee has to approve it first; the application needs its document.",
    )


def _duty(text: str) -> Callable[[DataUseTerm, Asked], Said]:
    return lambda *_: (_ALLOW, text)


_RULES: dict[str, Callable[[DataUseTerm, Asked], Said]] = {
    duo.RS.code: _research_type,
    duo.NMDS.code: _methods,
    duo.GSO.code: _genetic,
    duo.NPOA.code: _no_ancestry,
    duo.NCU.code: _commercial,
    duo.NPU.code: _company,
    duo.NPUNCU.code: _neither,
    duo.GS.code: _countries,
    duo.IS.code: _organisations,
    duo.US.code: _users,
    duo.PS.code: _projects,
    duo.TS.code: _months,
    duo.MOR.code: _moratorium,
    duo.IRB.code: _approval,
    duo.PUB.code: _duty("You must publish your results."),
    duo.COL.code: _duty("You must work together with the contributor."),
    duo.RTN.code: _duty("You must give your results back to this repository."),
}
"""CC is judged only where clinical care is asked for: it permits, and narrows nothing."""
