"""The indexer process: spool to store, retention, spans to a collector. Its own interpreter, at low priority."""

import threading

from outrider.app import paths
from outrider.app.logs import set_up
from outrider.app.settings import Settings, load
from outrider.base import env
from outrider.journal import index_process
from outrider.journal.otlp import outgoing


def main() -> None:
    set_up()
    settings, home = load(env.config_path()), env.home()
    _export_spans(settings, env.database_url(home))
    index_process.run(paths.spool(home), env.database_url(home))


def _export_spans(settings: Settings, store_url: str) -> None:
    """A thread beside the indexer, if there is a collector. It ends with the process: its cursor is in the store."""
    headers = {name: secret.reveal() for name, secret in settings.otlp.headers.items()}
    collector = outgoing.from_environment(settings.otlp.endpoint or "", headers)
    if collector is not None:
        work = (store_url, collector, threading.Event())
        threading.Thread(target=outgoing.run, args=work, name="otlp", daemon=True).start()


if __name__ == "__main__":
    main()
