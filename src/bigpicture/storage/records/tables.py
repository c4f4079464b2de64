"""The tables of people, data and their record, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bigpicture.storage.records.metadata import BIG, JSON_HELD, METADATA, TIME

people = Table(
    "people",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("display_name", String(200), nullable=False),
    Column("organisation", String(200), nullable=False, default=""),
    Column("roles", JSON_HELD, nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("created", TIME, nullable=False),
    Column("registered_until", TIME, comment="registered access by visas; null: none"),
    Column("registered_by", String(255), comment="the issuer that handed them over"),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the secret"),
    Column("id", String(40), nullable=False, unique=True),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False, comment="session, api or ticket"),
    Column("label", String(200), nullable=False, default=""),
    Column("created", TIME, nullable=False),
    Column("expires", TIME, nullable=False),
    Column("scopes", JSON_HELD, comment="null: all that the person may"),
    Column("is_strong", Boolean, nullable=False, server_default=false(), comment="second factor"),
    Column("issuer", String(255), comment="who signed the person in; null: this node"),
    Column("last_used", TIME, comment="to the hour"),
)

grants = Table(
    "grants",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("dataset", ForeignKey("datasets.accession"), nullable=False),
    Column("start", TIME, nullable=False),
    Column("end", TIME, nullable=False),
    Column("revoked", TIME),
    Column("recorded_by", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("uses", JSON_HELD, comment="view, stream, download, compute; null: all of them"),
    Column("conditions", JSON_HELD, comment="sentences of the decision"),
    Column("application", String(40), index=True, comment="that it rests on"),
    Column("holds", JSON_HELD, comment="cause: since when"),
    Column("begun", TIME, comment="when it was first without holds"),
    Column("expired", TIME, comment="when its end was put on record"),
    Column("superseded_by", String(40), comment="the grant in its place"),
    Index("ix_grants_person_dataset", "person", "dataset"),
    Index("ix_grants_dataset_id", "dataset", "id"),
    Index("ix_grants_expired_end", "expired", "end"),
)

epochs = Table(
    "epochs",
    METADATA,
    Column("name", String(40), primary_key=True, comment="seal: bumped by whatever narrows access"),
    Column("value", BIG, nullable=False),
)

events = Table(
    "events",
    METADATA,
    Column("seq", BIG, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("time", TIME, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=False, index=True),
    Column("details", JSON_HELD, nullable=False),
    Column("by_grant", String(40), comment="of the details: the grant it rests on"),
    # An auditor asks who did it, what was done, and when, newest first.
    Index("ix_events_actor_seq", "actor", "seq"),
    Index("ix_events_action_seq", "action", "seq"),
    Index("ix_events_time", "time"),
    sqlite_autoincrement=True,  # a number is never used twice
)
Index(
    "ix_events_by_grant",
    events.c.by_grant,
    events.c.action,
    events.c.subject,
    events.c.time,
    sqlite_where=events.c.by_grant.is_not(None),
    postgresql_where=events.c.by_grant.is_not(None),
)
"""All that is asked of a grant's events lies in the index; acts without a grant cost it nothing."""

ledger_entries = Table(
    "ledger_entries",
    METADATA,
    Column("leaf", BIG, primary_key=True, autoincrement=False, comment="its index, from 0"),
    Column("event", BIG, nullable=False, unique=True, comment="events.seq"),
    Column("actor_digest", LargeBinary, nullable=False, comment="SHA-256 of salt and value"),
    Column("actor_salt", LargeBinary, comment="null: erased, and the value with it"),
    Column("subject_digest", LargeBinary, nullable=False),
    Column("subject_salt", LargeBinary),
    Column("details_digest", LargeBinary, nullable=False),
    Column("details_salt", LargeBinary),
)
"""Events in the order of the Merkle tree. No foreign key: an entry outlives a row that is gone."""

ledger_tiles = Table(
    "ledger_tiles",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False, comment="1 to 256 of 32 bytes"),
)
"""The Merkle tree (C2SP tlog-tiles)."""

ledger_checkpoints = Table(
    "ledger_checkpoints",
    METADATA,
    Column("size", BIG, primary_key=True, autoincrement=False, comment="entries"),
    Column("event", BIG, nullable=False, comment="events.seq of the last of them"),
    Column("time", TIME, nullable=False),
    Column("note", Text, nullable=False, comment="signed (C2SP tlog-checkpoint)"),
)

changes = Table(
    "changes",
    METADATA,
    Column("seq", BIG, primary_key=True, autoincrement=True),
    Column("dataset", String(80), nullable=False),
    Column("kind", String(20), nullable=False, comment="published or withdrawn"),
    Column("time", TIME, nullable=False),
    sqlite_autoincrement=True,  # a number is never used twice
)

objects = Table(
    "objects",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("state", String(10), nullable=False, comment="writing, durable or doomed"),
    Column("owner", String(80), nullable=False, index=True, comment="submission or dataset"),
    Column("header", LargeBinary, comment="Crypt4GH header; the body lies in the object store"),
    Column("size", BIG, comment="plaintext bytes"),
    Column("sha256", String(64), comment="of the plaintext"),
    Column("body_sha256", String(64), comment="of the sealed body"),
    Column("created", TIME, nullable=False),
)

subject_keys = Table(
    "subject_keys",
    METADATA,
    Column("id", String(40), primary_key=True, comment="the key's name in the key store"),
    Column("owner", String(80), nullable=False, comment="submission or dataset"),
    Column("kind", String(20), nullable=False, comment="arrival, dataset or being"),
    Column("alias", Text, nullable=False, comment="of the being; empty for all else"),
    Column("created", TIME, nullable=False),
    Column("destroyed", TIME),
    UniqueConstraint("owner", "kind", "alias"),
)

object_seals = Table(
    "object_seals",
    METADATA,
    Column("object", ForeignKey("objects.key"), primary_key=True),
    Column("key", ForeignKey("subject_keys.id"), primary_key=True, index=True),
)
"""All keys that the header of an object is wrapped under; none: sealed before there were any."""

submissions = Table(
    "submissions",
    METADATA,
    Column("accession", String(80), primary_key=True, comment="also the dataset's accession"),
    Column("alias", String(200), nullable=False, index=True),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("problem", JSON_HELD, comment="what, place, rule, remedy of the error that stopped it"),
    Column("findings", JSON_HELD, comment="list of the same, where several were found"),
    Column("title", Text, nullable=False, default=""),
    Column("embargo_until", TIME, comment="once published, hidden before it"),
    Column("attempt", Integer, nullable=False, default=0),
    Column("created", TIME, nullable=False),
    Column("changed", TIME, nullable=False),
)

submission_files = Table(
    "submission_files",
    METADATA,
    Column("id", String(40), primary_key=True, comment="also the tus upload's name"),
    Column("submission", ForeignKey("submissions.accession"), nullable=False),
    Column("path", Text, nullable=False, comment="inside DATASET_x; pseudonymous by contract"),
    Column("role", String(20), nullable=False),
    Column("size", BIG, nullable=False),
    Column("sha256", String(64), nullable=False, comment="as the contributor declared it"),
    Column("received", BIG, nullable=False, default=0, comment="durable bytes"),
    Column("state", String(20), nullable=False),
    Column("problem", JSON_HELD),
    Column("object", String(200), comment="key of the accepted object"),
    Column("report", JSON_HELD, comment="what convert and scan did"),
    Column("changed", TIME, nullable=False),
    UniqueConstraint("submission", "path"),
)

upload_parts = Table(
    "upload_parts",
    METADATA,
    Column("file", ForeignKey("submission_files.id"), primary_key=True),
    Column("offset", BIG, primary_key=True),
    Column("length", BIG, nullable=False),
    Column("object", ForeignKey("objects.key"), nullable=False),
)

file_beings = Table(
    "file_beings",
    METADATA,
    Column("submission", ForeignKey("submissions.accession"), primary_key=True),
    Column("place", Text, primary_key=True, comment="IMAGES/IMAGE_x, or an annotation's path"),
    Column("being", Text, primary_key=True, comment="alias"),
)
"""Whose pixels the files of a submission hold, as its metadata tell."""

image_reports = Table(
    "image_reports",
    METADATA,
    Column("submission", ForeignKey("submissions.accession"), primary_key=True),
    Column("image", String(500), primary_key=True, comment="alias"),
    Column("object", ForeignKey("objects.key"), nullable=False, comment="its report.json"),
    Column("signature", Text, nullable=False, comment="report.json.sig"),
)

releases = Table(
    "releases",
    METADATA,
    Column("submission", ForeignKey("submissions.accession"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("digest", String(64), nullable=False, comment="SHA-256 of what was signed off"),
    Column("time", TIME, nullable=False),
)

datasets = Table(
    "datasets",
    METADATA,
    Column("accession", String(80), primary_key=True),
    Column("alias", String(200), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("short_name", String(40), nullable=False, default=""),
    Column("description", Text, nullable=False, default=""),
    Column("version", String(20), nullable=False),
    Column("metadata_standard", String(20), nullable=False),
    Column("dataset_type", String(40), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("policy", JSON_HELD, nullable=False),
    Column("landing", JSON_HELD, nullable=False, comment="keywords, center, citation, contact ..."),
    Column("published", TIME, nullable=False, index=True),
    Column("seq", BIG, nullable=False, comment="changes.seq of the publication"),
    Column("standing", String(20), nullable=False, server_default="released"),
    Column("embargo_until", TIME, comment="hidden before it"),
    Column("standing_since", TIME, comment="null: since it was published"),
    Column("standing_reason", Text, comment="null: it was never changed"),
)

documents = Table(
    "documents",
    METADATA,
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
    Column("name", String(40), primary_key=True, comment="dataset, sample, image ..."),
    Column("object", ForeignKey("objects.key"), nullable=False, comment="the XML, losslessly"),
    Column("is_private", Boolean, nullable=False),
)


def _entity(name: str, *columns: Column[object]) -> Table:
    """One MetaFleX entity: accession, dataset, alias, attributes, and its own columns."""
    return Table(
        name,
        METADATA,
        Column("accession", String(80), primary_key=True),
        Column("dataset", ForeignKey("datasets.accession"), nullable=False),
        Column("alias", String(200), nullable=False),
        Column("attributes", JSON_HELD, nullable=False),
        *columns,
        UniqueConstraint("dataset", "alias"),
    )


beings = _entity(
    "beings",
    Column("sex", String(20)),
    Column("species", JSON_HELD),
    Column("strain", JSON_HELD),
    Column("control", String(20)),
)
cases = _entity("cases", Column("being", ForeignKey("beings.accession"), nullable=False))
specimens = _entity(
    "specimens",
    Column("being", ForeignKey("beings.accession"), nullable=False, index=True),
    Column("case", ForeignKey("cases.accession"), index=True),
    Column("site", JSON_HELD),
    Column("extraction", JSON_HELD),
    Column("fixation", JSON_HELD),
    Column("age_start", String(20), comment="ISO 8601 duration"),
    Column("age_length", String(20)),
)
blocks = _entity("blocks", Column("preparation", JSON_HELD))
block_specimens = Table(
    "block_specimens",
    METADATA,
    Column("block", ForeignKey("blocks.accession"), primary_key=True),
    Column("specimen", ForeignKey("specimens.accession"), primary_key=True, index=True),
)
stainings = _entity(
    "stainings",
    Column("label", Text, nullable=False, comment="for people: H&E, Ki-67 ..."),
    Column("method", String(60)),
    Column("target", JSON_HELD),
)
slides = _entity(
    "slides",
    Column("block", ForeignKey("blocks.accession"), nullable=False, index=True),
    Column("staining", ForeignKey("stainings.accession"), nullable=False),
)
observers = _entity("observers", Column("kind", String(20), nullable=False))
observations = _entity(
    "observations",
    Column("kind", String(40), nullable=False, comment="STATEMENT_TYPE"),
    Column("status", String(20), nullable=False, comment="Summary or Distinct"),
    Column(
        "on_kind", String(20), nullable=False, comment="being, case, specimen, block, slide ..."
    ),
    Column("on", String(80), nullable=False, index=True, comment="accession of what was observed"),
    Column("codes", JSON_HELD, nullable=False),
    Column("text", Text),
    Column("observers", JSON_HELD, nullable=False),
)
annotations = _entity(
    "annotations",
    Column("image", String(80), nullable=False),
    Column("objects", JSON_HELD, nullable=False),
)

images = _entity(
    "images",
    Column("slide", ForeignKey("slides.accession"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False, comment="order within the dataset"),
    Column("columns", BIG, nullable=False),
    Column("rows", BIG, nullable=False),
    Column("mpp_x", Float, nullable=False),
    Column("mpp_y", Float, nullable=False),
    Column("magnification", Float),
    Column("manufacturer", Text),
    Column("model", Text),
    Column("thumbnail", ForeignKey("objects.key")),
    Column("pixels_root", String(64), comment="Merkle root over its levels' frames_root"),
    Column("study_uid", String(64), index=True, comment="DICOM's own names; null: not read yet"),
    Column("series_uid", String(64), index=True),
    Column("searched", JSON_HELD, comment="of patient, study and series, by DICOM keyword"),
)
Index("ix_images_dataset_ordinal", images.c.dataset, images.c.ordinal)

levels = Table(
    "levels",
    METADATA,
    Column("image", ForeignKey("images.accession"), primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("columns", BIG, nullable=False),
    Column("rows", BIG, nullable=False),
    Column("tile_columns", Integer, nullable=False),
    Column("tile_rows", Integer, nullable=False),
    Column("mpp_x", Float, nullable=False),
    Column("mpp_y", Float, nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("photometric", String(20), nullable=False),
    Column("sop_instance_uid", String(64), nullable=False, index=True),
    Column("object", ForeignKey("objects.key"), nullable=False),
    Column("index_object", ForeignKey("objects.key"), nullable=False),
    Column("focal_planes", Integer, nullable=False, server_default="1"),
    Column("optical_paths", Integer, nullable=False, server_default="1"),
    Column(
        "frames_root", String(64), index=True, comment="Merkle root over the digests of its frames"
    ),
    Column("transfer_syntax", String(64), comment="null: not read yet"),
    Column("searched", JSON_HELD, comment="of the instance, by DICOM keyword"),
)

companion_variables = Table(
    "companion_variables",
    METADATA,
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("companion", String(60), nullable=False, comment="the table that it is a column of"),
    Column("ordinal", Integer, nullable=False),
    Column("entity", String(20), nullable=False, comment="what a row is about: being, case ..."),
    Column("label", Text, nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("type", String(20), nullable=False),
    Column("unit", String(60), nullable=False, default="", comment="UCUM"),
    Column("code", JSON_HELD),
    Column("categories", JSON_HELD, nullable=False),
    Column("missing", JSON_HELD, nullable=False, comment="markers, with why there is no value"),
    Column("established", Text, nullable=False),
)

companion_rows = Table(
    "companion_rows",
    METADATA,
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
    Column("companion", String(60), primary_key=True),
    Column("entity", String(80), primary_key=True, index=True, comment="its accession"),
    Column("held", JSON_HELD, nullable=False, comment="value, or marker, by variable"),
)

landing_thumbnails = Table(
    "landing_thumbnails",
    METADATA,
    Column("dataset", ForeignKey("datasets.accession"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("object", ForeignKey("objects.key"), nullable=False),
    Column("media_type", String(40), nullable=False),
)

preparation_drafts = Table(
    "preparation_drafts",
    METADATA,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("id", String(40), primary_key=True, comment="chosen by the person's browser"),
    Column("title", String(200), nullable=False, default=""),
    Column("changed", TIME, nullable=False),
    Column("etag", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="JSON, zlib; holds local identifiers"),
)

catalogue_segments = Table(
    "catalogue_segments",
    METADATA,
    Column("dataset", String(80), primary_key=True),
    Column("seq", BIG, nullable=False, comment="datasets.seq when it was made"),
    Column("version", Integer, nullable=False, comment="of the layout of the body"),
    Column("images", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Derived from the other tables, never the truth: a dataset's images in columns."""

cohorts = Table(
    "cohorts",
    METADATA,
    Column("id", String(40), primary_key=True, comment="random: who knows it may have the link"),
    Column("owner", ForeignKey("people.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("question", JSON_HELD, nullable=False),
    Column("sharing", String(10), nullable=False, index=True, comment="private, link or node"),
    Column("created", TIME, nullable=False),
    Column("changed", TIME, nullable=False),
    Column("etag", String(16), nullable=False),
)

cohort_lists = Table(
    "cohort_lists",
    METADATA,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the sorted accessions"),
    Column("count", BIG, nullable=False, comment="images"),
    Column("parts", JSON_HELD, nullable=False, comment="dataset, title, images, beings of each"),
    Column("body", LargeBinary, nullable=False, comment="images by dataset, zlib"),
    Column("accession", String(80), unique=True, comment="once minted"),
    Column("minted", TIME),
    Column("minted_by", String(40)),
    Column("title", String(200), comment="of the cohort that it was minted for"),
    Column("question", JSON_HELD, comment="likewise"),
)
"""Exact lists of images. One that has an accession stays when its cohort is deleted."""

cohort_versions = Table(
    "cohort_versions",
    METADATA,
    Column("cohort", ForeignKey("cohorts.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("frozen", TIME, nullable=False),
    Column("by", String(40), nullable=False, comment="a person's id"),
    Column("question", JSON_HELD, nullable=False),
    Column("asked", LargeBinary, nullable=False, comment="datasets open to `by` then, zlib"),
    Column("digest", ForeignKey("cohort_lists.digest"), nullable=False, index=True),
)
