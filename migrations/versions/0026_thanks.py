"""Thanks, how people want to be thanked, and finding what they gave."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_answer_author_id", "answer", "author_id", None),
    ("question_solved_by", "question", "solved_by_id", "solved_by_id is not null"),
    ("entry_author", "entry", "author_id", "author_id is not null"),
    ("entry_verifier", "entry", "verified_by_id", "verified_by_id is not null"),
)


def upgrade() -> None:
    """Thanks, how people want to be thanked, and finding what they gave."""
    op.create_table(
        "thanks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("answer_id", sa.BigInteger()),
        sa.Column("entry_id", sa.BigInteger()),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("(answer_id is null) <> (entry_id is null)", name="thanks_for_one"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("question_id", "to_id", name="thanks_once"),
    )
    for column in ("answer_id", "entry_id", "person_id", "to_id"):
        op.create_index(f"ix_thanks_{column}", "thanks", [column])
    op.create_table(
        "recognition",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("told", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("told_until", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    for name, table, column, where in _INDEXES:
        op.create_index(name, table, [column], postgresql_where=sa.text(where) if where else None)


def downgrade() -> None:
    """Take it back."""
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table)
    op.drop_table("recognition")
    op.drop_table("thanks")
