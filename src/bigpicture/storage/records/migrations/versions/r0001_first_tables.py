"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", _BIG, autoincrement=True, nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="published or withdrawn"),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "datasets",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("metadata_standard", sa.String(length=20), nullable=False),
        sa.Column("dataset_type", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column(
            "landing", sa.JSON(), nullable=False, comment="keywords, center, citation, contact ..."
        ),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", _BIG, nullable=False, comment="changes.seq of the publication"),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_datasets")),
        sa.UniqueConstraint("alias", name=op.f("uq_datasets_alias")),
    )
    op.create_index("ix_datasets_published", "datasets", ["published"], unique=False)

    op.create_table(
        "epochs",
        sa.Column(
            "name",
            sa.String(length=40),
            nullable=False,
            comment="seal: bumped by whatever narrows access",
        ),
        sa.Column("value", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_epochs")),
    )
    op.create_table(
        "events",
        sa.Column("seq", _BIG, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_subject", "events", ["subject"], unique=False)

    op.create_table(
        "objects",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "state", sa.String(length=10), nullable=False, comment="writing, durable or doomed"
        ),
        sa.Column("owner", sa.String(length=80), nullable=False, comment="submission or dataset"),
        sa.Column(
            "header",
            sa.LargeBinary(),
            nullable=True,
            comment="Crypt4GH header; the body lies in the object store",
        ),
        sa.Column("size", _BIG, nullable=True, comment="plaintext bytes"),
        sa.Column("sha256", sa.String(length=64), nullable=True, comment="of the plaintext"),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_objects")),
    )
    op.create_index("ix_objects_owner", "objects", ["owner"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )
    op.create_table(
        "annotations",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("image", sa.String(length=80), nullable=False),
        sa.Column("objects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_annotations_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_annotations")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_annotations_dataset_alias")),
    )
    op.create_table(
        "beings",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("sex", sa.String(length=20), nullable=True),
        sa.Column("species", sa.JSON(), nullable=True),
        sa.Column("strain", sa.JSON(), nullable=True),
        sa.Column("control", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_beings_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_beings")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_beings_dataset_alias")),
    )
    op.create_table(
        "blocks",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("preparation", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_blocks_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_blocks")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_blocks_dataset_alias")),
    )
    op.create_table(
        "documents",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column(
            "name", sa.String(length=40), nullable=False, comment="dataset, sample, image ..."
        ),
        sa.Column("object", sa.String(length=200), nullable=False, comment="the XML, losslessly"),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_documents_dataset_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["object"], ["objects.key"], name=op.f("fk_documents_object_objects")
        ),
        sa.PrimaryKeyConstraint("dataset", "name", name=op.f("pk_documents")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_grants_dataset_datasets")
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_grants_person_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_person_dataset", "grants", ["person", "dataset"], unique=False)

    op.create_table(
        "landing_thumbnails",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_landing_thumbnails_dataset_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["object"], ["objects.key"], name=op.f("fk_landing_thumbnails_object_objects")
        ),
        sa.PrimaryKeyConstraint("dataset", "ordinal", name=op.f("pk_landing_thumbnails")),
    )
    op.create_table(
        "observations",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="STATEMENT_TYPE"),
        sa.Column("status", sa.String(length=20), nullable=False, comment="Summary or Distinct"),
        sa.Column(
            "on_kind",
            sa.String(length=20),
            nullable=False,
            comment="being, case, specimen, block, slide ...",
        ),
        sa.Column(
            "on", sa.String(length=80), nullable=False, comment="accession of what was observed"
        ),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("observers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_observations_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_observations")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_observations_dataset_alias")),
    )
    op.create_index("ix_observations_on", "observations", ["on"], unique=False)

    op.create_table(
        "observers",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_observers_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_observers")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_observers_dataset_alias")),
    )
    op.create_table(
        "stainings",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False, comment="for people: H&E, Ki-67 ..."),
        sa.Column("method", sa.String(length=60), nullable=True),
        sa.Column("target", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_stainings_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_stainings")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_stainings_dataset_alias")),
    )
    op.create_table(
        "submissions",
        sa.Column(
            "accession",
            sa.String(length=80),
            nullable=False,
            comment="also the dataset's accession",
        ),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column(
            "problem",
            sa.JSON(),
            nullable=True,
            comment="what, place, rule, remedy of the error that stopped it",
        ),
        sa.Column(
            "findings",
            sa.JSON(),
            nullable=True,
            comment="list of the same, where several were found",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_submissions_person_people")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_submissions")),
    )
    op.create_index("ix_submissions_alias", "submissions", ["alias"], unique=False)
    op.create_index("ix_submissions_person", "submissions", ["person"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="session or api"),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_tokens_person_people")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tokens")),
        sa.UniqueConstraint("id", name=op.f("uq_tokens_id")),
    )
    op.create_index("ix_tokens_person", "tokens", ["person"], unique=False)

    op.create_table(
        "cases",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("being", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["being"], ["beings.accession"], name=op.f("fk_cases_being_beings")
        ),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_cases_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_cases")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_cases_dataset_alias")),
    )
    op.create_table(
        "slides",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("block", sa.String(length=80), nullable=False),
        sa.Column("staining", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["block"], ["blocks.accession"], name=op.f("fk_slides_block_blocks")
        ),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_slides_dataset_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["staining"], ["stainings.accession"], name=op.f("fk_slides_staining_stainings")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_slides")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_slides_dataset_alias")),
    )
    op.create_table(
        "submission_files",
        sa.Column("id", sa.String(length=40), nullable=False, comment="also the tus upload's name"),
        sa.Column("submission", sa.String(length=80), nullable=False),
        sa.Column(
            "path", sa.Text(), nullable=False, comment="inside DATASET_x; pseudonymous by contract"
        ),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("size", _BIG, nullable=False),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="as the contributor declared it"
        ),
        sa.Column("received", _BIG, nullable=False, comment="durable bytes"),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column(
            "object", sa.String(length=200), nullable=True, comment="key of the accepted object"
        ),
        sa.Column("report", sa.JSON(), nullable=True, comment="what convert and scan did"),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.accession"],
            name=op.f("fk_submission_files_submission_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_files")),
        sa.UniqueConstraint("submission", "path", name=op.f("uq_submission_files_submission_path")),
    )
    op.create_table(
        "images",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("slide", sa.String(length=80), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="order within the dataset"),
        sa.Column("columns", _BIG, nullable=False),
        sa.Column("rows", _BIG, nullable=False),
        sa.Column("mpp_x", sa.Float(), nullable=False),
        sa.Column("mpp_y", sa.Float(), nullable=False),
        sa.Column("magnification", sa.Float(), nullable=True),
        sa.Column("manufacturer", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("thumbnail", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_images_dataset_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["slide"], ["slides.accession"], name=op.f("fk_images_slide_slides")
        ),
        sa.ForeignKeyConstraint(
            ["thumbnail"], ["objects.key"], name=op.f("fk_images_thumbnail_objects")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_images")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_images_dataset_alias")),
    )
    op.create_index("ix_images_dataset_ordinal", "images", ["dataset", "ordinal"], unique=False)

    op.create_table(
        "specimens",
        sa.Column("accession", sa.String(length=80), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("being", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=True),
        sa.Column("site", sa.JSON(), nullable=True),
        sa.Column("extraction", sa.JSON(), nullable=True),
        sa.Column("fixation", sa.JSON(), nullable=True),
        sa.Column("age_start", sa.String(length=20), nullable=True, comment="ISO 8601 duration"),
        sa.Column("age_length", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["being"], ["beings.accession"], name=op.f("fk_specimens_being_beings")
        ),
        sa.ForeignKeyConstraint(
            ["case"], ["cases.accession"], name=op.f("fk_specimens_case_cases")
        ),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.accession"], name=op.f("fk_specimens_dataset_datasets")
        ),
        sa.PrimaryKeyConstraint("accession", name=op.f("pk_specimens")),
        sa.UniqueConstraint("dataset", "alias", name=op.f("uq_specimens_dataset_alias")),
    )
    op.create_table(
        "upload_parts",
        sa.Column("file", sa.String(length=40), nullable=False),
        sa.Column("offset", _BIG, nullable=False),
        sa.Column("length", _BIG, nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["file"], ["submission_files.id"], name=op.f("fk_upload_parts_file_submission_files")
        ),
        sa.ForeignKeyConstraint(
            ["object"], ["objects.key"], name=op.f("fk_upload_parts_object_objects")
        ),
        sa.PrimaryKeyConstraint("file", "offset", name=op.f("pk_upload_parts")),
    )
    op.create_table(
        "block_specimens",
        sa.Column("block", sa.String(length=80), nullable=False),
        sa.Column("specimen", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["block"], ["blocks.accession"], name=op.f("fk_block_specimens_block_blocks")
        ),
        sa.ForeignKeyConstraint(
            ["specimen"],
            ["specimens.accession"],
            name=op.f("fk_block_specimens_specimen_specimens"),
        ),
        sa.PrimaryKeyConstraint("block", "specimen", name=op.f("pk_block_specimens")),
    )
    op.create_table(
        "levels",
        sa.Column("image", sa.String(length=80), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("columns", _BIG, nullable=False),
        sa.Column("rows", _BIG, nullable=False),
        sa.Column("tile_columns", sa.Integer(), nullable=False),
        sa.Column("tile_rows", sa.Integer(), nullable=False),
        sa.Column("mpp_x", sa.Float(), nullable=False),
        sa.Column("mpp_y", sa.Float(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("photometric", sa.String(length=20), nullable=False),
        sa.Column("sop_instance_uid", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("index_object", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["image"], ["images.accession"], name=op.f("fk_levels_image_images")
        ),
        sa.ForeignKeyConstraint(
            ["index_object"], ["objects.key"], name=op.f("fk_levels_index_object_objects")
        ),
        sa.ForeignKeyConstraint(["object"], ["objects.key"], name=op.f("fk_levels_object_objects")),
        sa.PrimaryKeyConstraint("image", "level", name=op.f("pk_levels")),
    )
