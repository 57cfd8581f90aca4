"""That who waits for an answer was told that Agora is at it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """That who waits for an answer was told that Agora is at it."""
    op.add_column("inbox", sa.Column("sign_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("inbox", "sign_id")
