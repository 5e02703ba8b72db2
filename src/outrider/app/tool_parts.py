"""What stands around the tool gateway: views, Outrider's own tools, what is beside results, accounts of users."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.app.policy import PolicyHandle
from outrider.app.settings import Settings
from outrider.base import env
from outrider.base.ports import Transport
from outrider.cli._http import local_url
from outrider.gateway.upstream import HttpPool, Origin
from outrider.policy.declarations import Declaration
from outrider.store import Store
from outrider.tools import oauth
from outrider.tools.beside import Beside, Manner
from outrider.tools.credentials import Vault
from outrider.tools.house import House
from outrider.tools.house import Tools as CallersTools
from outrider.tools.oauth import Accounts
from outrider.tools.paging import KeptResults
from outrider.tools.pins import Pins
from outrider.tools.ports import Mount, Own, Tool, Upstream
from outrider.tools.search import Embed, Ranking
from outrider.tools.views import Rules, Views

if TYPE_CHECKING:
    from outrider.providers.embedded.embed import Embedder

REMOTE = ("mcp_http", "mcp_stdio")


class ToolParts:
    """The parts of one process. `use` takes over a changed configuration. `tools` gives the tools of a caller's
    catalogue, `declared` the owner's labels of a tool, `embedder` the embedded model, called in a thread (None: it is
    not installed); `connected` hears of the server at which a user has connected an account."""

    def __init__(
        self,
        settings: Settings,
        home: Path,
        policy: PolicyHandle,
        leases: Callable[[], Store],
        tools: CallersTools,
        embedder: "Callable[[], Embedder | None]",
        declared: Callable[[Tool], Declaration | None],
        connected: Callable[[str], None],
    ) -> None:
        self.settings, self._embedder = settings, embedder
        self.pins = Pins(leases)
        self.kept = KeptResults(leases, lambda: self.settings.tools.keep_rest)
        self.vault = Vault(leases, home)
        self.accounts = Accounts(self.vault, self._oauth_rules, self._public_url, connected)
        self.views = Views(self.rules, policy.sessions, self.pins, declared)
        self._ranking: Ranking | None = None
        self._tls: ssl.SSLContext | None = None
        self.house = House(self.views, self.kept, self.ranking, tools, lambda: self.settings.tools.largest)
        self.beside = Beside(policy.control, self.views, self.kept, self.house, self._manner)

    def use(self, settings: Settings) -> None:
        """Take over a changed configuration."""
        self.settings, self._ranking = settings, None

    def own(self, home: Path, config: Path | None) -> Own:
        """What upstreams are lent."""
        return Own(home, config, self.accounts.headers, self._connect)

    def _connect(self, url: str) -> Transport:
        """Connections to a tool server: the corridor's, with the certificates that the SDK trusts, too. A call may have
        been made before its connection broke, so it is not sent again."""
        import httpx2

        if self._tls is None and url.lower().startswith("https:"):
            self._tls = httpx2.create_ssl_context()
        return HttpPool(Origin(url, env.proxy_for(url)), tls=self._tls, again=False)

    def open(self, mount: Mount, own: Own) -> Upstream:
        """The upstream of a mount, whose answers have no credentials in them. Raises ConfigError."""
        from outrider.tools.catalog import opened
        from outrider.tools.redact import Redacting

        return Redacting(opened(mount, own), mount, self.accounts)

    def rules(self) -> Rules:
        """What the configuration says about views."""
        tools = self.settings.tools
        search = tools.search
        return Rules(tools.masks, tools.composites, self._is_pinned, search.above, search.found, search.always)

    def ranking(self) -> Ranking:
        """Ranks tools; with the embedded model where it is wanted and installed. Blocking."""
        if self._ranking is None:
            self._ranking = Ranking(self._embed() if self.settings.tools.search.embeddings else None)
        return self._ranking

    def _embed(self) -> Embed | None:
        found = self._embedder()
        if found is None:
            return None
        model = found
        return lambda texts: model.embed(list(texts), truncate=True)

    def _is_pinned(self, name: str) -> bool:
        """Whether a server's descriptions are pinned: it is somebody else's, and may change them at any time."""
        server = self.settings.tools.servers.get(name)
        if server is None or server.trusted or not self.settings.tools.pin:
            return False
        return server.kind in REMOTE or server.openapi.startswith(("http://", "https://"))

    def _manner(self, server: str, own: str) -> Manner:
        tools = self.settings.tools
        found = tools.servers.get(server)
        rule = found.tools.get(own) if found is not None else None
        if rule is None:
            return Manner(tools.largest)
        return Manner(rule.largest or tools.largest, rule.instructions, rule.always)

    def _oauth_rules(self) -> dict[str, oauth.Rule]:
        found = {}
        for name, server in self.settings.tools.servers.items():
            if (given := server.oauth) is not None:
                secret = given.client_secret.reveal() if given.client_secret is not None else ""
                found[name] = oauth.Rule(
                    server.url or server.openapi,
                    given.client_id,
                    secret,
                    tuple(given.scopes),
                    given.authorize_url,
                    given.token_url,
                    tuple(server.private_hosts),
                )
        return found

    def _public_url(self) -> str:
        server = self.settings.server
        return self.settings.tools.public_url or local_url(server.host, server.port)
