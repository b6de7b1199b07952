"""Cards that are only recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Tell of each card whether it was recorded without being shown."""
    op.add_column("card", sa.Column("silent", sa.Boolean, nullable=False, server_default=sa.false()))
