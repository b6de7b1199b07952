"""The tables; the migrations make the same on a database.

    decision    one row a call
    card        one row a card that was shown, left out after it was overridden, or only recorded
    feedback    one row an item of feedback, of known and unknown cards
    token_use   one row a token that was used, until it expires

No patient, no user, no text of a caller: digests, codes, counts, versions and times.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB


class UtcTime(TypeDecorator[datetime]):
    """A moment. SQLite knows no time zones: what it holds is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write every moment in UTC, whatever offset it came with."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what is read as UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


DOCUMENT = JSON().with_variant(JSONB(), "postgresql")
ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts only INTEGER keys by itself

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

decision = Table(
    "decision",
    METADATA,
    Column("id", String, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("service", String, nullable=False),
    Column("hook", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("issuer", String),
    Column("tenant", String),
    Column("patient_key", String),
    Column("user_key", String),
    Column("key_id", String, nullable=False),
    Column("software", String, nullable=False),
    Column("rule_set", String, nullable=False),
    Column("terminology", String, nullable=False),
    Column("profile", String, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("evaluated_on", Date),
    Column("input_digest", String),
    Column("assessment_digest", String),
    Column("verdict", DOCUMENT, nullable=False),
    Column("completeness", DOCUMENT, nullable=False),
    Column("timings_ms", DOCUMENT, nullable=False),
)

card = Table(
    "card",
    METADATA,
    Column("uuid", String, primary_key=True),
    Column("decision_id", ForeignKey(decision.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("issuer", String),
    Column("topic", String, nullable=False),
    Column("indicator", String, nullable=False),
    Column("firing_key", String, key="suppression_key", index=True),
    Column("suppressed", Boolean, nullable=False),
    Column("silent", Boolean, nullable=False, server_default=false()),
    Column("suggestions", DOCUMENT, nullable=False),
)

# No foreign key to the card: a card may be unknown, or its row be written a moment after the feedback.
feedback = Table(
    "feedback",
    METADATA,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("card_uuid", String, nullable=False, index=True),
    Column("service", String, nullable=False),
    Column("issuer", String),
    Column("outcome", String, nullable=False),
    Column("suggestions", DOCUMENT, nullable=False),
    Column("reason_system", String),
    Column("reason_code", String),
    Column("has_comment", Boolean, nullable=False),
    Column("outcome_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False, index=True),
)

token_use = Table(
    "token_use",
    METADATA,
    Column("issuer", String, primary_key=True),
    Column("jti_digest", String, primary_key=True),
    Column("expires", UtcTime, nullable=False),
    Index(None, "expires"),
)
