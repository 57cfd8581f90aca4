"""Drafts, reviews and follow-ups of knowledge."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts, reviews and follow-ups of knowledge."""


def downgrade() -> None:
    """Take it back."""
