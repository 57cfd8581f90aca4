"""Company settings and named audiences."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Company settings and named audiences."""


def downgrade() -> None:
    """Take it back."""
