"""Forms of announcements that somebody has open: what they saw, and what they filled in that was refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forms of announcements."""
    op.create_table(
        "announcement_form",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("announcement_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("filled", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_announcement_form_announcement_id", "announcement_form", ["announcement_id"])
    op.create_index("ix_announcement_form_person_id", "announcement_form", ["person_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("announcement_form")
