"""Drafts, reviews and follow-ups of knowledge."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts, reviews and follow-ups of knowledge."""
    op.add_column("entry", sa.Column("question_id", sa.BigInteger(), nullable=True))
    op.add_column("entry", sa.Column("answer_id", sa.BigInteger(), nullable=True))
    op.add_column("entry", sa.Column("asked_of_id", sa.BigInteger(), nullable=True))
    op.add_column("entry", sa.Column("unconfirmed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("entry", sa.Column("next_step", sa.Text(), nullable=True))
    op.add_column("entry", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("entry", sa.Column("step_number", sa.Integer(), server_default="0", nullable=False))
    op.create_foreign_key("entry_question_id_fkey", "entry", "question", ["question_id"], ["id"], ondelete="SET NULL")
    op.create_foreign_key("entry_asked_of_id_fkey", "entry", "person", ["asked_of_id"], ["id"])
    op.create_unique_constraint("entry_answer_id_key", "entry", ["answer_id"])
    op.create_index("ix_entry_question_id", "entry", ["question_id"])
    op.create_index("ix_entry_asked_of_id", "entry", ["asked_of_id"])
    op.create_check_constraint(
        "entry_next_step",
        "entry",
        "(next_step is null) = (next_at is null) and (state <> 'draft' or next_at is not null)",
    )
    _plan_reviews()
    op.add_column("revision", sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=True))
    op.execute("update revision set audience = entry.audience from entry where entry.id = revision.entry_id")
    op.alter_column("revision", "audience", nullable=False)
    op.create_table(
        "topic_follower",
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("topic_id", "person_id"),
    )
    op.create_index("ix_topic_follower_person_id", "topic_follower", ["person_id"])
    op.create_table(
        "editing",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_editing_entry_id", "editing", ["entry_id"])


def _plan_reviews() -> None:
    """Entries that have a review date are asked about on that day."""
    op.execute(
        "update entry set next_step = 'review', next_at = review_on, step_number = 1"
        " where state = 'current' and review_on is not null"
    )
    op.execute(
        "insert into timer (schedule, slot, route, args, due_at, correlation)"
        " select 'entry:' || id, '1', 'knowledge.next', jsonb_build_object('entry_id', id, 'number', 1), next_at,"
        " 'entry:' || id from entry where next_step is not null"
    )


def downgrade() -> None:
    """Take it back. Drafts and what was refused or taken back are given up: earlier steps know no such states."""
    op.execute("delete from timer where route like 'knowledge.%'")
    op.drop_table("editing")
    op.drop_table("topic_follower")
    op.drop_column("revision", "audience")
    op.drop_constraint("entry_next_step", "entry", type_="check")
    op.execute("delete from entry where state in ('draft', 'refused', 'retired', 'withdrawn')")
    for name in ("step_number", "next_at", "next_step", "unconfirmed", "asked_of_id", "answer_id", "question_id"):
        op.drop_column("entry", name)
