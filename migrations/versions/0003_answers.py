"""Votes, comments and files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HOLDERS = ("place", "question", "answer", "entry")


def upgrade() -> None:
    """Votes, comments and files."""
    _widen_questions()
    _widen_answers()
    op.create_table(
        "answer_revision",
        _number("answer_id"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("until"),
        _belongs_to("answer"),
        sa.PrimaryKeyConstraint("answer_id", "number"),
    )
    op.create_table(
        "vote",
        _number("answer_id"),
        _number("person_id"),
        _moment("at"),
        _belongs_to("answer"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("answer_id", "person_id"),
    )
    op.create_table(
        "comment",
        _number("answer_id"),
        _number("author_id"),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("at"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _belongs_to("answer"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_comment_answer_id", "comment", ["answer_id"])
    _files()
    op.add_column("web_message", sa.Column("files", JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("web_message", "files")
    for table in ("file_content", "file", "comment", "vote", "answer_revision"):
        op.drop_table(table)
    op.drop_index("answer_accepted_once", table_name="answer")
    for column in ("edited_at", "accepted_at", "shareable", "private", "state", "language"):
        op.drop_column("answer", column)
    op.drop_column("follower", "via_id")
    op.drop_index("question_message", table_name="question")
    op.drop_column("question", "message")
    op.drop_column("question", "merged_into_id")


def _widen_questions() -> None:
    op.add_column("question", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.add_column("question", sa.Column("message", sa.Text(), nullable=True))
    op.create_foreign_key(None, "question", "question", ["merged_into_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_question_merged_into_id", "question", ["merged_into_id"])
    op.create_index("question_message", "question", ["place_id", "message"])
    op.add_column("follower", sa.Column("via_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "follower", "question", ["via_id"], ["id"], ondelete="CASCADE")


def _widen_answers() -> None:
    for name, kind, default in (
        ("language", sa.Text(), "en"),
        ("state", sa.Text(), "given"),
        ("private", sa.Boolean(), sa.text("false")),
        ("shareable", sa.Boolean(), sa.text("false")),
    ):
        op.add_column("answer", sa.Column(name, kind, server_default=default, nullable=False))
    for name in ("accepted_at", "edited_at"):
        op.add_column("answer", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index("answer_accepted_once", "answer", ["question_id"], unique=True,
                    postgresql_where=sa.text("state = 'accepted'"))  # fmt: skip


def _files() -> None:
    op.create_table(
        "file",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        _number("owner_id"),
        *(sa.Column(f"{holder}_id", sa.BigInteger(), nullable=True) for holder in _HOLDERS),
        _moment("created_at"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("num_nonnulls(question_id, answer_id, entry_id) <= 1", name="file_one_holder"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"]),
        *(_belongs_to(holder) for holder in _HOLDERS),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("owner", *_HOLDERS):
        op.create_index(f"ix_file_{column}_id", "file", [f"{column}_id"])
    op.create_table(
        "file_content",
        _number("file_id"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _belongs_to("file"),
        sa.PrimaryKeyConstraint("file_id"),
    )


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _belongs_to(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{table}_id"], [f"{table}.id"], ondelete="CASCADE")
