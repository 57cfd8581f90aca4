"""The words of passages are kept as they are: unpacking them took most of the time of a search."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep them unpacked from now on, and those that are there already."""
    op.execute("alter table passage alter column words set storage external")
    op.execute("update passage set words = words || ''")


def downgrade() -> None:
    """Pack what is written from now on."""
    op.execute("alter table passage alter column words set storage extended")
