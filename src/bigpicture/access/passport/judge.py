"""Judge visas: which of them count for a person, until when, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from joserfc.jwk import KeySet

from bigpicture.access.passport.conditions import met_until
from bigpicture.access.passport.linked import link
from bigpicture.access.passport.token import TokenError, check_signature, take_apart
from bigpicture.access.passport.visa import read_visa
from bigpicture.model.visa import Identity, Usable, Visa, VisaType

MOST_VISAS = 100

KeysOf = Callable[[str, str], KeySet]
"""Keys behind a URL; fetched anew where the named key is not among those that are remembered."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is believed of one issuer: keys at these URLs, these sources by type of visa.

    `longest` is the longest time after the assertion that it counts; None: until it expires.
    """

    keys: frozenset[str]
    sources: Mapping[str, frozenset[str]]
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """`refused`: the visa where it could be read that far, its digest, and the rule."""

    usable: tuple[Usable, ...]
    refused: tuple[tuple[str, str], ...]
    read: tuple[Visa, ...]


def check_visa(text: str, trusted: Mapping[str, Trust], keys_of: KeysOf, now: datetime) -> Visa:
    """Read a visa and check that it is its issuer's; raises `TokenError`.

    The issuer is looked up, and where it says that its key lies is compared with what is known
    of the issuer, before anything is fetched: a visa never makes this node ask anywhere else.
    """
    token = take_apart(text)
    visa = read_visa(token, now)
    trust = trusted.get(visa.identity.issuer)
    if trust is None:
        raise TokenError("the issuer is not trusted here.", rule="iss")
    where = str(token.header["jku"])
    if where not in trust.keys:
        raise TokenError("the key does not lie where this issuer keeps its keys.", rule="jku")
    check_signature(token, keys_of(where, token.kid))
    if visa.source not in trust.sources.get(visa.type, frozenset()):
        raise TokenError("this source is not trusted for that.", rule="type, source")
    return visa


def judge(
    texts: Sequence[str],
    *,
    own: Iterable[Identity],
    trusted: Mapping[str, Trust],
    keys_of: KeysOf,
    now: datetime,
) -> Judged:
    """Judge all visas of a passport for the person with the identities `own`.

    Raises `TokenError` where there are too many to be a person's: nothing of it is read then.
    """
    if len(texts) > MOST_VISAS:
        raise TokenError("the passport holds too many visas.", rule=f"at most {MOST_VISAS}")
    good: list[Visa] = []
    refused: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        try:
            good.append(check_visa(text, trusted, keys_of, now))
        except TokenError as error:
            refused[_digest(text)] = f"{error.what} [{error.rule}]"
    links = [visa for visa in good if visa.type == VisaType.LINKED_IDENTITIES]
    # one that itself rests on conditions links nobody: they could only be judged after it
    mine = link(own, [visa for visa in links if not visa.conditions])
    held: list[Usable] = []
    for visa in good:
        if visa.identity in mine:
            end = min(_end(visa, trusted[visa.identity.issuer]), mine[visa.identity])
            held.append(Usable(visa, end))
        else:
            refused[visa.digest] = "it is about somebody else, or nobody links the two. [sub, iss]"
    usable: list[Usable] = []
    for each in held:
        counted = _under_conditions(each, held, now)
        if counted is not None:
            usable.append(counted)
        else:
            refused[each.visa.digest] = "its conditions are not met. [conditions]"
    return Judged(tuple(usable), tuple(refused.items()), tuple(good))


def _under_conditions(each: Usable, held: Sequence[Usable], now: datetime) -> Usable | None:
    """The visa as long as its conditions are met; None where it does not count now."""
    until = each.until
    if each.visa.conditions:
        met = met_until(each.visa.conditions, [other for other in held if other.until > now])
        if met is None:
            return None
        until = min(until, met)
    return Usable(each.visa, until) if until > now else None


def _end(visa: Visa, trust: Trust) -> datetime:
    """GA4GH Passport, Visa Expiry: the earlier of `exp` and the assertion's own longest life."""
    if trust.longest is None:
        return visa.expires
    return min(visa.expires, visa.asserted + trust.longest)


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()
