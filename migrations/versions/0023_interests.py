"""What people want to be asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What people want to be asked about."""
    op.create_table(
        "interest",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("wish in ('never', 'more')", name="interest_wish"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "topic_id"),
    )
    op.create_index("ix_interest_topic_id", "interest", ["topic_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("interest")
