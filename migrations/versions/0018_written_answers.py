"""Answers that models wrote, erased with the passages on which they rest; and how much models were used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ERASE = """
create function agora_erase_written() returns trigger language plpgsql as $$
begin
  delete from written_answer where passages && array(select id from gone);
  return null;
end $$;
create trigger passage_erase_written after delete on passage referencing old table as gone
  for each statement execute function agora_erase_written();
"""


def upgrade() -> None:
    """Answers that models wrote, erased with the passages on which they rest; and how much models were used."""
    op.create_table(
        "written_answer",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("sentences", postgresql.JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("passages", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("written_answer_passages", "written_answer", ["passages"], postgresql_using="gin")
    op.create_table(
        "model_use",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "person_id", "purpose"),
    )
    op.execute(ERASE)


def downgrade() -> None:
    """Take it back."""
    op.execute("drop trigger passage_erase_written on passage; drop function agora_erase_written()")
    op.drop_table("model_use")
    op.drop_table("written_answer")
