"""What many get is claimed by itself, sent by one process in each installation, and limits are learned for all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
PENDING = "state in ('new', 'held')"


def upgrade() -> None:
    """What many get is claimed by itself, sent by one process in each installation, and limits are learned for all."""
    op.create_table(
        "sender",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "installation"),
    )
    op.create_table(
        "allowance",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("learned", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.drop_index("outbox_pending", table_name="outbox")
    op.create_index("outbox_pending", "outbox", ["id"], postgresql_where=sa.text(f"{PENDING} and urgency = 1"))
    op.create_index(
        "outbox_mass",
        "outbox",
        ["urgency", "platform", "installation", "operation", "not_before", "id"],
        postgresql_where=sa.text(f"{PENDING} and urgency <> 1"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("outbox_mass", table_name="outbox")
    op.drop_index("outbox_pending", table_name="outbox")
    op.create_index("outbox_pending", "outbox", ["id"], postgresql_where=sa.text(PENDING))
    op.drop_table("allowance")
    op.drop_table("sender")
