"""Policy in a process: the rules, labels and permissions of its configuration, and what the lease store keeps."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.app.approving import Approving, origin
from outrider.app.config_policy import verifier
from outrider.app.settings import Settings
from outrider.base.errors import ConfigError, RequestError
from outrider.journal.append import Journal
from outrider.journal.events import Event
from outrider.policy.approvals import Approvals
from outrider.policy.claims import Claims, Verifier
from outrider.policy.control import Control
from outrider.policy.declarations import Declaration
from outrider.policy.desk import Desk
from outrider.policy.identity import Who
from outrider.policy.loops import Limits
from outrider.policy.office import Office
from outrider.policy.permissions import Permissions, Roster
from outrider.policy.proposed import Proposed
from outrider.policy.rules import Rules, default_text
from outrider.policy.sessions import Sessions
from outrider.policy.slack import Slack
from outrider.policy.usual import Usual
from outrider.store import Store

if TYPE_CHECKING:  # for annotations only
    from outrider.gateway.control.reader import Reader


class PolicyHandle:
    """What is in force now. `control` stays the same; what it asks for changes with the configuration."""

    def __init__(
        self, settings: Settings, config: Path | None, leases: Callable[[], Store], journal: Journal | None = None
    ) -> None:
        self._folder = config.parent if config is not None else Path()
        self._rules: Rules | None = None
        self._text: tuple[str | None, str] | None = None
        self._verifier: Verifier | None = None
        self.settings = settings
        self.reader: Reader | None = None
        self._roster, self._loops = settings.policy.roster(), settings.policy.loops.limits()
        self.sessions = Sessions(leases)
        self.approvals = Approvals(leases, recorder(journal), lambda: self.settings.policy.approvals.terms())
        self.proposed = Proposed(leases)
        self.permissions = Permissions(leases, self._configured)
        self.usual = Usual(self.sessions, self._limits)
        self.control = Control(self.sessions, self.approvals, self.rules, self.permissions, self.usual.limits)
        self.desk = Desk(
            self.control,
            self.permissions,
            self.rules,
            self.declared,
            recorder(journal) or (lambda _: None),
            lambda: self.settings.tools.labels,
            lambda: self.reader,
        )
        self.office = Office(self.control, leases, self.rules, self._secret, self.desk, self._slack)
        self.approving = Approving(
            self.approvals, lambda: self.settings.policy.approvals, lambda: origin(self.settings), self.tidy
        )

    def said(self, who: Who) -> None:
        """A user said something on the model URL."""
        if self.reader is not None:
            self.reader.heard(who)

    def tidy(self) -> None:
        """Forget sessions that nobody uses any more, and what was written long ago. Blocking. Raises
        StoreUnavailable."""
        self.sessions.forget()
        self.control.written.forget()

    def use(self, settings: Settings) -> None:
        """Take over a changed configuration. Raises ConfigError where its rules are none: the present ones stay."""
        self._text = None
        rules = Rules(self.text(settings)) if self._rules is not None else None
        identity = settings.policy.identity
        verifying = verifier(identity, self._folder) if self._verifier is not None and identity is not None else None
        self.settings, self._rules, self._verifier = settings, rules, verifying
        self._roster, self._loops = settings.policy.roster(), settings.policy.loops.limits()

    def rules(self) -> Rules:
        """Parsed when they are first needed."""
        if self._rules is None:
            self._rules = Rules(self.text(self.settings))
        return self._rules

    def hold(self, text: str) -> None:
        """Take this Cedar text for that of the present settings."""
        self._text, self._rules = (self.settings.policy.rules, text), None

    def text(self, settings: Settings) -> str:
        """The Cedar text of these settings, read once: rules that are parsed late are those that are on record. Raises
        ConfigError."""
        found = self._text
        if found is None or found[0] != settings.policy.rules:
            found = self._text = settings.policy.rules, rules_text(settings, self._folder)
        return found[1]

    def declared(self, tool: str) -> Declaration | None:
        """What the configuration says about a tool: by its name, else by the longest beginning that ends with `*`."""
        labels = self.settings.tools.labels
        if tool in labels:
            return labels[tool]
        begins = [one for one in labels if one.endswith("*") and tool.startswith(one[:-1])]
        return labels[max(begins, key=len)] if begins else None

    def claimed(self, headers: Mapping[bytes, bytes]) -> Claims | None:
        """The user and roles that an identity provider vouches for in a request's headers (lower case). None: no
        provider is configured, or no token was sent and none is required. What it says comes before every other word
        about the user. Blocking where keys have to be read. Raises RequestError 401, 503, and ConfigError."""
        identity = self.settings.policy.identity
        if identity is None:
            return None
        given = headers.get(identity.header.lower().encode(), b"").decode("latin-1").strip()
        token = given[7:].strip() if given[:7].lower() == "bearer " else given
        if not token or token.startswith("sk-or-"):
            if identity.required:
                raise RequestError(
                    f"send the user's identity token in the header `{identity.header}`",
                    status=401,
                    code="identity_required",
                    kind="authentication_error",
                )
            return None
        if self._verifier is None:
            self._verifier = verifier(identity, self._folder)
        return self._verifier.claims(token)

    def _secret(self) -> str:
        given = self.settings.policy.approvals.secret
        return given.reveal() if given is not None else ""

    def _slack(self) -> Slack | None:
        return self.settings.policy.approvals.buttons()

    def _configured(self) -> Roster:
        return self._roster

    def _limits(self) -> tuple[Limits, frozenset[str] | None]:
        return self._loops


def recorder(journal: Journal | None) -> Callable[[Event], None] | None:
    """What writes events of approvals into the journal, in any thread."""
    return None if journal is None else lambda event: journal.append_now(event, (), getattr(event, "project", ""))


def rules_text(settings: Settings, folder: Path) -> str:
    """The Cedar text that these settings name. Raises ConfigError if the file cannot be read."""
    if settings.policy.rules is None:
        return default_text()
    path = folder / settings.policy.rules
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"policy.rules: {path} cannot be read: {error}") from None
