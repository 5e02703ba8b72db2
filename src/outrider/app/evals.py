"""Evaluation in a process: its store, and who is asked."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outrider.app import paths
from outrider.app.knowledge import own_server
from outrider.app.settings import Settings
from outrider.app.stores import StoreHandle
from outrider.base import env
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import Experiments
from outrider.evals.judging.asking import Asking
from outrider.evals.judging.labels import Labels
from outrider.evals.proposals import Proposals
from outrider.evals.records import Variant
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.review.queues import Queues
from outrider.evals.subjects import Opens, Subject
from outrider.store import Store, open_evals, open_store

if TYPE_CHECKING:  # for annotations only: few experiments need it
    from outrider.app.then import Beside


class EvalsHandle:
    """Datasets and experiments of an installation. The store is opened when it is first needed."""

    def __init__(self, settings: Settings, home: Path, url: str, config: Path | None = None) -> None:
        self.settings, self.home, self.config, self._url = settings, home, config, url
        self._past: dict[int, Beside | None] = {}
        self._opening = threading.Lock()
        self._store, self._journal = StoreHandle(url, open_evals), StoreHandle(url, open_store)
        self.datasets, self.experiments = Datasets(self._store.get), Experiments(self._store.get)
        self.labels, self.proposals = Labels(self._store.get), Proposals(self._store.get)
        self.review = ReviewDesk(Queues(self._store.get), self.datasets, self.experiments, self._journal.get)

    def journal(self) -> Store:
        """The journal's store, for what was recorded of answers."""
        return self._journal.get()

    def opens(self, tags: Sequence[str], *, url: str = "", key: str = "") -> Opens:
        """Who a variant asks. Routes are those of this installation's own server, or of the one at `url`, which is
        asked with `key`."""
        server = self._server(url, key)
        ask = partial(_subject, *server, tuple(tags))
        replays = partial(self._recorded, *server, tags, given=url)
        return lambda variant: replays(variant) if variant.replay is not None else ask(variant)

    def ports(
        self,
        tags: Sequence[str] = (),
        *,
        url: str = "",
        key: str = "",
        headers: Callable[[], Mapping[str, str]] | None = None,
    ) -> Ports:
        """What evaluators are lent. Judges are routes of the same server as variants are; `headers` say who asks in the
        place of `key`."""
        base, own = self._server(url, key)
        asking = Asking(base, headers or own, tags)
        return Ports(partial(_embed, {}, self.settings, self.home), asking, asking.families)

    def _server(self, url: str, key: str) -> tuple[str, Callable[[], Mapping[str, str]]]:
        return (url, partial(_bearer, key)) if url else own_server(self.settings, self.home)

    def _recorded(
        self, url: str, headers: Callable[[], Mapping[str, str]], tags: Sequence[str], variant: Variant, given: str
    ) -> Subject:
        """Who replays. As of a moment that is an Outrider of then, unless another server is `given`."""
        from outrider.evals.subjects.recorded import RecordedSubject
        from outrider.replay.asking import Gateway

        name = f"replay:{tags[0].partition(':')[2]}" if tags else "replay:eval"
        past = self._then(int((variant.replay or {}).get("as_of", 0))) if not given else None
        gateway = Gateway(past.url if past is not None else url, headers, [name, *tags])
        gone = past.gone if past is not None else {}
        allow = past.allow if past is not None else None
        return RecordedSubject(self._journal.get, gateway, gone, self._index, allow)

    def _index(self) -> None:
        from outrider.journal.index import Indexer

        Indexer(paths.spool(self.home), self._journal.get()).drain()

    def _then(self, moment: int) -> "Beside | None":
        """An Outrider as it was configured at a moment; None for today, or where nothing is on record of then. Raises
        ConfigError."""
        with self._opening:  # variants of one moment share it, and each is opened in a thread
            if moment and moment not in self._past:
                from outrider.app.then import Beside, found

                then = found(self._journal.get(), paths.spool(self.home), self.settings, moment, config=self.config)
                self._past[moment] = Beside(then, self.home, self.config, self._url) if then is not None else None
            return self._past.get(moment)

    def close(self) -> None:
        for past in self._past.values():
            if past is not None:
                past.close()
        self._store.close()
        self._journal.close()


def _bearer(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _subject(url: str, headers: Callable[[], Mapping[str, str]], tags: tuple[str, ...], variant: Variant) -> Subject:
    from outrider.evals.subjects.talking import Talking

    return Talking(_asked(url, headers, tags, variant))


def _asked(url: str, headers: Callable[[], Mapping[str, str]], tags: tuple[str, ...], variant: Variant) -> Subject:
    if variant.python:
        from outrider.evals.subjects.python import PythonSubject

        return PythonSubject()
    if variant.command:
        from outrider.evals.subjects.command import CommandSubject

        return CommandSubject()
    from outrider.evals.subjects.route import RouteSubject

    return RouteSubject(url, headers, tags)


def _embed(kept: dict[str, Any], settings: Settings, home: Path, texts: Sequence[str]) -> Sequence[Sequence[float]]:
    """Vectors by the configured embedder, which is loaded for the first of them."""
    from outrider.knowledge.embedders import Embedders, loader

    if "embedders" not in kept:
        kept["embedders"] = Embedders(loader(env.models_dir(home)))
    vectors: Sequence[Sequence[float]] = kept["embedders"].documents(f"embedded/{settings.embedded.embed}", list(texts))
    return vectors
