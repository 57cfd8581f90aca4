"""Anonymous asking, and names in Latin letters."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Anonymous asking, and names in Latin letters."""
    op.add_column("person", sa.Column("latin_name", sa.Text(), nullable=True))
    op.create_table(
        "seal",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("posted_card_relay", "posted_card", ["reference"], postgresql_where=sa.text("platform = 'relay'"))


def downgrade() -> None:
    """Take it back."""
    op.drop_index("posted_card_relay", "posted_card", postgresql_where=sa.text("platform = 'relay'"))
    op.drop_table("seal")
    op.drop_column("person", "latin_name")
