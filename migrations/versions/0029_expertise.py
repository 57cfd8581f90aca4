"""Indexes for who knows: answers that were found good, who was named by others, and who states a skill."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Indexes for who knows."""
    op.create_index(
        "answer_accepted_at", "answer", ["accepted_at"], postgresql_where=sa.text("accepted_at is not null")
    )
    op.create_index("ix_vote_at", "vote", ["at"])
    op.create_index("offer_referred", "offer", ["question_id"], postgresql_where=sa.text("by_id is not null"))
    op.create_index("person_skills", "person", ["skills"], postgresql_using="gin")


def downgrade() -> None:
    """Take them back."""
    op.drop_index("person_skills", table_name="person")
    op.drop_index("offer_referred", table_name="offer")
    op.drop_index("ix_vote_at", table_name="vote")
    op.drop_index("answer_accepted_at", table_name="answer")
