"""Contacts: e-mail addresses, telephone numbers, streets with a house number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.standard.people.languages import compiled
from bigpicture.standard.people.sighting import Kind, Sighting
from bigpicture.standard.people.words import words_of

_MAIL = re.compile(r"(?<![\w.+-])(?P<who>[\w.+-]{1,64})@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_GENERIC = re.compile(
    r"(?:info|contact|kontakt|contacto|contatti|data|daten|donnees|privacy|dpo|datenschutz|gdpr|office|"
    r"admin|support|help|helpdesk|secretariat|sekretariat|registry|biobank|biobanco|pathology|"
    r"pathologie|patologia|patologi|research|forschung|repository|archive|noreply|no-reply|security|"
    r"bigpicture|access|dac|it|lab|labor|mail|post|postmaster|service|team|submission|"
    r"dataowner|datamanager|owner|steward|studies|study|committee|ethics)(?=$|[^a-z]|\d)",
    re.IGNORECASE,
)
_PHONE = compiled(
    r"(?:(?<!\w)(?:tel(?:ephone|efon|éfono|efono|efone)?|phone|mobile?|mob|handy|gsm|fax|call|ring|tlf|tfn|"
    r"puh(?:elin)?|móvil|cell(?:ulare)?|telemóvel|τηλ|тел)\.?\s*(?:no|nr|number)?\.?\s*:?\s*"
    r"(?P<told>\+?\(?\d[\d\s()/.-]{5,16}\d)|(?<![\w+])(?P<abroad>(?:\+|00)[1-9]\d[\d\s()/.-]{6,15}\d))(?![\w-])"
)
_STREET = compiled(
    r"(?P<told>(?:(?:[^\W\d_]{2,}(?:straße|strasse|str\.|gasse|allee|weg|platz|straat|laan|gracht|gatan|vägen|"
    r"gade|gata|veien|vej|katu|tie|utca)|(?:rue|avenue|boulevard|via|viale|piazza|calle|avenida|plaza|rua|"
    r"ulica|ul\.|strada|calea)\s(?:[^\W\d_]+\s){0,3}?[^\W\d_]{3,}),?\s(?:n[°º.]?\s?)?\d{1,4}[a-z]?"
    r"|\d{1,4}[a-z]?,?\s(?:rue|avenue|boulevard)\s(?:[^\W\d_']+\s){0,3}[^\W\d_]{3,}"
    r"|\d{1,4}[a-z]?\s(?:[A-Z][a-z]+\s){1,2}(?:Street|Road|Lane|Avenue|Drive|Close|Crescent|Terrace)\b))"
)


def contacts_in(text: str) -> Iterator[Sighting]:
    """Yield addresses by which somebody can be reached; a generic e-mail address is none."""
    if "@" in text:
        for match in _MAIL.finditer(text):
            if not is_generic(match["who"]):
                label = "an e-mail address"
                yield Sighting(Kind.CONTACT, match.start(), match.end(), label, is_sure=True)
    for match in _PHONE.finditer(text):
        group = "told" if match["told"] else "abroad"
        if sum(each.isdecimal() for each in match[group]) >= 7:
            yield Sighting(Kind.CONTACT, match.start(group), match.end(group), "a telephone number")
    for match in _STREET.finditer(text):
        yield Sighting(Kind.CONTACT, match.start("told"), match.end("told"), "a postal address")


def is_generic(who: str) -> bool:
    """Whether the part before the @ is a function's: `info`, `data.office`, not `erika.muster`."""
    if _GENERIC.match(who) is None:
        return False
    return not any(word.is_plain_given for word in words_of(who))
