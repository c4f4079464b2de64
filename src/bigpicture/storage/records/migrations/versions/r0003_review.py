"""Reports of converted images, and who released what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Images converted before have no report here, and nobody was asked to release them."""
    op.create_table(
        "image_reports",
        sa.Column("submission", sa.String(length=80), nullable=False),
        sa.Column("image", sa.String(length=500), nullable=False, comment="alias"),
        sa.Column("object", sa.String(length=200), nullable=False, comment="its report.json"),
        sa.Column("signature", sa.Text(), nullable=False, comment="report.json.sig"),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.accession"],
            name=op.f("fk_image_reports_submission_submissions"),
        ),
        sa.ForeignKeyConstraint(
            ["object"], ["objects.key"], name=op.f("fk_image_reports_object_objects")
        ),
        sa.PrimaryKeyConstraint("submission", "image", name=op.f("pk_image_reports")),
    )
    op.create_table(
        "releases",
        sa.Column("submission", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of what was signed off"
        ),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.accession"],
            name=op.f("fk_releases_submission_submissions"),
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_releases_person_people")),
        sa.PrimaryKeyConstraint("submission", "person", name=op.f("pk_releases")),
    )
