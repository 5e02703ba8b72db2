"""Approvals in a process: what ends, what goes into the journal, and who is told of calls that wait.

All workers of all machines do this; the lease store lets one of them tell each call.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from outrider.app.config_approvals import Approvals as Rules
from outrider.base.errors import ConfigError, OutriderError
from outrider.limits import chats
from outrider.limits.notices import Notices
from outrider.policy.approvals import Approvals
from outrider.policy.notice import message
from outrider.policy.pending import Approval
from outrider.policy.slack import posted

EVERY = 2.0
SWEEP_EVERY = 15
"""Turns between looks for what has expired."""
TIDY_EVERY = 1800
"""Turns between looks for sessions that nobody uses any more; the first is soon after the start."""
log = logging.getLogger("outrider")


class Approving:
    """`rules` gives the settings that hold now, `origin` the address of this server; `tidy` forgets old sessions."""

    def __init__(
        self,
        approvals: Approvals,
        rules: Callable[[], Rules],
        origin: Callable[[], str],
        tidy: Callable[[], object] = int,
    ) -> None:
        self._approvals, self._rules, self._origin, self._tidy = approvals, rules, origin, tidy

    async def run(self) -> None:
        """Until cancelled."""
        turn = 0
        while True:
            try:
                await asyncio.to_thread(self.turn, sweep=turn % SWEEP_EVERY == 0)
                if turn % TIDY_EVERY == SWEEP_EVERY:
                    await asyncio.to_thread(self._tidy)
            except OutriderError as error:
                log.warning("approvals are not looked after: %s", error.message)
            turn += 1
            await asyncio.sleep(EVERY)

    def turn(self, *, sweep: bool = True) -> int:
        """One round; how many calls people were told of. Blocking. Raises StoreUnavailable."""
        if sweep:
            self._approvals.sweep()
        rules = self._rules()
        if not rules.notify and rules.slack is None:
            return 0
        waiting = self._approvals.to_tell()
        by_plan: dict[tuple[str, str, str], list[Approval]] = {}
        for one in waiting:
            by_plan.setdefault((one.project, one.session, one.plan or one.id), []).append(one)
        for group in by_plan.values():
            self._tell(rules, group)
        return len(waiting)

    def _tell(self, rules: Rules, group: Sequence[Approval]) -> None:
        """One message for the calls of a plan. Whoever cannot be reached is named, never by more than number and
        kind."""
        where = rules.url.rstrip("/") or self._origin()
        troubles = [_by_notify(rules, *message(group, where)), _by_slack(rules, group, where)]
        trouble = "; ".join(one for one in troubles if one)
        if trouble:
            log.error("a call that waits for a person did not reach everybody: %s", trouble)
        self._approvals.told([one.id for one in group], trouble)


def _by_notify(rules: Rules, title: str, body: str) -> str:
    """Why somebody was not reached; "" if all were."""
    if not rules.notify:
        return ""
    try:
        return Notices([url.reveal() for url in rules.notify]).send(title, body).error
    except ConfigError as error:
        return error.message


def _by_slack(rules: Rules, group: Sequence[Approval], where: str) -> str:
    known = rules.buttons()
    if known is None:
        return ""
    trouble = chats.post(known.webhook, posted(group, where, known.secret))
    return f"not taken by Slack ({trouble})" if trouble else ""


def origin(settings: Any) -> str:
    """Where this server is reached from its own machine."""
    host = "127.0.0.1" if settings.server.host in ("0.0.0.0", "::", "") else settings.server.host
    return f"http://[{host}]:{settings.server.port}" if ":" in host else f"http://{host}:{settings.server.port}"
