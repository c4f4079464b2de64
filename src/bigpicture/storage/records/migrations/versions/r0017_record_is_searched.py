"""The record of acts is searched: by who did it, what was done, and when."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(op.f("ix_events_actor_seq"), "events", ["actor", "seq"])
    op.create_index(op.f("ix_events_action_seq"), "events", ["action", "seq"])
    op.create_index(op.f("ix_events_time"), "events", ["time"])
