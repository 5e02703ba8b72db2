"""Where indexed records live: SQLite or PostgreSQL behind one small blocking interface, plain SQL on both.

Nothing here knows what a run is. Callers write `?` placeholders and give integers, text and bytes.
"""

from outrider.store.open_ import open_casebook, open_evals, open_knowledge, open_leases, open_store
from outrider.store.ports import Store, Tx

__all__ = ["Store", "Tx", "open_casebook", "open_evals", "open_knowledge", "open_leases", "open_store"]
