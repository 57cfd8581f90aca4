"""What models made of single texts, erased when those are changed or go."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

READS_OTHERWISE = {
    "question": "old.text is distinct from new.text or old.more is distinct from new.more",
    "answer": "old.text is distinct from new.text",
    "entry": "old.title is distinct from new.title or old.body is distinct from new.body",
}
TABLES = (*READS_OTHERWISE, "passage")
FUNCTIONS = """
create function agora_erase_derived() returns trigger language plpgsql as $$
begin
  delete from derived_text where kind = tg_table_name and source_id = old.id;
  return null;
end $$;
create function agora_erase_derived_of_gone() returns trigger language plpgsql as $$
begin
  delete from derived_text where kind = tg_table_name and source_id in (select id from gone);
  return null;
end $$;
"""


def upgrade() -> None:
    """What models made of single texts, erased when those are changed or go."""
    op.create_table(
        "derived_text",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("texts", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("derived_text_source", "derived_text", ["kind", "source_id"])
    op.execute(FUNCTIONS)
    for table, otherwise in READS_OTHERWISE.items():
        op.execute(
            f"create trigger {table}_changes_derived after update on {table} for each row when ({otherwise}) "
            "execute function agora_erase_derived()"
        )
    for table in TABLES:
        op.execute(
            f"create trigger {table}_erases_derived after delete on {table} referencing old table as gone "
            "for each statement execute function agora_erase_derived_of_gone()"
        )


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.execute(f"drop trigger {table}_erases_derived on {table}")
    for table in READS_OTHERWISE:
        op.execute(f"drop trigger {table}_changes_derived on {table}")
    op.execute("drop function agora_erase_derived(); drop function agora_erase_derived_of_gone()")
    op.drop_table("derived_text")
