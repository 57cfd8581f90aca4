"""Entries that seem to say the same, and entries that were merged."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Pairs that wait for a decision, and where a merged entry leads."""
    op.add_column("entry", sa.Column("merged_into_id", sa.BigInteger()))
    op.add_column("entry", sa.Column("compared", sa.Integer()))
    op.create_foreign_key(
        op.f("entry_merged_into_id_fkey"), "entry", "entry", ["merged_into_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_entry_merged_into_id", "entry", ["merged_into_id"])
    new = "state = 'current' and compared is distinct from revision"
    op.create_index("entry_not_compared", "entry", ["id"], postgresql_where=new)
    op.create_table(
        "likeness",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("contradicts", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_of_id", sa.BigInteger()),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by_id", sa.BigInteger()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decision", sa.BigInteger()),
        sa.Column("kept_id", sa.BigInteger()),
        sa.Column("kept_revision", sa.Integer()),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["entry.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["asked_of_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entry_id", "other_id", name="likeness_once"),
    )
    op.create_index("ix_likeness_other_id", "likeness", ["other_id"])
    op.create_index("ix_likeness_asked_of_id", "likeness", ["asked_of_id"])


def downgrade() -> None:
    """Take it back. The code before knows nothing of merging: to it, what was merged is retired."""
    op.execute("update entry set state = 'retired' where state = 'merged'")
    op.drop_table("likeness")
    op.drop_index("entry_not_compared", "entry")
    op.drop_index("ix_entry_merged_into_id", "entry")
    op.drop_column("entry", "compared")
    op.drop_column("entry", "merged_into_id")
