"""Settings of a node: from the environment (`BIGPICTURE_*`), a TOML file, or the command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bigpicture.model.dates import Dates
from bigpicture.model.errors import SettingsError

_OTHER_VARIABLES = frozenset({"TOKEN", "PASSWORD", "PASSPHRASE"})
"""Read by commands, not settings: a person's token and password, the passphrase of a backup."""


class Intake(StrEnum):
    """What a node may receive."""

    DEIDENTIFIED = "deidentified"
    IDENTIFIED = "identified"


class SecondFactor(StrEnum):
    """Whether those who decide for others must show a second factor."""

    REQUIRED = "required"
    OFFERED = "offered"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """Everything a node needs to know before it starts. Read once, handed on, never global."""

    model_config = SettingsConfigDict(env_prefix="BIGPICTURE_", extra="forbid", frozen=True)

    data: Path = Field(default=Path("data"), description="folder of an embedded node")
    database_url: str = Field(default="", description="empty: SQLite inside `data`")
    object_store: str = Field(default="", description="empty: folder inside `data`; s3://bucket/…")
    object_store_endpoint: str = Field(default="", description="for S3-compatible stores")
    key_store: str = Field(
        default="", description="keys of subjects; empty: folder inside `data`; s3://bucket/…"
    )
    key_store_endpoint: str = Field(default="", description="for S3-compatible stores")
    seals: Path | None = Field(
        default=None, description="folder of emergency seals; empty: folder inside `data`"
    )
    terms: str = Field(
        default="",
        description="file of the site's own codes: CSV of vocabulary, code, scheme, meaning",
    )
    terminologies: Path | None = Field(
        default=None,
        description="folder of SNOMED CT (RF2), OBO and OWL files: which terms stand under which",
    )
    center: str = Field(
        default="bb", pattern=r"^[a-z]{2,8}$", description="first part of accessions"
    )
    node_name: str = Field(default="Bigpicture node", description="shown in the portal")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = Field(default="", description="how the world reaches this node")
    intake: Intake = Intake.DEIDENTIFIED
    readers: int = Field(
        default=0,
        ge=0,
        le=9,
        description="people who release a de-identified submission; an identified one needs two",
    )
    dates: Dates = Field(
        default=Dates.REMOVED, description="days in slides received identified: removed, or shifted"
    )
    workers: int = Field(default=1, ge=1, le=64, description="web processes")
    slot: str = Field(
        default="0",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$",
        description="stable name of this process among the node's",
    )
    session_hours: int = Field(default=12, ge=1)
    second_factor: SecondFactor = Field(
        default=SecondFactor.REQUIRED, description="of stewards and committee members"
    )
    identity: Path | None = Field(
        default=None,
        description="TOML file: who signs people in, whose visas count, which REMS decides",
    )
    upload_chunk_bytes: int = Field(default=8 << 20, ge=65536)
    max_file_bytes: int = Field(default=64 << 30, ge=1)
    max_submission_bytes: int = Field(default=16 << 40, ge=1)
    max_submission_files: int = Field(default=1_000_000, ge=1)
    parser_memory_bytes: int = Field(default=4 << 30, description="limit of one child process")
    parser_seconds: int = Field(default=3600, description="limit of one child process")
    jobs: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="files worked on at once; every core unless said",
    )
    compute: str = Field(
        default="",
        pattern=r"^((tcp|tls|ws|wss)://.+)?$",
        description="empty: this machine; tcp://scheduler:8786: a Dask cluster",
    )
    tile_cache_bytes: int = Field(
        default=256 << 20, ge=0, description="tiles as sent, kept by each web process"
    )
    picture_cache_bytes: int = Field(
        default=64 << 20, ge=0, description="drawn regions kept in memory by each web process"
    )
    overlay_cache_bytes: int = Field(
        default=256 << 20, ge=0, description="results over slides, opened and drawn, likewise"
    )
    segment_cache_bytes: int = Field(
        default=128 << 20, ge=0, description="opened 64 KiB segments kept by each process"
    )
    pixel_cache_bytes: int = Field(
        default=64 << 20, ge=0, description="decoded tiles under regions, by each web process"
    )
    open_levels: int = Field(default=512, ge=1, description="levels of slides kept open by each")
    index_cache_bytes: int = Field(
        default=4 << 30, ge=0, description="frame indexes in the folder `cache`"
    )
    requests_at_once: int = Field(
        default=2000, ge=1, description="answered by a web process; more are told to come again"
    )
    log_level: LogLevel = LogLevel.INFO

    @field_validator("data")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("terminologies", "identity", "seals", mode="before")
    @classmethod
    def _folder(cls, given: object) -> object:
        """Empty is none: an environment has no other way to say so."""
        return (
            Path(given).expanduser().absolute()
            if isinstance(given, str) and given
            else given or None
        )

    @classmethod
    def load(cls, file: Path | None = None, **given: object) -> Self:
        """Read settings; what is `given` wins over the environment, that over the TOML `file`.

        Raises `SettingsError` naming each wrong setting, never its value. A None in `given` means
        not given.
        """
        _refuse_unknown_variables(set(cls.model_fields))
        chosen = {name: value for name, value in given.items() if value is not None}
        try:
            from_file = tomllib.loads(file.read_text(encoding="utf-8")) if file else {}
            environment = cls().model_dump(exclude_unset=True)
            return cls.model_validate({**from_file, **environment, **chosen})
        except ValidationError as error:
            wrong = "; ".join(_told(problem, set(cls.model_fields)) for problem in error.errors())
            raise SettingsError(
                wrong,
                place=str(file or ""),
                remedy="Correct the option, the BIGPICTURE_… variable or the file.",
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(
                f"this is no TOML: {error}.",
                place=str(file),
                remedy="One line a setting: port = 8080",
            ) from error
        except OSError as error:
            raise SettingsError(
                f"the settings cannot be read ({error.strerror}).",
                place=str(file),
                remedy="Name another file with --config.",
            ) from error

    @property
    def url(self) -> str:
        """How the node is reached: by the world, where `public_url` says so."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def records_url(self) -> str:
        """SQLAlchemy URL of the records."""
        if not self.database_url:
            return f"sqlite:///{self.data / 'records.sqlite'}"
        return _with_driver(self.database_url)

    @property
    def workflows_url(self) -> str:
        """SQLAlchemy URL of the durable workflows' own tables."""
        if not self.database_url:
            return f"sqlite:///{self.data / 'workflows.sqlite'}"
        return _with_driver(self.database_url)

    @property
    def objects_url(self) -> str:
        """URL of the object store: `file:///…` or `s3://bucket/prefix`."""
        return self.object_store or (self.data / "objects").as_uri()

    @property
    def key_store_url(self) -> str:
        """URL of the subjects' keys, kept apart from the backups of everything else."""
        return self.key_store or (self.data / "subject-keys").as_uri()

    @property
    def keys(self) -> Path:
        """Folder of the node's keys, mode 0700; backed up apart from everything else."""
        return self.data / "keys"

    @property
    def seals_folder(self) -> Path:
        """Folder of the seals, on no disk that a backup of the records is restored to."""
        return self.seals or self.data / "seals"

    @property
    def cache(self) -> Path:
        """Folder of what can be made again."""
        return self.data / "cache"


def _with_driver(url: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _refuse_unknown_variables(known: set[str]) -> None:
    """A misspelt variable would otherwise be passed over in silence."""
    prefix = "BIGPICTURE_"
    named = {name.removeprefix(prefix) for name in os.environ if name.startswith(prefix)}
    for name in sorted(named):
        if name.lower() not in known and name not in _OTHER_VARIABLES:
            raise SettingsError(
                f"there is no such setting.{_nearest(name.lower(), known, prefix)}",
                place=prefix + name,
                remedy="Correct or unset it.",
            )


def _nearest(name: str, known: set[str], prefix: str = "") -> str:
    near = get_close_matches(name, known, n=1)
    if not near:
        return ""
    return f" Did you mean {prefix + near[0].upper() if prefix else near[0]}?"


def _told(problem: Mapping[str, Any], known: set[str]) -> str:
    """One wrong setting in words; pydantic's own are for programmers, and may repeat the value."""
    name = ".".join(map(str, problem["loc"]))
    given = problem.get("ctx", {})
    match problem["type"]:
        case "extra_forbidden":
            return f"{name} is no setting.{_nearest(name, known)}"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{name} is not a whole number"
        case "greater_than_equal":
            return f"{name} is less than {given['ge']}"
        case "less_than_equal":
            return f"{name} is more than {given['le']}"
        case "string_pattern_mismatch":
            return f"{name} has not the form {given['pattern']}"
        case "enum":
            return f"{name} is none of {given['expected']}"
        case kind:
            return f"{name} is wrong ({kind})"
