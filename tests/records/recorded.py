"""The hooks with their records kept in a list: what was answered, and what is written down about it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial

from flask import Flask
from flask.testing import FlaskClient

from cds_hooks.service import Answered
from cds_hooks.trust import CdsClient
from cds_hooks.web import blueprint, configure
from mappings.knowledge import Knowledge
from service.access.sites import Site
from service.answer.cards import RuleSet
from service.answer.services import CallContext, failure_cards, offered_services
from service.fhir.prefetch import usual
from service.records.record import DecisionRecord
from service.records.recording import decision_record, running_versions
from service.settings import Settings, read_settings
from tests.hooks.ehr import knowledge

KEY = b"0123456789abcdef0123456789abcdef"
AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PATH = "/cds-services/ketamine-referral-{hook}"
SETTINGS = read_settings({"KETAMINE_CDS_MODE": "development"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A client of the hooks, and the records of its calls."""

    client: FlaskClient
    records: list[DecisionRecord] = field(default_factory=list)

    @property
    def last(self) -> DecisionRecord:
        """The record of the latest call."""
        return self.records[-1]

    def post(self, hook: str, body: bytes) -> int:
        """Make a call and return its status."""
        answer = self.client.post(PATH.format(hook=hook), data=body, content_type="application/json")
        return answer.status_code


def recorded(
    today: date,
    settings: Settings = SETTINGS,
    tables: Knowledge | None = None,
    overridden: Callable[[Collection[str]], Collection[str]] = lambda keys: (),
    silent: Collection[str] = (),
) -> Recorded:
    """The hooks on a day, answering the caller of one issuer and tenant."""
    rules = tables or knowledge()
    context = CallContext(
        rules=RuleSet(knowledge=rules, profile=settings.profile, source_url="https://cds.example.org/basis/"),
        versions=running_versions(settings, rules),
        today=lambda: today,
        hash_key=KEY,
        asked=lambda caller: usual(rules.prefetch),
        complete=lambda request, caller, sent: sent,
        overridden=overridden,
        site=lambda _: Site(silent=frozenset(silent)),
    )
    records: list[DecisionRecord] = []

    def on_answered(answered: Answered) -> None:
        number = f"record-{len(records)}"
        records.append(
            decision_record(
                answered,
                record_id=number,
                at=AT,
                versions=context.versions,
                key=KEY,
                wording=rules.wording,
            )
        )

    app = Flask(__name__, static_folder=None)
    configure(app, cors_origins=())
    app.register_blueprint(
        blueprint(
            offered_services(context),
            max_body_bytes=1_000_000,
            trust=lambda authorization, path: CdsClient(issuer="https://ehr.example.org", tenant="clinic-1"),
            on_failure=partial(failure_cards, context=context),
            on_answered=on_answered,
        )
    )
    return Recorded(client=app.test_client(), records=records)


def with_setting(**changes: str) -> Settings:
    """SETTINGS with the profile or time zone of another site."""
    variables = {f"KETAMINE_CDS_{name.upper()}": value for name, value in changes.items()}
    return read_settings({"KETAMINE_CDS_MODE": "development", **variables})


def edited(*, rule_set: str = "", terminology: str = "") -> Knowledge:
    """The rule tables, the content of the rules or of the code tables under another name."""
    tables = knowledge()
    codes = replace(tables.terminology, version=terminology or tables.terminology.version)
    return replace(tables, terminology=codes, rule_set=rule_set or tables.rule_set)
