"""Accounts follow their platform, and two people may be one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts follow their platform, and two people may be one."""
    op.add_column("account", sa.Column("told", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("account", sa.Column("unreachable", sa.Text(), nullable=True))
    op.create_table(
        "joining",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column("other_account_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=True),
        sa.Column("left_id", sa.BigInteger(), nullable=True),
        sa.Column("moved", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.ForeignKeyConstraint([name], ["person.id"]) for name in ("asked_by_id", "other_id", "kept_id", "left_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_account_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    for name in ("asked_by_id", "kept_id", "left_id"):
        op.create_index(op.f(f"ix_joining_{name}"), "joining", [name])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("joining")
    op.drop_column("account", "unreachable")
    op.drop_column("account", "told")
