"""Examples: whom people have in mind when they choose a policy, as purposes that say everything."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bigpicture.model.purpose import CodedPurpose, OrganisationType, Prohibited, Use

BREAST_CANCER = "MONDO:0007254"
"""Mondo's breast cancer."""
_FOR_PROFIT = OrganisationType.FOR_PROFIT


@dataclass(frozen=True, slots=True)
class Example:
    """Somebody invented, in words, and what they would do with the data."""

    name: str
    label: str
    purpose: CodedPurpose


def _who(name: str, label: str, country: str, *uses: Use) -> Example:
    """A university for a year; who it is stands in no policy, so that lists of names deny it."""
    purpose = CodedPurpose(
        uses=frozenset(uses),
        is_commercial=False,
        country=country,
        organisation_type=OrganisationType.NOT_FOR_PROFIT,
        organisation=f"example: {name}",
        users=frozenset({f"example: {name}"}),
        project=f"example: {name}",
        months=12,
        research_question="stated",
        has_approval=True,
        recipients=(),
        sensitive=frozenset(),
        prohibited=frozenset(),
    )
    return Example(name, label, purpose)


def _company(example: Example, *, is_commercial: bool) -> Example:
    changed = replace(example.purpose, organisation_type=_FOR_PROFIT, is_commercial=is_commercial)
    return replace(example, purpose=changed)


def _on(example: Example, disease: str) -> Example:
    return replace(example, purpose=replace(example.purpose, diseases=frozenset({disease})))


def _serving(example: Example, prohibited: Prohibited) -> Example:
    changed = replace(example.purpose, prohibited=frozenset({prohibited}))
    return replace(example, purpose=changed)


EXAMPLES = (
    _on(
        _who(
            "university-breast-cancer",
            "A university in Norway studies breast cancer",
            "NO",
            Use.DISEASE,
        ),
        BREAST_CANCER,
    ),
    _who(
        "hospital-ai",
        "A hospital in Germany trains AI to read slides, and sells nothing",
        "DE",
        Use.HEALTH,
        Use.METHODS,
    ),
    _company(
        _who(
            "company-research",
            "A company in Denmark does health research that it does not sell",
            "DK",
            Use.HEALTH,
        ),
        is_commercial=False,
    ),
    _company(
        _who(
            "company-product",
            "A company in Ireland trains a commercial model",
            "IE",
            Use.HEALTH,
            Use.METHODS,
        ),
        is_commercial=True,
    ),
    _who("university-japan", "A university in Japan does health research", "JP", Use.HEALTH),
    _who(
        "university-usa", "A university in the United States does health research", "US", Use.HEALTH
    ),
    _who(
        "ancestry", "A university in Spain studies where populations come from", "ES", Use.ANCESTRY
    ),
    _who("care", "A hospital in Italy compares a patient's slide with them", "IT", Use.CARE),
    _serving(
        _company(
            _who("insurer", "An insurer sets its prices by them", "FR", Use.GENERAL),
            is_commercial=True,
        ),
        Prohibited.DISCRIMINATION,
    ),
)
"""Nine that differ in one thing each: what, who, where, for profit or not, and what nobody may."""
