"""Changes made on the command line: appended to the journal as everybody does, then indexed, so they hold at once."""

import getpass

from outrider.cli.context import Outrider
from outrider.journal.events import Event
from outrider.store import Store


def by() -> str:
    """Who acts, for the record: the account's name if it has one."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def record(here: Outrider, store: Store, event: Event) -> None:
    """Append `event` and index what is in the spool. Works beside a running server too."""
    journal = here.open_journal()
    try:
        journal.append_now(event)
    finally:
        journal.close()
    here.index_now(store)
