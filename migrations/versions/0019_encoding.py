"""What waits to be encoded, in which spaces."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_FUNCTIONS = """
create function encoding_waits(of text, id bigint) returns void language sql as $$
  insert into encoding (space, kind, ref_id) select key, of, id from encoder_space
    on conflict (space, kind, ref_id) do update set held_until = null
$$;
create function encoding_ends(of text, id bigint) returns void language sql as $$
  delete from encoding e using encoder_space s where e.space = s.key and e.kind = of and e.ref_id = id;
  delete from vector v where v.kind = of and v.ref_id = id
$$;
create function encoding_changed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then perform encoding_ends(tg_argv[0], old.id); end if;
  if tg_op <> 'DELETE' then perform encoding_waits(tg_argv[0], new.id); end if;
  return null;
end $$;
create function encoding_entry_changed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then perform encoding_ends('title', old.id); end if;
  if tg_op <> 'DELETE' and new.state = 'current' then perform encoding_waits('title', new.id); end if;
  if tg_op = 'UPDATE' then perform encoding_waits('passage', p.id) from passage p where p.entry_id = new.id; end if;
  return null;
end $$
"""
_TRIGGERS = {
    "passage": ("insert or delete", "", "encoding_changed('passage')"),
    "passage_text": ("update of heading, text",
                     "when ((old.heading, old.text) is distinct from (new.heading, new.text))",
                     "encoding_changed('passage')"),
    "question": ("insert or delete", "", "encoding_changed('question')"),
    "question_text": ("update of text", "when (old.text is distinct from new.text)", "encoding_changed('question')"),
    "entry": ("insert or delete", "", "encoding_entry_changed()"),
    "entry_title": ("update of title, state", "when ((old.title, old.state) is distinct from (new.title, new.state))",
                    "encoding_entry_changed()"),
}  # fmt: skip


def upgrade() -> None:
    """What waits to be encoded, in which spaces."""
    op.create_table(
        "encoder_space",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("enlisted", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("complete_at", sa.DateTime(timezone=True)),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "encoding",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("space", "kind", "ref_id"),
    )
    op.execute(_FUNCTIONS)
    for name, (events, condition, function) in _TRIGGERS.items():
        table = name.partition("_")[0]
        op.execute(
            f"create trigger encoding_{name} after {events} on {table} for each row {condition} "
            f"execute function {function}"
        )


def downgrade() -> None:
    """Take it back. Vectors stay where they are; nothing new is encoded."""
    for name in _TRIGGERS:
        op.execute(f"drop trigger encoding_{name} on {name.partition('_')[0]}")
    for function in ("encoding_entry_changed()", "encoding_changed()", "encoding_ends", "encoding_waits"):
        op.execute(f"drop function {function}")
    op.drop_table("encoding")
    op.drop_table("encoder_space")
