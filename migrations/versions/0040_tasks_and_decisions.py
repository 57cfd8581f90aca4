"""Tasks and decisions, who was asked, and the programs that are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Work that is agreed on, and what is decided."""
    _calendar_feed()
    _handed_over()
    _hook()
    _leaving()
    _task_wish()
    _decision()
    _decision_indexes()
    _decision_option()
    _task()
    _task_indexes()
    _voice()
    _assignment()
    _assignment_indexes()
    _checklist_item()
    _dependency()
    _suggestion()
    _task_comment()


def _calendar_feed() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index(op.f("ix_calendar_feed_person_id"), "calendar_feed", ["person_id"])


def _handed_over() -> None:
    op.create_table(
        "handed_over",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("kind", "ref_id", "person_id"),
    )
    op.create_index(op.f("ix_handed_over_to_id"), "handed_over", ["to_id"])


def _hook() -> None:
    op.create_table(
        "hook",
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "case when direction = 'outgoing' then url is not null and key is null"
            " else url is null and key is not null end",
            name="hook_address",
        ),
        sa.CheckConstraint("direction in ('outgoing', 'incoming')", name="hook_direction"),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("hook_told", "hook", ["active"], postgresql_where=sa.text("direction = 'outgoing'"))
    op.create_index(op.f("ix_hook_made_by_id"), "hook", ["made_by_id"])


def _leaving() -> None:
    op.create_table(
        "leaving",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("decider_id", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decider_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index(op.f("ix_leaving_decider_id"), "leaving", ["decider_id"])


def _task_wish() -> None:
    op.create_table(
        "task_wish",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("suggestions", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("decider_id", sa.BigInteger(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("quorum", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("chosen", sa.SmallInteger(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("(mode = 'one') = (decider_id is not null)", name="decision_decider"),
        sa.CheckConstraint(
            "case when state = 'open' then next_step is not null and next_at is not null"
            " else next_step is null and next_at is null end",
            name="decision_next_step",
        ),
        sa.CheckConstraint("mode in ('all', 'named', 'one')", name="decision_mode"),
        sa.CheckConstraint("state in ('open', 'decided', 'undecided', 'withdrawn')", name="decision_state"),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["decider_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"]),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["replaces_id"], ["decision.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )


def _decision_indexes() -> None:
    op.create_index("decision_entry", "decision", ["entry_id"], postgresql_where=sa.text("entry_id is not null"))
    op.create_index("decision_log", "decision", ["decided_at"], postgresql_where=sa.text("state = 'decided'"))
    op.create_index("decision_thread", "decision", ["place_id", "thread"])
    op.create_index(op.f("ix_decision_asker_id"), "decision", ["asker_id"])
    op.create_index(op.f("ix_decision_decider_id"), "decision", ["decider_id"])
    op.create_index(op.f("ix_decision_replaces_id"), "decision", ["replaces_id"])


def _decision_option() -> None:
    op.create_table(
        "decision_option",
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("votes", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("decision_id", "position"),
    )
    op.create_index(op.f("ix_decision_option_proposed_by_id"), "decision_option", ["proposed_by_id"])


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), server_default="each", nullable=False),
        sa.Column("priority", sa.Text(), server_default="normal", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("repeat", sa.Text(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("announcement_id", sa.BigInteger(), nullable=True),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        sa.Column("hook_id", sa.BigInteger(), nullable=True),
        sa.Column("external", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_because", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("mode in ('each', 'anyone')", name="task_mode"),
        sa.CheckConstraint("priority in ('low', 'normal', 'high')", name="task_priority"),
        sa.CheckConstraint("state in ('open', 'done', 'dropped')", name="task_state"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"]),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["series_id"], ["task.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hook_id", "external", name="task_external"),
    )


def _task_indexes() -> None:
    op.create_index(op.f("ix_task_asker_id"), "task", ["asker_id"])
    op.create_index(op.f("ix_task_place_id"), "task", ["place_id"])
    op.create_index(op.f("ix_task_series_id"), "task", ["series_id"])
    op.create_index(
        "task_announcement", "task", ["announcement_id"], postgresql_where=sa.text("announcement_id is not null")
    )
    op.create_index("task_decision", "task", ["decision_id"], postgresql_where=sa.text("decision_id is not null"))
    op.create_index("task_question", "task", ["question_id"], postgresql_where=sa.text("question_id is not null"))
    op.create_index("task_thread", "task", ["place_id", "thread"])


def _voice() -> None:
    op.create_table(
        "voice",
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("voted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("choice", sa.SmallInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("decision_id", "person_id", name="voice_once"),
    )
    op.create_index(op.f("ix_voice_person_id"), "voice", ["person_id"])


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("via_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_id", sa.BigInteger(), nullable=True),
        sa.Column("blocked_because", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(next_step is null) = (next_at is null) and case when state in ('asked', 'proposed')"
            " then next_step is not null when state = 'accepted' then true else next_step is null end",
            name="assignment_next_step",
        ),
        sa.CheckConstraint(
            "state in ('asked', 'proposed', 'accepted', 'declined', 'finished', 'released')", name="assignment_state"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["proposed_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["via_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task_id", "person_id", name="assignment_once"),
    )


def _assignment_indexes() -> None:
    op.create_index(
        "assignment_live",
        "assignment",
        ["person_id"],
        postgresql_where=sa.text("state in ('asked', 'proposed', 'accepted')"),
    )
    op.create_index(op.f("ix_assignment_person_id"), "assignment", ["person_id"])
    op.create_index(op.f("ix_assignment_proposed_id"), "assignment", ["proposed_id"])
    op.create_index(op.f("ix_assignment_via_id"), "assignment", ["via_id"])


def _checklist_item() -> None:
    op.create_table(
        "checklist_item",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", "position"),
    )
    op.create_index(op.f("ix_checklist_item_done_by_id"), "checklist_item", ["done_by_id"])


def _dependency() -> None:
    op.create_table(
        "dependency",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("needs_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["needs_id"], ["task.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", "needs_id"),
    )
    op.create_index(op.f("ix_dependency_needs_id"), "dependency", ["needs_id"])


def _suggestion() -> None:
    op.create_table(
        "suggestion",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("place_id", "message", name="suggestion_once"),
    )
    op.create_index(op.f("ix_suggestion_person_id"), "suggestion", ["person_id"])
    op.create_index(op.f("ix_suggestion_task_id"), "suggestion", ["task_id"])


def _task_comment() -> None:
    op.create_table(
        "task_comment",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_task_comment_author_id"), "task_comment", ["author_id"])
    op.create_index(op.f("ix_task_comment_task_id"), "task_comment", ["task_id"])


def downgrade() -> None:
    """Take it back."""
    for table in (
        "task_comment",
        "suggestion",
        "dependency",
        "checklist_item",
        "assignment",
        "voice",
        "task",
        "decision_option",
        "decision",
        "task_wish",
        "leaving",
        "hook",
        "handed_over",
        "calendar_feed",
    ):
        op.drop_table(table)
