"""Settings in, a running system out: the one place that knows every adapter.

In the order in which a failure hurts least: what can be refused without touching anything comes
first, the ledger is opened before the rules so that their faults are on record, the model is loaded
last. What was opened is closed again when a later step fails. No port is bound here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kanhe import __version__
from kanhe.adapters.account_store import AccountStore, open_accounts
from kanhe.adapters.app_file import APPS, Applications
from kanhe.adapters.judge_grounds import Grounds
from kanhe.adapters.judge_records import trusted
from kanhe.adapters.judges import Judges, open_judges
from kanhe.adapters.judges_in_force import asked_by, facts_of, record_learnt
from kanhe.adapters.label_store import LabelStore, open_labels
from kanhe.adapters.ledger_files import FileLedger, durable_size, open_ledger
from kanhe.adapters.ledger_keys import load_or_create
from kanhe.adapters.ledger_memory import SignedMemory
from kanhe.adapters.ledger_view import LedgerView, open_view
from kanhe.adapters.live_rules import Rules, open_rules
from kanhe.adapters.live_status import LiveStatus
from kanhe.adapters.model_embedded import MODEL, EmbeddedModel
from kanhe.adapters.model_http import HttpModel
from kanhe.adapters.naming import Naming
from kanhe.adapters.oidc import Provider
from kanhe.adapters.package_data import regime, service_rules
from kanhe.adapters.record_door import ADMIN_PREFIX
from kanhe.adapters.retry import Retry
from kanhe.adapters.rule_files import RuleFiles
from kanhe.adapters.secret_file import random_key, random_password
from kanhe.adapters.status_watch import StatusWatch
from kanhe.adapters.strike_store import STRIKES, StrikeStore
from kanhe.adapters.upstream import Timeouts, Upstream
from kanhe.adapters.webhook import Webhook
from kanhe.errors import SettingsError
from kanhe.gateway.drill import drill
from kanhe.gateway.drill_watch import Drills
from kanhe.gateway.exchange import Exchange, Routed
from kanhe.gateway.journal import Journal
from kanhe.gateway.label import Label
from kanhe.gateway.surface import SURFACES
from kanhe.gateway.turn import Conduct, House
from kanhe.law.regime import Regime
from kanhe.law.service import Notices, ServiceRules, StrikeTerms
from kanhe.people.strikes import StrikeRule
from kanhe.settings import Settings
from kanhe.settings_judges import EMBEDDED
from kanhe.settings_models import ModelSettings
from kanhe.status.record import (
    DRILLED,
    SETTINGS,
    STARTED,
    STOPPED,
    settings_facts,
)
from kanhe.status.status import Status
from kanhe.terms import Secret

TRIED = "operator:ledger:tried"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A running system, without its port. `aclose` gives everything back."""

    settings: Settings
    service_rules: ServiceRules
    ledger: FileLedger
    ledger_dir: Path
    rules: Rules
    models: Mapping[str, Routed]
    judges: Judges
    apps: Applications
    strikes: StrikeStore | None
    pseudonym_key: bytes
    admin_key: Secret
    regime: Regime
    view: LedgerView
    live: LiveStatus
    watch: StatusWatch
    webhooks: tuple[Webhook, ...]
    drills: Drills
    accounts: AccountStore | None
    """Who works at the console; None where there is none."""
    labels: LabelStore | None
    """What people label there; None where there is no console."""
    provider: Provider | None
    _open: AsyncExitStack

    @property
    def default_model(self) -> str:
        """The model of a request that names none."""
        return self.settings.default_model or next(iter(self.models))

    async def status(self) -> Status:
        """Give the status of now; it is kept until the ledger or the day changes."""
        return await self.live.now()

    def watch_status(self) -> None:
        """Begin to compute the status by itself: changes go on the ledger and out by webhook."""
        for webhook in self.webhooks:
            webhook.start()
        self.watch.watch()

    def ledger_is_writable(self) -> bool:
        """Say whether, as far as is known, entries can be made durable.

        Where the last one could not be, another is tried in the background: a service that gets no
        requests because it is not ready would else never find out that it could be.
        """
        if self.ledger.unwritable:
            tried = self.ledger.submit(TRIED, {"after": "unwritable"})
            tried.add_done_callback(lambda future: future.cancelled() or future.exception())
        return not self.ledger.unwritable and self.ledger.trouble is None

    async def record_stop(self) -> None:
        """Record that the service ends on purpose; a start without it before says it did not.

        Raises:
            LedgerUnwritable: It could not be recorded.
        """
        await self.ledger.append(STOPPED, {"version": __version__})

    async def aclose(self) -> None:
        """Close what is open, the ledger last: open exchanges still record their ends."""
        await self._open.aclose()


async def build(settings: Settings) -> Service:
    """Start everything but the port.

    Raises:
        KanheError: Something cannot be opened, loaded or recorded; nothing stays open.
    """
    law = service_rules(settings.regime)
    models = models_of(settings)
    _check_default(settings, models)
    keys = settings.data / "keys"
    naming_key = random_key(keys / "pseudonym.key")
    admin_key = random_password(keys / "admin.key", ADMIN_PREFIX)
    apps = Applications(settings.data / APPS, settings.app_keys)
    async with AsyncExitStack() as stack:
        ledger = _ledger(settings)
        stack.push_async_callback(ledger.aclose)
        for routed in models.values():
            stack.push_async_callback(routed.model.aclose)
        strikes = _strikes(settings, law.strikes)
        if strikes:
            stack.callback(strikes.close)
        judges = await _judges(settings, stack)
        rules = await open_rules(rule_files(settings, judges), ledger)
        stack.push_async_callback(rules.aclose)
        for routed in models.values():
            if isinstance(routed.model, EmbeddedModel):
                await routed.model.start()
        await _warm_others(settings, judges, rules)
        facts = settings_facts(
            settings, law, _kinds(models), version=__version__, ruleset=rules.current.version,
            judges=facts_of(judges),
        )  # fmt: skip
        await ledger.append(SETTINGS, facts)
        record_learnt(judges, ledger)
        await ledger.append(STARTED, {"version": __version__, "models": sorted(models),
                                      "ruleset": rules.current.version,
                                      "regime": settings.regime})  # fmt: skip
        drills = _drills(settings, law, rules, ledger, naming_key)
        stack.push_async_callback(drills.aclose)
        await drills.run()
        drills.watch()
        # At once: until the guard has passed its drill with new rules, nothing shows that it works.
        rules.then = lambda: _after_change(rules, judges, drills)
        rules.watch()
        bound = await asyncio.to_thread(regime, settings.regime)
        view = open_view(settings.data)
        stack.callback(view.close)
        webhooks = _webhooks(settings, stack)
        watch = StatusWatch(bound, view, ledger, webhooks)
        stack.push_async_callback(watch.aclose)
        accounts, labels, provider = _people(settings, stack)
        opened = stack.pop_all()
    return Service(
        settings, law, ledger, settings.data / "ledger", rules, models, judges, apps, strikes,
        naming_key, admin_key, bound, view, LiveStatus(bound, view, lambda: ledger.size), watch,
        webhooks, drills, accounts, labels, provider, opened,
    )  # fmt: skip


async def _judges(settings: Settings, stack: AsyncExitStack) -> Judges:
    judges = judges_of(settings)
    stack.push_async_callback(judges.aclose)
    # A remote judge has to say who it is before a record can be held against it.
    await judges.warm(_remote(settings))
    return judges


async def _warm_others(settings: Settings, judges: Judges, rules: Rules) -> None:
    """Warm the judges that rules ask; the remote ones said who they are, or that they cannot."""
    asked, remote = asked_by(rules.current.rules), _remote(settings)
    await judges.warm([name for name in asked if judges.queues[name].id.name not in remote])


def _remote(settings: Settings) -> set[str]:
    return {one.name for one in settings.judges if one.kind != EMBEDDED}


def _webhooks(settings: Settings, stack: AsyncExitStack) -> tuple[Webhook, ...]:
    webhooks = tuple(map(Webhook, settings.webhooks))
    for webhook in webhooks:
        stack.push_async_callback(webhook.aclose)
    return webhooks


def _people(
    settings: Settings, stack: AsyncExitStack
) -> tuple[AccountStore | None, LabelStore | None, Provider | None]:
    """Give who works at the console, what they label, and who vouches for them."""
    if not settings.console.enabled:
        return None, None, None
    accounts, labels = open_accounts(settings.data), open_labels(settings.data)
    stack.callback(accounts.close)
    stack.callback(labels.close)
    provider = Provider(settings.oidc) if settings.oidc.issuer else None
    if provider:
        stack.push_async_callback(provider.aclose)
    return accounts, labels, provider


def exchange_of(service: Service) -> Exchange:
    """Give the path of a request through `service`."""
    house = House(
        Journal(service.ledger),
        service.strikes,
        Naming(service.pseudonym_key),
        lambda: datetime.now(UTC),
        _conduct(service.settings, service.service_rules),
        service.judges,
    )
    rules = service.rules
    return Exchange(service.models, service.default_model, lambda: rules.current, house)


def _conduct(settings: Settings, law: ServiceRules) -> Conduct:
    label = Label(
        settings.label or law.label.place,
        law.label.before,
        law.label.after,
        law.implicit.keys,
        settings.producer,
    )
    return Conduct(
        label,
        law.notices.blocked_prompt,
        law.notices.stopped_answer,
        law.notices.suspended_user,
        law.notices.unchecked,
        settings.object_to or _whom(law.notices),
        language=settings.language,
        blocked_prompt=settings.blocked_prompt,
        refuse_unknown=settings.unknown_fields == "refuse",
        answer_s=settings.limits.answer_s,
        event_bytes=settings.limits.event_bytes,
    )


def _drills(
    settings: Settings, law: ServiceRules, rules: Rules, ledger: FileLedger, naming_key: bytes
) -> Drills:
    """Give what tries the guard as requests meet it; only outcomes reach the ledger."""
    conduct, naming = _conduct(settings, law), Naming(naming_key)
    return Drills(
        lambda: drill(rules.current, conduct, naming, lambda: datetime.now(UTC)),
        lambda: rules.current.version,
        lambda outcome: ledger.append(DRILLED, outcome),
    )


async def _after_change(rules: Rules, judges: Judges, drills: Drills) -> None:
    """Have judges ready that new rules ask, and try the guard with those rules."""
    await judges.warm(asked_by(rules.current.rules))
    await drills.look()


def _kinds(models: Mapping[str, Routed]) -> dict[str, str]:
    return {
        name: "embedded" if isinstance(routed.model, EmbeddedModel) else "http"
        for name, routed in models.items()
    }


def _whom(notices: Notices) -> str:
    return f"{notices.object_to.zh} / {notices.object_to.en}"


def _ledger(settings: Settings) -> FileLedger:
    keys = load_or_create(settings.data / "keys" / "ledger.key", settings.ledger_name)
    if keys.warning:
        _log.warning("%s", keys.warning)
    directory = settings.data / "ledger"
    memory = SignedMemory(settings.data / "keys" / "ledger.signed")
    memory.require(durable_size(directory), directory)
    ledger = open_ledger(directory, keys.signer, signed=memory.keep)
    memory.keep(ledger.published)
    return ledger


def _strikes(settings: Settings, terms: StrikeTerms) -> StrikeStore | None:
    if not settings.strikes:
        return None
    rule = StrikeRule(terms.in_a_row, terms.in_a_day, terms.suspension, terms.zone, terms.clause)
    store = StrikeStore(settings.data / STRIKES, rule)
    store.forget_stale(datetime.now(UTC))
    return store


def judges_of(settings: Settings) -> Judges:
    """Give the judges of the settings, the embedded one among them; none of them asked yet.

    Raises:
        SettingsError: One of them cannot be used as it is described.
        WeightsError: The embedded one is not what its sheet says.
    """
    return open_judges(settings.judges, settings.judge, settings.data / "cache")


def rule_files(settings: Settings, judges: Judges) -> RuleFiles:
    """Give the rulesets that the settings name; they may rely on `judges`."""
    return RuleFiles(
        settings.rulesets,
        regime=settings.regime,
        surfaces=tuple(SURFACES),
        cache=settings.data / "cache",
        archive=settings.data / "rules",
        second_person=settings.release == "second-person",
        grounds=grounds_of(settings, judges),
    )


def grounds_of(settings: Settings, judges: Judges) -> Grounds:
    """Give what rules may know of `judges`, and hold against them, by the records there are."""
    records = partial(trusted, settings.data)
    return Grounds(judges, records, lambda: datetime.now(UTC), settings.data)


def models_of(settings: Settings) -> dict[str, Routed]:
    """Give the models by name, none of them called yet: those of the settings, or the embedded one.

    Raises:
        SettingsError: One of them cannot be used as it is described.
    """
    if not settings.models:
        return {MODEL: Routed(EmbeddedModel(), MODEL)}
    return {model.name: _model(model) for model in settings.models}


def _check_default(settings: Settings, models: Mapping[str, Routed]) -> None:
    name = settings.default_model
    if name and name not in models:
        raise SettingsError(
            f"the default model {name!r} is none of the models",
            advice=f"Set default_model to one of: {', '.join(models)}.",
        )


def _model(model: ModelSettings) -> Routed:
    upstream = Upstream(
        model.name,
        model.base_url,
        key=model.api_key,
        timeouts=Timeouts(model.connect_s, model.first_byte_s, model.idle_s),
        retry=Retry(times=model.retries),
        most_calls=model.most_calls,
    )
    return Routed(HttpModel(upstream), model.upstream_model)
