"""Every rule of MSMdad 2.0.0 on what a class states, and a tree of them to walk it by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bigpicture.metaflex.policy import TIER
from bigpicture.metaflex.use_policy import OWN_TAGS
from bigpicture.model.entity import EntityKind
from bigpicture.standard.msmdad.dataset import DATASET, FIELDS
from bigpicture.standard.msmdad.image import ANNOTATION, IMAGE
from bigpicture.standard.msmdad.landing_page import LANDING_PAGE
from bigpicture.standard.msmdad.policy import POLICY
from bigpicture.standard.msmdad.sample import BEING, BLOCK, SPECIMEN
from bigpicture.standard.msmdad.staining import STAINING
from bigpicture.standard.rule import ANY_TAG, AttributeRule, Audience, FieldRule
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms

STAIN_RULES = STAINING
"""They hold inside each `STAIN` and in `PROCEDURE_INFORMATION`, not on the staining itself."""

ATTRIBUTE_RULES: tuple[AttributeRule, ...] = (
    *DATASET,
    *POLICY,
    *BEING,
    *SPECIMEN,
    *BLOCK,
    *IMAGE,
    *ANNOTATION,
    *LANDING_PAGE,
)

FIELD_RULES: tuple[FieldRule, ...] = FIELDS

KNOWN_TAGS = (
    frozenset(rule.tag for rule in (*ATTRIBUTE_RULES, *STAIN_RULES) if rule.tag != ANY_TAG)
    | {TIER}
    | OWN_TAGS
)
"""Tags that rows of the standard name, and our own."""


@dataclass(slots=True)
class Node:
    """A tag of a set: its rule, and the tags within."""

    rule: AttributeRule
    members: Scope = field(default_factory=dict[str, "Node"])


Scope = dict[str, Node]
"""Tag to node, of one set or of what an object states."""


def grown(rules: Iterable[AttributeRule]) -> Scope:
    """Make the tree of some rules; a set's own rule comes before those of what it holds."""
    top: Scope = {}
    for rule in rules:
        scope = top
        *above, tag = rule.path.split("/")
        for each in above:
            scope = scope[each].members
        scope[tag] = Node(rule)
    return top


def scopes(audience: Audience, terms: SiteTerms = NO_TERMS) -> Mapping[EntityKind, Scope]:
    """What each class states, for one context and with a site's own terms.

    The stains' rules are a staining's.
    """
    kinds = dict.fromkeys(rule.kind for rule in (*ATTRIBUTE_RULES, *STAIN_RULES))
    bound = [
        _with(rule, terms) for rule in (*ATTRIBUTE_RULES, *STAIN_RULES) if rule.binds(audience)
    ]
    return {kind: grown(rule for rule in bound if rule.kind == kind) for kind in kinds}


def _with(rule: AttributeRule, terms: SiteTerms) -> AttributeRule:
    if rule.vocabulary is None:
        return rule
    extended = terms.extended(rule.vocabulary)
    return rule if extended is rule.vocabulary else replace(rule, vocabulary=extended)
