"""Linked identities: which of them are one person, as issuers say that are believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from bigpicture.model.visa import Identity, Visa

FOREVER = datetime.max.replace(tzinfo=UTC)
_ENCODED = re.compile(r"(?:[^%,;]|%[0-9A-Fa-f]{2})+")


def read_linked(value: str) -> frozenset[Identity]:
    """`sub,iss;sub,iss`, each percent-encoded; an entry of another form links nothing."""
    found: set[Identity] = set()
    for entry in value.split(";"):
        subject, comma, issuer = entry.partition(",")
        if comma and _ENCODED.fullmatch(subject) and _ENCODED.fullmatch(issuer):
            found.add(Identity(unquote(issuer), unquote(subject)))
    return frozenset(found)


def link(own: Iterable[Identity], links: Iterable[Visa]) -> Mapping[Identity, datetime]:
    """All identities that are the person, each with the moment until which the links say so.

    `links` are LinkedIdentities visas of issuers and sources that are believed. A visa links the
    identity that it is about with those that it lists; links chain.
    """
    until = dict.fromkeys(own, FOREVER)
    groups = [(read_linked(visa.value) | {visa.identity}, visa.expires) for visa in links]
    is_moving = True
    while is_moving:
        is_moving = False
        for group, expires in groups:
            known = [until[each] for each in group if each in until]
            if not known:
                continue
            reach = min(max(known), expires)
            for each in group:
                if each not in until or until[each] < reach:
                    until[each] = reach
                    is_moving = True
    return until
