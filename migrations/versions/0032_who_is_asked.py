"""Who stands in for somebody, how many questions somebody takes in a week, and who replied on what subject."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who stands in for somebody, how many questions somebody takes in a week, and who replied on what subject."""
    op.create_table(
        "deputy",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=False),
        sa.Column("always", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("ix_deputy_deputy_id", "deputy", ["deputy_id"])
    op.add_column("person", sa.Column("weekly", sa.SmallInteger(), nullable=True))
    op.add_column("place", sa.Column("learns", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("question_id", sa.BigInteger()),
        sa.Column("topic_id", sa.BigInteger()),
        sa.Column("began", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(question_id, topic_id) >= 1", name="reply_on_something"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("place_id", "thread", "person_id", name="reply_once"),
    )
    op.create_index("ix_reply_person_id", "reply", ["person_id"])
    op.create_index("ix_reply_question_id", "reply", ["question_id"])
    op.create_index("reply_topic", "reply", ["topic_id", "person_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("reply")
    op.drop_column("place", "learns")
    op.drop_column("person", "weekly")
    op.drop_table("deputy")
