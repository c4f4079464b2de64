"""Check the terms: type of dataset, access tier, and what pseudonymised data need."""

from __future__ import annotations

from collections.abc import Iterator

from bigpicture.metaflex.policy import TIER, read_dataset_type, read_tier
from bigpicture.metaflex.use_policy import DATA_USE, read_use_policy
from bigpicture.model.attribute import find
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.study import Study
from bigpicture.model.terms import Terms


def check_terms(study: Study) -> Iterator[Finding]:
    """Yield what keeps the terms from being read, and what was read leniently."""
    for terms in study.terms:
        yield from _dataset_type(terms)
        if read_tier(terms.stated) is None:
            yield _at(
                terms,
                TIER,
                "BP-access-tier",
                "the access tier is none.",
                " or ".join(AccessTier),
                "Correct it; without the tag it is controlled.",
            )
        yield from _use(terms)


def _use(terms: Terms) -> Iterator[Finding]:
    """What contradicts itself, and codes of data use that no rule reads."""
    try:
        policy = read_use_policy(terms.stated)
    except InputError as error:
        yield _at(terms, TIER, "BP-policy", error.what, error.rule, error.remedy)
        return
    if policy is None:
        return
    if len(policy.permissions) > 1:
        yield _at(
            terms,
            DATA_USE,
            "BP-data-use",
            "several codes say what the data may be used for.",
            "one of NRES, GRU, HMB, DS, POA",
            "Leave one.",
        )
    for term in policy.terms:
        if term.known is None:
            yield _at(
                terms,
                DATA_USE,
                "BP-data-use",
                "a code of data use is unknown.",
                "a code of DUO, such as DUO:0000042 or GRU",
                "Correct it; people read what no rule reads.",
                severity=Severity.WARNING,
            )
        elif term.known.parameter and not term.values:
            yield _at(
                terms,
                DATA_USE,
                "BP-data-use",
                f"{term.known.shorthand} comes without its {term.known.parameter}.",
                f"data_use_value with {term.known.parameter}",
                "State them; without them people judge each purpose.",
                severity=Severity.WARNING,
            )


def _dataset_type(terms: Terms) -> Iterator[Finding]:
    tag = "type_of_dataset"
    stated = find(terms.stated, tag)
    read = read_dataset_type(terms.stated)
    if read is None:
        yield _at(
            terms,
            tag,
            "9.1.4",
            f"{tag} is " + ("none of the standard's." if stated else "missing."),
            "one of " + "; ".join(DatasetType),
            "Correct it.",
        )
        return
    if stated and stated.text != read:
        yield _at(
            terms,
            tag,
            "9.1.4",
            f"{tag} is spelled in another way.",
            read,
            "It is read as the standard spells it.",
            severity=Severity.REPAIRED,
        )
    basis = find(terms.stated, "legal_basis_for_sharing_the_data")
    if read == DatasetType.CLINICAL_PSEUDONYMIZED and not (basis and basis.text):
        yield _at(
            terms,
            tag,
            "9.5.2",
            "pseudonymised data are shared without a legal basis.",
            "legal_basis_for_sharing_the_data",
            "State it.",
            severity=Severity.WARNING,
        )


def _at(  # one more argument than most: a finding has that many parts
    terms: Terms,
    tag: str,
    rule: str,
    what: str,
    expected: str,
    remedy: str,
    *,
    severity: Severity = Severity.ERROR,
) -> Finding:
    stated = find(terms.stated, tag)
    place = terms.place_of(stated) if stated else terms.place
    return Finding(rule, severity, place, what, expected, remedy, entity=str(terms))
