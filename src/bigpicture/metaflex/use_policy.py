"""Read a policy document into a use policy, with the terms that our own tags add; state those.

`data_use` is a set, once for each term: `data_use_code` (DUO, as a code or a text) and any number
of `data_use_value`. The document itself is kept as it is, beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bigpicture.metaflex.policy import ROUTE, read_dataset_type, read_tier
from bigpicture.model.attribute import Attribute, AttributeType, find, find_all
from bigpicture.model.code import Code
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.use_policy import AccessRoute, UsePolicy

DATA_USE, CODE, VALUE = "data_use", "data_use_code", "data_use_value"
RETENTION, CONTROLLER, PROCESSOR = "retention_until", "data_controller", "data_processor"
PERMIT = "permit_number"
OWN_TAGS = frozenset({DATA_USE, CODE, VALUE, RETENTION, CONTROLLER, PROCESSOR, ROUTE, PERMIT})


def read_use_policy(stated: Sequence[Attribute]) -> UsePolicy | None:
    """Return the use policy; None where the type of dataset or the tier is none of the known.

    A tag that is absent is not said; one that says nil says none. Raises `InputError` where terms
    contradict each other.
    """
    dataset_type = read_dataset_type(stated)
    tier = read_tier(stated)
    if dataset_type is None or tier is None:
        return None
    route, unread = _route(stated)
    return UsePolicy(
        dataset_type=dataset_type,
        tier=tier,
        version=_text(stated, "terms_of_use_version") or "",
        type_of_access=_text(stated, "type_of_access"),
        allowed_uses=_members(stated, "allowed_uses"),
        geography=_text(stated, "allowed_geographical_distribution"),
        duration=_text(stated, "duration_of_use"),
        research_question_required=_TRUTH.get(
            (_text(stated, "defined_research_question_required") or "").lower()
        ),
        consent_restrictions=_text(stated, "informed_consent_form_defined_use_restrictions"),
        custom_restrictions=_text(stated, "custom_use_restrictions"),
        acknowledgements=_acknowledgements(stated),
        citation=_text(stated, "required_citation"),
        terms=tuple(_terms(stated)),
        retention_until=_text(stated, RETENTION),
        legal_basis=_text(stated, "legal_basis_for_sharing_the_data"),
        controllers=_repeated(stated, CONTROLLER),
        processors=_repeated(stated, PROCESSOR),
        route=route,
        permit_number=_text(stated, PERMIT),
        unread=unread,
    )


def stated_terms(terms: Iterable[DataUseTerm]) -> tuple[Attribute, ...]:
    """Return the tags that say these terms, so that `read_use_policy` reads the same."""
    text = AttributeType.STRING
    return tuple(
        Attribute(
            DATA_USE,
            AttributeType.SET,
            (
                Attribute(CODE, text, term.code),
                *(Attribute(VALUE, text, value) for value in term.values),
            ),
        )
        for term in terms
    )


_TRUTH = {"true": True, "false": False}


def _terms(stated: Sequence[Attribute]) -> list[DataUseTerm]:
    found: list[DataUseTerm] = []
    for one in find_all(stated, DATA_USE):
        codes = find_all(one.members, CODE)
        values = [_coded(each) for each in find_all(one.members, VALUE)]
        found.append(DataUseTerm.of(_coded(codes[0]) if codes else "", *values))
    return found


def _coded(attribute: Attribute) -> str:
    """A code with its scheme where it does not carry it: `MONDO:0005061`, `SNOMED CT:254637007`."""
    value = attribute.value
    if isinstance(value, Code):
        code, scheme = value.code.strip(), attribute.code.scheme if attribute.code else ""
        is_whole = not scheme or ":" in code or "_" in code
        return code if is_whole else f"{scheme}:{code}"
    return attribute.text or ""


def _route(stated: Sequence[Attribute]) -> tuple[AccessRoute | None, tuple[str, ...]]:
    said = _text(stated, ROUTE)
    if said is None:
        return None, ()
    if said.lower() in set(AccessRoute):
        return AccessRoute(said.lower()), ()
    return None, (f"Access rests on: {said}",)


def _acknowledgements(stated: Sequence[Attribute]) -> tuple[str, ...] | None:
    ours = _text(stated, "required_bigpicture_acknowledgment")
    custom = _members(stated, "required_custom_acknowledgments")
    if ours is None and custom is None:
        return None
    return tuple(each for each in (ours, *(custom or ())) if each)


def _text(stated: Sequence[Attribute], tag: str) -> str | None:
    attribute = find(stated, tag)
    return None if attribute is None else (attribute.text or "").strip()


def _members(stated: Sequence[Attribute], tag: str) -> tuple[str, ...] | None:
    found = find_all(stated, tag)
    if not found:
        return None
    return tuple(each.text.strip() for one in found for each in one.members if each.text)


def _repeated(stated: Sequence[Attribute], tag: str) -> tuple[str, ...] | None:
    found = find_all(stated, tag)
    return tuple(each.text.strip() for each in found if each.text) if found else None
