"""The table of groups, and which runs belong to one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("lesson", sa.String(100), nullable=False),
        sa.Column("asked", sa.JSON, nullable=False),
    )
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("group_id", sa.String(26), nullable=True))
        runs.add_column(sa.Column("label", sa.String(200), nullable=False, server_default=""))
        runs.add_column(sa.Column("place", sa.Integer, nullable=False, server_default="0"))
        runs.create_index("ix_runs_group_id", ["group_id"])


def downgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.drop_index("ix_runs_group_id")
        for name in ("group_id", "label", "place"):
            runs.drop_column(name)
    op.drop_table("groups")
