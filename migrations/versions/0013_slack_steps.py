"""Steps of workflows that wait for an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Steps of workflows that wait for an answer."""
    op.create_table(
        "slack_step",
        sa.Column("execution", sa.Text(), nullable=False),
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("execution"),
    )
    op.create_index("ix_slack_step_question_id", "slack_step", ["question_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("slack_step")
