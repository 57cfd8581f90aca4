"""What the search index of each process follows: vectors, and which rows changed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CHANGED = """
create function search_changed() returns trigger language plpgsql as $$
declare changed bigint := case when tg_op = 'DELETE' then old.id else new.id end;
begin
  insert into search_change (kind, ref_id) values (tg_argv[0], changed) on conflict do nothing;
  if tg_op = 'DELETE' then
    delete from vector where kind = case tg_argv[0] when 'entry' then 'title' else tg_argv[0] end and ref_id = changed;
  end if;
  perform pg_notify('agora_search', '');
  return null;
end $$
"""
_ENCODED = """
create function search_encoded() returns trigger language plpgsql as $$
begin
  insert into search_change (kind, ref_id)
    select (one).kind, (one).ref_id from (select case when tg_op = 'DELETE' then old else new end as one) as changed
    on conflict do nothing;
  perform pg_notify('agora_search', '');
  return null;
end $$
"""
_TRIGGERS = {
    "passage": ("passage", "insert or delete or update of text, heading, language, audience", "search_changed"),
    "question": ("question", "insert or delete", "search_changed"),
    "question_words": (
        "question",
        "update of text, more, language, audience",
        "search_changed",
        "(old.text, old.more, old.language, old.audience) is distinct from"
        " (new.text, new.more, new.language, new.audience)",
    ),
    "entry": ("entry", "delete", "search_changed"),
    "entry_words": (
        "entry",
        "update of title, tags",
        "search_changed",
        "(old.title, old.tags) is distinct from (new.title, new.tags)",
    ),
    "vector": ("vector", "insert or update or delete", "search_encoded"),
}


def upgrade() -> None:
    """What the search index of each process follows: vectors, and which rows changed."""
    op.create_table(
        "vector",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.BigInteger(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref_id", "space"),
    )
    op.create_table(
        "search_change",
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("xid", "kind", "ref_id"),
    )
    op.add_column("serving", sa.Column("likely", sa.Float()))
    op.create_index("serving_helped", "serving", ["at"], postgresql_where=sa.text("helped is not null"))
    op.execute(_CHANGED)
    op.execute(_ENCODED)
    for name, (table, events, function, *when) in _TRIGGERS.items():
        condition = f"when ({when[0]})" if when else ""
        argument = "" if table == "vector" else f"'{table}'"
        op.execute(
            f"create trigger search_{name} after {events} on {table} "
            f"for each row {condition} execute function {function}({argument})"
        )
    op.drop_index("passage_words", table_name="passage")
    op.drop_index("question_words", table_name="question")
    op.drop_column("passage", "words")
    op.drop_column("question", "words")


def downgrade() -> None:
    """Take it back. The words that search used before are built of the text, in the plainest of PostgreSQL's ways."""
    for table in ("passage", "question"):
        op.execute(f"alter table {table} add column words tsvector not null default ''")
        op.execute(f"update {table} set words = to_tsvector('simple', left(text, 100000))")  # noqa: S608 our own names
        op.execute(f"alter table {table} alter column words drop default")
        op.create_index(f"{table}_words", table, ["words"], postgresql_using="gin")
    op.execute("alter table passage alter column words set storage external")
    for name, (table, *_) in _TRIGGERS.items():
        op.execute(f"drop trigger search_{name} on {table}")
    op.execute("drop function search_changed()")
    op.execute("drop function search_encoded()")
    op.drop_index("serving_helped", table_name="serving")
    op.drop_column("serving", "likely")
    op.drop_table("search_change")
    op.drop_table("vector")
