"""Narrow: what is left of a dataset's policy for one subject's data, after consent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bigpicture.model import data_use as duo
from bigpicture.model.data_use import DataUseTerm, Kind
from bigpicture.model.use_policy import UsePolicy

Scope = tuple[DataUseTerm, ...]
"""What one consent allows, in the codes of a policy."""

UNCODED = "A consent says in no code what the data may be used for."


def narrow(policy: UsePolicy, scopes: Iterable[Scope]) -> UsePolicy:
    """Return the policy under which data stand that are also bound to these consents.

    All terms of all hold at once: whatever one of them forbids is forbidden, and several
    permissions have to agree. Clinical care is the one modifier that permits, so it stays only
    where everyone says it. A consent without a permission is for people.
    """
    given = list(scopes)
    if not given:
        return policy
    says_care = all(any(term.code == duo.CC.code for term in one) for one in (policy.terms, *given))
    terms = {
        term
        for one in (policy.terms, *given)
        for term in one
        if says_care or term.code != duo.CC.code
    }
    unread = policy.unread if all(map(_permits, given)) else (*policy.unread, UNCODED)
    return replace(policy, terms=tuple(terms), unread=unread)


def _permits(scope: Scope) -> bool:
    return any(term.known and term.known.kind is Kind.PERMISSION for term in scope)
