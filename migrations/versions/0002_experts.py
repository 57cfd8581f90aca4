"""Offers, absences and next steps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NEXT_STEP = (
    "case when state in ('solved', 'joined', 'merged', 'closed') then next_step is null and next_at is null"
    " else next_step is not null and next_at is not null end"
)


def upgrade() -> None:
    """Offers, absences and next steps."""
    _columns()
    _offers()
    op.create_table(
        "absence",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="absence_lasts"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"], unique=False)
    _carry_over()
    op.create_check_constraint("question_next_step", "question", _NEXT_STEP)


def _columns() -> None:
    op.add_column("person", sa.Column("quota", sa.SmallInteger(), nullable=False, server_default="3"))
    op.alter_column("person", "quota", server_default=None)
    op.add_column("topic", sa.Column("strategy", sa.Text(), nullable=False, server_default="one"))
    op.alter_column("topic", "strategy", server_default=None)
    op.add_column("question", sa.Column("next_step", sa.Text(), nullable=True))
    op.add_column("question", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("question", sa.Column("closed_because", sa.Text(), nullable=True))
    for name in ("step_number", "tries"):
        default = "1" if name == "step_number" else "0"
        op.add_column("question", sa.Column(name, sa.Integer(), nullable=False, server_default=default))
        op.alter_column("question", name, server_default=None)


def _offers() -> None:
    op.create_table(
        "offer",
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("last_resort", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_offer_person_id"), "offer", ["person_id"], unique=False)
    op.create_index(op.f("ix_offer_question_id"), "offer", ["question_id"], unique=False)
    held, live = "state in ('accepted', 'waiting')", "state in ('offered', 'accepted', 'waiting')"
    op.create_index("offer_held_once", "offer", ["question_id"], unique=True, postgresql_where=sa.text(held))
    op.create_index(
        "offer_live_once", "offer", ["question_id", "person_id"], unique=True, postgresql_where=sa.text(live)
    )


def _carry_over() -> None:
    """Who had been asked has an offer for two days; every other open question asks its asker in three."""
    op.execute("""
        insert into offer (question_id, person_id, state, reasons, last_resort, made_at, until)
        select id, asked_of_id, 'offered', '[{"why": "owner"}]', false, now(), now() + interval '2 days'
        from question where state = 'asked'
    """)
    op.execute("""
        update question set state = 'offered', next_step = 'offer_ends', next_at = now() + interval '2 days'
        where state = 'asked'
    """)
    op.execute("""
        update question set next_at = now() + interval '3 days',
          next_step = case state when 'answered' then 'ask_accept' else 'ask_asker' end
        where state in ('open', 'answered')
    """)
    op.execute("""
        insert into timer (schedule, slot, route, args, due_at, correlation)
        select 'question:' || id, '1', 'experts.next', jsonb_build_object('question_id', id, 'number', 1), next_at,
          'question:' || id
        from question where next_at is not null
    """)


def downgrade() -> None:
    """Take it back."""
    op.execute("delete from timer where route = 'experts.next'")
    op.drop_constraint("question_next_step", "question")
    op.execute("update question set state = 'asked' where state in ('offered', 'accepted', 'waiting')")
    op.execute("update question set state = 'solved' where state = 'closed'")
    op.drop_table("absence")
    op.drop_table("offer")
    for name in ("tries", "step_number", "closed_because", "next_at", "next_step"):
        op.drop_column("question", name)
    op.drop_column("topic", "strategy")
    op.drop_column("person", "quota")
