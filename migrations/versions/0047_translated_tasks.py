"""What models made of tasks and decisions, erased when anything that stands in them is changed or goes."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

READS_OTHERWISE = {
    "task": "old.title is distinct from new.title or old.details is distinct from new.details",
    "decision": "old.title is distinct from new.title or old.details is distinct from new.details"
    " or old.reasons is distinct from new.reasons",
}
PARTS = {
    "checklist_item": ("task", "old.words is distinct from new.words"),
    "task_comment": ("task", "old.text is distinct from new.text"),
    "assignment": (
        "task",
        "old.reason is distinct from new.reason or old.blocked_because is distinct from new.blocked_because",
    ),
    "decision_option": ("decision", "old.words is distinct from new.words"),
    "voice": ("decision", "old.reason is distinct from new.reason"),
}
"""What belongs to a task or a decision, and stands in what is made of that. What is kept is kept under a lock on the
whole, which the trigger waits for: so none outlives what it was made of."""
FUNCTION = """
create function agora_erase_derived_of_whole() returns trigger language plpgsql as $$
declare
  whole bigint := (to_jsonb(old) ->> (tg_argv[0] || '_id'))::bigint;
begin
  execute format('select 1 from %I where id = $1 for no key update', tg_argv[0]) using whole;
  delete from derived_text where kind = tg_argv[0] and source_id = whole;
  return null;
end $$;
"""


def upgrade() -> None:
    """Tasks and decisions can be translated."""
    op.execute(FUNCTION)
    for table, otherwise in READS_OTHERWISE.items():
        op.execute(
            f"create trigger {table}_changes_derived after update on {table} for each row when ({otherwise}) "
            "execute function agora_erase_derived()"
        )
        op.execute(
            f"create trigger {table}_erases_derived after delete on {table} referencing old table as gone "
            "for each statement execute function agora_erase_derived_of_gone()"
        )
    for table, (whole, otherwise) in PARTS.items():
        erases = f"execute function agora_erase_derived_of_whole('{whole}')"
        op.execute(
            f"create trigger {table}_changes_derived after update on {table} for each row when ({otherwise}) {erases}"
        )
        op.execute(f"create trigger {table}_erases_derived after delete on {table} for each row {erases}")


def downgrade() -> None:
    """Take it back."""
    for table in (*PARTS, *READS_OTHERWISE):
        op.execute(f"drop trigger {table}_erases_derived on {table}; drop trigger {table}_changes_derived on {table}")
    op.execute("drop function agora_erase_derived_of_whole()")
