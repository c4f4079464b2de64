"""Whom this node trusts: issuers that sign people in, issuers of visas, and REMS; a TOML file."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bigpicture.access.passport.judge import Trust
from bigpicture.model.errors import SettingsError

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
PASSPORT_SCOPE = "ga4gh_passport_v1"


def check_url(url: str) -> str:
    """An address that may be asked: https, or http on this machine alone."""
    parts = urlsplit(url)
    is_near = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    if not (parts.scheme == "https" or is_near) or not parts.hostname or parts.username:
        raise ValueError("https://…, or http:// on this machine")
    return url


Url = Annotated[str, Field(max_length=255), AfterValidator(check_url)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Issuer(_Told):
    """An issuer of OpenID Connect that signs people in.

    `opens_accounts`: whoever it signs in and is new becomes a researcher here. `strong` are
    values of the claim `acr` by which it says that it asked for a second factor itself.
    `has_passports`: it may sign passports.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    label: Annotated[str, Field(min_length=1, max_length=80)]
    issuer: Url
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    opens_accounts: bool = False
    organisation: str = ""
    strong: tuple[str, ...] = ()
    has_passports: bool = False

    @property
    def asks_for_visas(self) -> bool:
        return PASSPORT_SCOPE in self.scopes

    def secret(self) -> str | None:
        """The client's secret; raises `SettingsError` where its file cannot be read."""
        if self.client_secret_file is None:
            return None
        return read_secret_file(self.client_secret_file)


class VisaIssuer(_Told):
    """An issuer of visas: where its keys lie, and which sources it is believed about what."""

    issuer: Url
    keys: Annotated[tuple[Url, ...], Field(min_length=1)]
    sources: dict[str, tuple[str, ...]]
    longest_days: Annotated[int, Field(ge=1)] | None = None
    datasets: dict[str, str] = {}


class Rems(_Told):
    """A REMS whose decisions become grants; `issuer` says whose subjects its user ids are."""

    url: Url
    user: Annotated[str, Field(min_length=1)]
    key_file: Path
    issuer: Url
    datasets: dict[str, str] = {}
    longest_days: Annotated[int, Field(ge=1, le=3660)] = 365


class Trusted(_Told):
    """All of it. `datasets` of its parts give our accessions for what others call datasets."""

    issuers: tuple[Issuer, ...] = ()
    visas: tuple[VisaIssuer, ...] = ()
    rems: tuple[Rems, ...] = ()

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        for names in (
            [each.id for each in self.issuers],
            [each.issuer for each in self.issuers],
            [each.issuer for each in self.visas],
            [each.url for each in self.rems],
        ):
            if len(set(names)) != len(names):
                raise ValueError("something stands twice")
        return self

    def issuer(self, name: str) -> Issuer | None:
        return next((each for each in self.issuers if each.id == name), None)

    @cached_property
    def trust(self) -> dict[str, Trust]:
        """What is believed of each issuer of visas, by its URL."""
        return {
            each.issuer: Trust(
                keys=frozenset(each.keys),
                sources={kind: frozenset(sources) for kind, sources in each.sources.items()},
                longest=timedelta(days=each.longest_days) if each.longest_days else None,
            )
            for each in self.visas
        }


def read_trusted(file: Path | None) -> Trusted:
    """Read the file; without one nobody is trusted. Raises `SettingsError`, never with a value."""
    if file is None:
        return Trusted()
    try:
        told = tomllib.loads(file.read_text("utf-8"))
        _resolve(told, file.parent)
        return Trusted.model_validate(told)
    except OSError as error:
        raise SettingsError(
            f"the file of issuers cannot be read ({error.strerror}).", place=str(file)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"this is no TOML: {error}.", place=str(file)) from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}"
            for each in error.errors()[:5]
        )
        raise SettingsError(f"{wrong}.", place=str(file), remedy="See docs/identity.md.") from error


def read_secret_file(file: Path) -> str:
    """A secret in a file of its own; raises `SettingsError`."""
    try:
        secret = file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"the secret cannot be read ({error.strerror}).", place=str(file)
        ) from error
    if not secret:
        raise SettingsError("the file of the secret is empty.", place=str(file))
    return secret


def _resolve(told: dict[str, object], folder: Path) -> None:
    """Files are named from where the TOML file lies."""
    for part in ("issuers", "rems"):
        entries = told.get(part)
        for entry in entries if isinstance(entries, list) else []:
            for name in ("client_secret_file", "key_file"):
                if isinstance(entry, dict) and isinstance(entry.get(name), str):
                    entry[name] = folder / entry[name]
