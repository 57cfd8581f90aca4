"""Offers, absences and next steps."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Offers, absences and next steps."""


def downgrade() -> None:
    """Take it back."""
