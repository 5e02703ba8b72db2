"""Guardrails in a process: the rules of its configuration, and the placeholders of the lease store."""

from collections.abc import Callable
from pathlib import Path

from outrider.app.settings import Settings
from outrider.gateway.guarded import Guards
from outrider.guardrails import Rules
from outrider.guardrails.way.placeholders import Vault
from outrider.store import Store
from outrider.tools.credentials import key_of_home


class GuardrailHandle:
    """What is in force now. `guards` stays the same; what it asks for changes with the configuration."""

    def __init__(self, settings: Settings, home: Path, leases: Callable[[], Store]) -> None:
        self._rules = rules_of(settings)
        self.vault = Vault(leases, lambda: key_of_home(home), settings.guardrails.placeholders_last)
        self.guards = Guards(self.rules, self.vault)

    def use(self, settings: Settings) -> None:
        """Take over a changed configuration."""
        self._rules = rules_of(settings)
        self.vault.lasts = settings.guardrails.placeholders_last

    def rules(self) -> Rules:
        """Those that are in force."""
        return self._rules


def rules_of(settings: Settings) -> Rules:
    """The rules that settings name. Raises ConfigError."""
    return Rules(settings.guardrails.rules, settings.guardrails.arguments)
