"""Who is not an employee: few, and each question in an open channel asks for those who are in it."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find them without looking at every member."""
    op.create_index("person_not_employee", "person", ["id"], postgresql_where=sa.text("kind <> 'employee'"))


def downgrade() -> None:
    """Take it back."""
    op.drop_index("person_not_employee", "person")
