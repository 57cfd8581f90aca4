"""Announcements that can be answered: what is written, whom it reaches, what they say, and how far each copy got."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

CHANGES_DERIVED = (
    "create trigger announcement_changes_derived after update on announcement for each row "
    "when (old.title is distinct from new.title or old.text is distinct from new.text) "
    "execute function agora_erase_derived()"
)
ERASES_DERIVED = (
    "create trigger announcement_erases_derived after delete on announcement referencing old table as gone "
    "for each statement execute function agora_erase_derived_of_gone()"
)


def upgrade() -> None:
    """Announcements that can be answered."""
    _shared_card()
    _authorship()
    _announcement()
    _announcement_indexes()
    _announcement_text()
    _poll()
    _receipt()
    _ballot()
    _tally()
    _elsewhere()


def _shared_card() -> None:
    op.create_table(
        "shared_card",
        sa.Column("card", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _authorship() -> None:
    op.create_table(
        "authorship",
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("audience", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("(person_id is null) <> (role is null)", name="authorship_of_one"),
        sa.ForeignKeyConstraint(
            ["approver_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_authorship_approver_id", "authorship", ["approver_id"])
    op.create_index("ix_authorship_person_id", "authorship", ["person_id"])


def _announcement() -> None:
    op.create_table(
        "announcement",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("picture_alt", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("questions", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("newcomers", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("unseen", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("local", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("repeat", sa.Text(), nullable=True),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'proposed', 'scheduled', 'sending', 'sent', 'recalled', 'cancelled')",
            name="announcement_state",
        ),
        sa.ForeignKeyConstraint(
            ["approver_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(["series_id"], ["announcement.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )


def _announcement_indexes() -> None:
    op.create_index(
        "announcement_out", "announcement", ["sent_at"], postgresql_where=sa.text("state in ('sending', 'sent')")
    )
    op.create_index("ix_announcement_approver_id", "announcement", ["approver_id"])
    op.create_index("ix_announcement_author_id", "announcement", ["author_id"])
    op.create_index("ix_announcement_series_id", "announcement", ["series_id"])


def _announcement_text() -> None:
    op.create_table(
        "announcement_text",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("picture_alt", sa.Text(), nullable=False),
        sa.Column("by_model", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("checked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["checked_by_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("announcement_id", "language"),
    )
    op.create_index("ix_announcement_text_checked_by_id", "announcement_text", ["checked_by_id"])


def _poll() -> None:
    op.create_table(
        "poll",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("options", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind in ('single', 'multiple', 'scale')", name="poll_kind"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("announcement_id", "position", name="poll_place"),
    )


def _receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("posted_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("reminders", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("announcement_id", "person_id"),
    )
    op.create_index("ix_receipt_person_id", "receipt", ["person_id"])
    op.create_index("ix_receipt_posted_id", "receipt", ["posted_id"])


def _ballot() -> None:
    op.create_table(
        "ballot",
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("poll_id", "person_id"),
    )
    op.create_index("ix_ballot_person_id", "ballot", ["person_id"])


def _tally() -> None:
    op.create_table(
        "tally",
        sa.Column("poll_id", sa.BigInteger(), nullable=False),
        sa.Column("option", sa.SmallInteger(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("poll_id", "option"),
    )


def _elsewhere() -> None:
    op.add_column("file", sa.Column("announcement_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_file_announcement_id", "file", ["announcement_id"])
    op.create_foreign_key(
        "file_announcement_id_fkey", "file", "announcement", ["announcement_id"], ["id"], ondelete="CASCADE"
    )
    op.add_column("outbox", sa.Column("urgency", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.add_column("person", sa.Column("prefers", sa.Text(), nullable=True))
    op.create_index("ix_person_manager_id", "person", ["manager_id"])
    op.add_column("posted_card", sa.Column("state", sa.Text(), nullable=True))
    op.add_column("posted_card", sa.Column("error", sa.Text(), nullable=True))
    op.add_column("question", sa.Column("announcement_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "question_announcement",
        "question",
        ["announcement_id"],
        postgresql_where=sa.text("announcement_id is not null"),
    )
    op.create_foreign_key(
        "question_announcement_id_fkey", "question", "announcement", ["announcement_id"], ["id"], ondelete="SET NULL"
    )
    op.drop_constraint("file_one_holder", "file")
    op.create_check_constraint(
        "file_one_holder", "file", "num_nonnulls(question_id, answer_id, entry_id, announcement_id) <= 1"
    )
    op.execute(CHANGES_DERIVED)
    op.execute(ERASES_DERIVED)


def downgrade() -> None:
    """Take it back. Pictures of announcements go with them."""
    op.execute("delete from file where announcement_id is not null")
    op.drop_column("question", "announcement_id")
    op.drop_column("posted_card", "error")
    op.drop_column("posted_card", "state")
    op.drop_index("ix_person_manager_id", table_name="person")
    op.drop_column("person", "prefers")
    op.drop_column("outbox", "urgency")
    op.drop_constraint("file_one_holder", "file")
    op.drop_column("file", "announcement_id")
    op.create_check_constraint("file_one_holder", "file", "num_nonnulls(question_id, answer_id, entry_id) <= 1")
    for table in (
        "tally",
        "ballot",
        "receipt",
        "poll",
        "announcement_text",
        "announcement",
        "authorship",
        "shared_card",
    ):
        op.drop_table(table)
