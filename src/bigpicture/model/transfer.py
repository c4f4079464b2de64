"""A transfer: personal data that somebody outside the EEA uses, if only by looking at them."""

from __future__ import annotations

from enum import StrEnum

from bigpicture.model.countries import ADEQUATE, EEA


class Transfer(StrEnum):
    """What a use in a country asks for first (GDPR, chapter V)."""

    NONE = "none"
    """Within the EEA."""
    ADEQUATE = "adequate"
    """The European Commission decided that the country protects data enough (article 45)."""
    NEEDED = "needed"
    """Clauses and an assessment of the transfer are to be on file first (article 46)."""
    ON_FILE = "on-file"


def transfer_of(country: str, *, is_on_file: bool) -> Transfer:
    """What a use there asks for; a country that is not said asks for the most.

    Countries with a decision for some of their organisations only ask for a document as well: it
    may say that the organisation is one of those.
    """
    spelled = country.strip().upper()
    if spelled in EEA:
        return Transfer.NONE
    if spelled in ADEQUATE:
        return Transfer.ADEQUATE
    return Transfer.ON_FILE if is_on_file else Transfer.NEEDED
