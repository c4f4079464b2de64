"""Media types: what a client accepts, and the best of what is offered (RFC 9110, PS3.18 8.7).

DICOM's own parameters count: of a multipart the `type` of its parts, of both the transfer syntax.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from bigpicture.api.problem import MalformedError, NotAcceptableError

MULTIPART = "multipart/related"
_PART = re.compile(r'((?:[^,"]|"[^"]*")+)')
_PARAMETER = re.compile(r'\s*([\w-]{1,40})\s*=\s*(?:"([^"]{0,200})"|([^\s;"]{0,200}))\s*', re.ASCII)
_TYPE = re.compile(r"[\w.+*!#$&^-]{1,80}/[\w.+*!#$&^-]{1,80}", re.ASCII)
_MOST = 64
"""Media ranges in one header."""
_SAME = {
    "image/j2c": "image/jp2",
    "image/j2k": "image/jp2",
    "image/jph": "image/jphc",
    "image/x-jls": "image/jls",
    "image/x-dicom-rle": "image/dicom-rle",
    "image/jpg": "image/jpeg",
}
"""What some clients call a stored frame."""


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One part of an Accept header; `parts` is the type within a multipart, `q` its weight."""

    type: str
    parts: str
    transfer_syntax: str
    q: float


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be sent: one representation, or several as parts.

    `is_special`: only to who speaks of transfer syntaxes at all, if only to take any.
    """

    type: str
    is_multipart: bool = False
    transfer_syntax: str = ""
    is_special: bool = False

    @property
    def media_type(self) -> str:
        """The media type of it, or of each part."""
        if not self.transfer_syntax:
            return self.type
        return f"{self.type}; transfer-syntax={self.transfer_syntax}"


def read_accept(header: str | None, query: Mapping[str, str]) -> list[MediaRange]:
    """What a request accepts, by the query where it says so, else by its header (PS3.18 8.3.3.1).

    Raises `MalformedError`.
    """
    text = query.get("accept") or header or "*/*"
    ranges = [_range(each) for each in _PART.findall(text[:8000]) if each.strip()]
    return ranges[:_MOST]


def read_query(query: bytes) -> dict[str, str]:
    """Parameters by name, the last of each; a plus stays one, as media types have it."""
    found: dict[str, str] = {}
    for pair in query.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        if name:
            found[unquote(name)] = unquote(value)
    return found


def choose(offers: Sequence[Offer], accepted: Sequence[MediaRange]) -> Offer:
    """The best offer: of the greatest weight, then the first offered.

    Raises `NotAcceptableError` naming what there is.
    """
    ranked = [
        (-weight, place, offer)
        for place, offer in enumerate(offers)
        if (weight := _weight(offer, accepted)) > 0
    ]
    if not ranked:
        raise NotAcceptableError(
            "nothing of this is to be had in the media types that are accepted.",
            place="Accept",
            rule=", ".join(_told(offer) for offer in offers),
        )
    return min(ranked, key=lambda each: each[:2])[2]


def _told(offer: Offer) -> str:
    if not offer.is_multipart:
        return offer.media_type
    syntax = f"; transfer-syntax={offer.transfer_syntax}" if offer.transfer_syntax else ""
    return f'{MULTIPART}; type="{offer.type}"{syntax}'


def _weight(offer: Offer, accepted: Sequence[MediaRange]) -> float:
    """What the range that speaks most exactly of an offer says; 0 where none does."""
    fitting = [each for each in accepted if _fits(offer, each)]
    return max(fitting, key=_exactness).q if fitting else 0.0


def _exactness(asked: MediaRange) -> int:
    is_one_type = "*" not in asked.type
    is_one_part = asked.parts != "" and "*" not in asked.parts
    is_one_syntax = asked.transfer_syntax not in ("", "*")
    return 4 * is_one_type + 2 * is_one_part + is_one_syntax


def _fits(offer: Offer, asked: MediaRange) -> bool:
    usual = "*" if offer.is_special else ""
    if asked.transfer_syntax not in (usual, "*", offer.transfer_syntax):
        return False
    if asked.type == "*/*":
        return True
    if asked.type in (MULTIPART, "multipart/*"):
        return offer.is_multipart and _covers(asked.parts or "*/*", offer.type)
    return not offer.is_multipart and _covers(asked.type, offer.type)


def _covers(asked: str, offered: str) -> bool:
    asked = _SAME.get(asked, asked)
    if asked in ("*/*", offered):
        return True
    return asked.endswith("/*") and offered.startswith(asked[:-1])


def read_parameters(text: str) -> tuple[str, dict[str, str]]:
    """A media type in small letters, and its parameters by name."""
    kind, _, rest = text.strip().partition(";")
    given = {
        found[1].lower(): found[2] if found[2] is not None else found[3]
        for found in _PARAMETER.finditer(rest)
    }
    return kind.strip().lower(), given


def _range(text: str) -> MediaRange:
    kind, given = read_parameters(text)
    if not _TYPE.fullmatch(kind):
        raise MalformedError("what is accepted cannot be read.", place="Accept", rule="RFC 9110")
    try:
        weight = float(given.get("q", "1"))
    except ValueError:
        weight = 1.0
    return MediaRange(
        kind,
        given.get("type", "").lower(),
        given.get("transfer-syntax", ""),
        min(max(weight, 0.0), 1.0),
    )
