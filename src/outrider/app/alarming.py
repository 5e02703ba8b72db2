"""Alarms beside the indexer: who is told follows the configuration, what is down is seen on the board."""

import logging
from collections.abc import Iterator
from pathlib import Path

from outrider.app import paths
from outrider.app.config_alarms import Alarms as Rules
from outrider.app.settings import Settings, changed, load
from outrider.base import clock
from outrider.base.errors import ConfigError, StoreUnavailable
from outrider.base.ports import BreakerRules
from outrider.limits import board as boards
from outrider.limits.alarms import Alarms
from outrider.limits.breakers import Breaker
from outrider.limits.notices import Notices
from outrider.limits.unusual import Found
from outrider.store import open_store

log = logging.getLogger("outrider.alarms")


class Alarming:
    """Called after every round of the indexer."""

    def __init__(self, settings: Settings, config: Path | None, home: Path, url: str) -> None:
        self._rules, self._config = settings.alarms, config
        self._outages = Outages(paths.run(home))
        self._mark = changed(config, None) if config is not None else None
        spool = paths.spool(home)
        self._alarms = Alarms(lambda: open_store(url), spool, notices(self._rules), down=self._down)

    def __call__(self) -> None:
        self._look_at_the_file()
        try:
            self._alarms()
        except StoreUnavailable:
            return  # the indexer says so; the next turn comes

    def close(self) -> None:
        """Wait for a message that is on its way."""
        self._alarms.close()

    def _look_at_the_file(self) -> None:
        """Take over a changed file; a wrong one is left alone, as the workers leave it, and they say why."""
        if self._config is None or (mark := changed(self._config, self._mark)) == self._mark:
            return
        self._mark = mark
        try:
            self._rules = load(self._config).alarms
        except ConfigError:
            return
        self._alarms.notices = notices(self._rules)

    def _down(self) -> Iterator[Found]:
        if self._rules.down is not None:
            yield from self._outages.look(int(self._rules.down * 1e9))


def notices(rules: Rules) -> Notices | None:
    """The places to be told; None if there are none."""
    return Notices([url.reveal() for url in rules.notify]) if rules.notify else None


class Outages:
    """Deployments of this machine whose breaker has not been closed for long; not those that an operator holds open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._since: dict[str, int] = {}

    def look(self, longest: int) -> list[Found]:
        """Those that are down for `longest` ns. An outage is named by the hour in which it began, so that machines
        agree on it."""
        try:
            board = boards.Board(self._folder, reader=True)
        except OSError:
            return []  # no worker has begun one yet
        try:
            now = clock.mono_ns()
            self._since = dict(self._open(board, now))
        finally:
            board.close()
        found = []
        for name, since in self._since.items():
            if now - since >= longest:
                hour = (clock.now_ns() - (now - since)) // clock.HOUR_NS
                found.append(Found("provider", name, period=hour * clock.HOUR_NS))
        return found

    def _open(self, board: boards.Board, now: int) -> Iterator[tuple[str, int]]:
        """Names, and since when. A breaker that opens again after a probe says only since when this time."""
        for name in list(board.names()):
            place = board.look(name)
            if place is None:
                continue
            breaker = Breaker(place.cells[place.row + boards.BREAKER :], BreakerRules(), board.lock)
            if breaker.state(now) == "closed" or breaker.forced:
                continue
            before = self._since.get(name, 0)
            yield name, before if before > breaker.clean else breaker.since
