"""Countries by how far European data protection reaches, as ISO 3166-1 alpha-2."""

from __future__ import annotations

ADEQUACY_OF = "2025-12"
"""When the lists of adequacy were written down. They change: what is in none is for people."""

EU = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
EEA = EU | {"IS", "LI", "NO"}
ADEQUATE = frozenset(["AD", "AR", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "KR", "NZ", "UY"])
"""The European Commission decided that they protect data enough (GDPR, article 45)."""
PARTLY_ADEQUATE = frozenset({"CA", "JP", "US"})
"""Such a decision covers some of their organisations only."""

AREAS = {"EU": EU, "EEA": EEA}
"""Names of areas that may stand where a country does."""


def is_known(named: str) -> bool:
    """Tell whether this names a country by its code, or an area of ours."""
    return named in AREAS or (len(named) == 2 and named.isascii() and named.isalpha())


def lies_in(country: str, named: frozenset[str] | tuple[str, ...]) -> bool:
    """Tell whether a country is one of those named, or lies in an area that is."""
    return country in named or any(country in AREAS.get(each, ()) for each in named)
