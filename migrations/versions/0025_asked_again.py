"""What several ask in the same words, answered at once, and what a model calls it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FUNCTION = """
create function agora_erase_label() returns trigger language plpgsql as $$
begin
  delete from derived_text where kind = 'question' and source_id = old.repeats_id;
  return null;
end $$;
create trigger question_changes_label after update on question for each row
  when (old.repeats_id is not null and (old.text is distinct from new.text or old.more is distinct from new.more))
  execute function agora_erase_label();
create trigger question_erases_label after delete on question for each row
  when (old.repeats_id is not null) execute function agora_erase_label();
"""


def upgrade() -> None:
    """What several ask in the same words, answered at once, and what a model calls it."""
    op.add_column("question", sa.Column("repeats_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "question_repeats_id_fkey", "question", "question", ["repeats_id"], ["id"], ondelete="SET NULL"
    )
    some = sa.text("repeats_id is not null")
    op.create_index("question_repeats", "question", ["repeats_id"], postgresql_where=some)
    op.add_column("answer", sa.Column("copy_of_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("answer_copy_of_id_fkey", "answer", "answer", ["copy_of_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_answer_copy_of_id", "answer", ["copy_of_id"])
    op.execute(FUNCTION)


def downgrade() -> None:
    """Take it back."""
    op.execute("drop trigger question_changes_label on question; drop trigger question_erases_label on question")
    op.execute("drop function agora_erase_label()")
    op.drop_column("answer", "copy_of_id")
    op.drop_column("question", "repeats_id")
