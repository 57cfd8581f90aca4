"""How often people answered on each topic, whose answers are to be read anew, and indexes for what people gave."""

# ruff: noqa: S608 the names are our own, never input

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_COUNT = """
insert into answered (topic_id, person_id, answers)
select q.topic_id, a.author_id, count(*) from {added} a join question q on q.id = a.question_id
where q.topic_id is not null and not a.private group by 1, 2
"""
_ADD = f"{_COUNT} on conflict (topic_id, person_id) do update set answers = answered.answers + excluded.answers"
_TAKE = """
update answered n set answers = n.answers - c.count from (
  select q.topic_id, a.author_id, count(*) from {gone} a join question q on q.id = a.question_id
  where q.topic_id is not null and not a.private group by 1, 2
) c where (n.topic_id, n.person_id) = (c.topic_id, c.author_id)
"""
_MOVED = "(o.private, o.author_id, o.question_id) is distinct from (n.private, n.author_id, n.question_id)"
_FUNCTIONS = {
    "answers_added": _ADD.format(added="added"),
    "answers_gone": f"""{_TAKE.format(gone="gone")};
insert into unlearned (person_id) select distinct author_id from gone""",
    "answers_changed": f"""{_TAKE.format(gone=f"(select o.* from gone o join added n using (id) where {_MOVED})")};
{_ADD.format(added=f"(select n.* from gone o join added n using (id) where {_MOVED})")};
insert into unlearned (person_id) select distinct who
from gone o join added n using (id), unnest(array[o.author_id, n.author_id]) who
where {_MOVED} or (o.accepted_at is not null and n.accepted_at is null)""",
    "votes_gone": """
insert into unlearned (person_id) select distinct a.author_id from gone v join answer a on a.id = v.answer_id""",
}
_OF_QUESTION = f"""
if exists (select from topic where id = old.topic_id) then
  {_TAKE.format(gone="(select * from answer where question_id = old.id)").replace("q.topic_id", "old.topic_id")};
end if;
if tg_op = 'UPDATE' then
  {_ADD.format(added="(select * from answer where question_id = old.id)").replace("q.topic_id", "new.topic_id")};
  insert into unlearned (person_id) select distinct author_id from answer where question_id = old.id;
  return new;
end if;
return old"""
_TRIGGERS = {
    "answers_added": "after insert on answer referencing new table as added for each statement",
    "answers_gone": "after delete on answer referencing old table as gone for each statement",
    "answers_changed": "after update on answer referencing old table as gone new table as added for each statement",
    "votes_gone": "after delete on vote referencing old table as gone for each statement",
}
_QUESTION_TRIGGERS = {
    "question_moved": "before update of topic_id on question for each row when (old.topic_id is distinct from "
    "new.topic_id)",
    "question_gone": "before delete on question for each row",
}


def upgrade() -> None:
    """Count answers, say whose are read anew, and index what people gave."""
    _tables()
    op.execute(_COUNT.format(added="answer"))
    for name, body in {**_FUNCTIONS, "question_answers": _OF_QUESTION}.items():
        end = "" if name == "question_answers" else "return null;"
        op.execute(f"create function agora_{name}() returns trigger language plpgsql as $$ begin {body}; {end} end $$")
    for name, when in _TRIGGERS.items():
        op.execute(f"create trigger agora_{name} {when} execute function agora_{name}()")
    for name, when in _QUESTION_TRIGGERS.items():
        op.execute(f"create trigger agora_{name} {when} execute function agora_question_answers()")


def _tables() -> None:
    op.create_table(
        "answered",
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("topic_id", "person_id"),
    )
    op.create_index("ix_answered_person_id", "answered", ["person_id"])
    op.create_index("answered_most", "answered", ["topic_id", sa.text("answers desc"), "person_id"])
    op.create_table(
        "unlearned",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_unlearned_person_id", "unlearned", ["person_id"])
    op.create_index("ix_unlearned_at", "unlearned", ["at"])
    settled = sa.text("state in ('solved', 'merged')")
    op.create_index("question_settled", "question", ["asker_id", "changed_at"], postgresql_where=settled)


def downgrade() -> None:
    """Take it back."""
    for name in _QUESTION_TRIGGERS:
        op.execute(f"drop trigger agora_{name} on question")
    for name, when in _TRIGGERS.items():
        op.execute(f"drop trigger agora_{name} on {'vote' if 'vote' in when else 'answer'}")
    for name in (*_FUNCTIONS, "question_answers"):
        op.execute(f"drop function agora_{name}()")
    op.drop_index("question_settled", table_name="question")
    op.drop_table("unlearned")
    op.drop_table("answered")
