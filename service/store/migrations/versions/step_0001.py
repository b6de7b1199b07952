"""Decision records, cards, feedback and used tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    _decision()
    _card()
    _feedback()
    _token_use()


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("hook", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("issuer", sa.String),
        sa.Column("tenant", sa.String),
        sa.Column("patient_key", sa.String),
        sa.Column("user_key", sa.String),
        sa.Column("key_id", sa.String, nullable=False),
        sa.Column("software", sa.String, nullable=False),
        sa.Column("rule_set", sa.String, nullable=False),
        sa.Column("terminology", sa.String, nullable=False),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("time_zone", sa.String, nullable=False),
        sa.Column("evaluated_on", sa.Date),
        sa.Column("input_digest", sa.String),
        sa.Column("assessment_digest", sa.String),
        sa.Column("verdict", DOCUMENT, nullable=False),
        sa.Column("completeness", DOCUMENT, nullable=False),
        sa.Column("timings_ms", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_at", "decision", ["at"])


def _card() -> None:
    op.create_table(
        "card",
        sa.Column("uuid", sa.String, nullable=False),
        sa.Column("decision_id", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("issuer", sa.String),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("indicator", sa.String, nullable=False),
        sa.Column("firing_key", sa.String),
        sa.Column("suppressed", sa.Boolean, nullable=False),
        sa.Column("suggestions", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("uuid", name="pk_card"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name="fk_card_decision_id", ondelete="CASCADE"
        ),
    )
    for column in ("decision_id", "at", "firing_key"):
        op.create_index(f"ix_card_{column}", "card", [column])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("card_uuid", sa.String, nullable=False),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("issuer", sa.String),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("suggestions", DOCUMENT, nullable=False),
        sa.Column("reason_system", sa.String),
        sa.Column("reason_code", sa.String),
        sa.Column("has_comment", sa.Boolean, nullable=False),
        sa.Column("outcome_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    for column in ("card_uuid", "received_at"):
        op.create_index(f"ix_feedback_{column}", "feedback", [column])


def _token_use() -> None:
    op.create_table(
        "token_use",
        sa.Column("issuer", sa.String, nullable=False),
        sa.Column("jti_digest", sa.String, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti_digest", name="pk_token_use"),
    )
    op.create_index("ix_token_use_expires", "token_use", ["expires"])
