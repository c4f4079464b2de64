"""The node's own codes, which count beside those that the standard names."""

from __future__ import annotations

from pathlib import Path

from bigpicture.model.errors import InputError, SettingsError
from bigpicture.settings import Settings
from bigpicture.standard.read_terms import read_terms
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms


def terms_of(settings: Settings) -> SiteTerms:
    """Read the file that the setting `terms` names, anew each time: an edit counts at once.

    Raises `SettingsError`: no contributor can mend it.
    """
    if not settings.terms:
        return NO_TERMS
    try:
        return read_terms(Path(settings.terms))
    except InputError as error:
        raise SettingsError(
            f"the node's terms are wrong: {error.what}", place=error.place, remedy=error.remedy
        ) from error
