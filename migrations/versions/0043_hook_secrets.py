"""Webhooks: secrets that are renewed, what they say of people, and when they failed."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remember more of each webhook."""
    moment = sa.DateTime(timezone=True)
    op.add_column("hook", sa.Column("secret_at", moment, server_default=sa.func.now(), nullable=False))
    op.add_column("hook", sa.Column("former", sa.LargeBinary(), nullable=True))
    op.add_column("hook", sa.Column("people", sa.Text(), server_default="nobody", nullable=False))
    op.add_column("hook", sa.Column("failed_at", moment, nullable=True))
    op.alter_column("hook", "secret_at", server_default=None)
    op.create_check_constraint("hook_people", "hook", "people in ('nobody', 'names', 'emails')")


def downgrade() -> None:
    """Forget it."""
    op.drop_constraint("hook_people", "hook")
    for name in ("failed_at", "people", "former", "secret_at"):
        op.drop_column("hook", name)
