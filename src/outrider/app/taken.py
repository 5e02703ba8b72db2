"""What a worker says in the journal about the configuration that it answers by: at its start and after each change."""

import asyncio
import logging
from pathlib import Path

from outrider import __version__
from outrider.app import config_files, config_record, paths
from outrider.app.config_structs import Settings
from outrider.app.policy import PolicyHandle
from outrider.base import clock
from outrider.base.errors import ConfigError, JournalFull
from outrider.journal import spool
from outrider.journal.append import Journal, blob
from outrider.journal.events import ConfigurationTaken
from outrider.journal.events.configuration import Why

log = logging.getLogger("outrider")


class Taken:
    """The record of one worker. No request waits for it."""

    def __init__(self, home: Path, journal: Journal, config: Path | None = None) -> None:
        self._folder = config.parent if config is not None else Path()
        self._place, self._journal = spool.slot_name(paths.spool(home) / journal.slot), journal
        self._last = b""
        self._owed: tuple[ConfigurationTaken, bytes] | None = None
        """What the disk has not taken yet."""

    async def over(self, settings: Settings, policy: PolicyHandle, why: Why = "reload") -> None:
        """From now on requests are answered by these. Nothing is written where they are the same as before."""
        at = clock.now_ns()
        text = await asyncio.to_thread(_written, settings, policy, self._folder)  # large ones take a while
        kept = blob(text)
        if kept.sha256 == self._last:
            return
        self._last = kept.sha256
        self._owed = ConfigurationTaken(at, self._place, kept, why, __version__), text
        if refused := await self.look():
            log.warning("the configuration in force is not on record until the disk takes it: %s", refused)

    async def look(self) -> str:
        """Write what was refused before: runs that come later must not be taken for those of an older configuration.
        Returns why it is refused again."""
        if self._owed is None:
            return ""
        event, text = self._owed
        try:
            await self._journal.append(event, [(event.settings, text)])
        except JournalFull as error:
            return error.message
        self._owed = None
        return ""


def _written(settings: Settings, policy: PolicyHandle, folder: Path) -> bytes:
    try:
        files = {config_record.RULES: policy.text(settings)}
    except ConfigError as error:
        log.warning("the record of the configuration is without its rules: %s", error.message)
        files = {}
    return config_record.written(settings, files, config_files.digests(settings, folder))
