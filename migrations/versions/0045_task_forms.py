"""Forms in which tasks are written, and the channels in which tasks may be suggested."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
_OF = ("question", "announcement", "decision", "suggestion")


def upgrade() -> None:
    """Keep what was filled in, and what it was understood as."""
    op.create_table(
        "task_form",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        *(sa.Column(f"{name}_id", sa.BigInteger(), nullable=True) for name in _OF),
        sa.Column("filled", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("meant", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], ondelete="SET NULL"),
        *(sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], ondelete="SET NULL") for name in _OF),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("person", "task", "place", *_OF):
        op.create_index(f"ix_task_form_{name}_id", "task_form", [f"{name}_id"])
    op.add_column("place", sa.Column("suggests", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("place", "suggests")
    op.drop_table("task_form")
