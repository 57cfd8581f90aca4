"""A number for each item of a checklist, by which a button ticks it off."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Number them."""
    op.drop_constraint("checklist_item_pkey", "checklist_item", type_="primary")
    op.add_column("checklist_item", sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.create_primary_key("checklist_item_pkey", "checklist_item", ["id"])
    op.create_unique_constraint("checklist_item_once", "checklist_item", ["task_id", "position"])


def downgrade() -> None:
    """Take it back."""
    op.drop_constraint("checklist_item_once", "checklist_item", type_="unique")
    op.drop_constraint("checklist_item_pkey", "checklist_item", type_="primary")
    op.drop_column("checklist_item", "id")
    op.create_primary_key("checklist_item_pkey", "checklist_item", ["task_id", "position"])
