"""What `outrider doctor` looks at: one function per thing, each yields findings and raises nothing."""

import os
import platform
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from outrider.base.errors import ConfigError, OutriderError
from outrider.cli import _http
from outrider.cli._output import clean, many, size
from outrider.cli.context import Outrider, SettingsView

Mark = Literal["good", "warn", "bad"]
LOW_DISK, NO_DISK = 5_000_000_000, 500_000_000
PATIENCE = 5.0


class Finding(msgspec.Struct):
    """One line of the report: what was looked at, how it is, and what to do about it ("" if nothing)."""

    check: str
    mark: Mark
    text: str
    todo: str = ""


Check = Callable[[Outrider, SettingsView], Iterator[Finding]]


def examine(here: Outrider) -> Iterator[Finding]:
    """All findings, in the order in which problems should be solved."""
    yield from _python()
    yield from _home(here)
    try:
        settings = here.settings()
    except ConfigError as error:
        for line in error.message.splitlines():
            yield Finding("config", "bad", line, "correct it; `outrider config check` looks again")
        return
    yield Finding("config", "good", str(here.config) if here.config else "no file; environment and defaults")
    checks: tuple[Check, ...] = (_store, _spool, _disk, _embedded, _providers, _port, _otlp)
    for check in checks:
        yield from check(here, settings)


def _python() -> Iterator[Finding]:
    yield Finding("python", "good", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _home(here: Outrider) -> Iterator[Finding]:
    folder = here.home
    if folder.exists() and not folder.is_dir():
        yield Finding("home", "bad", f"{folder} is not a folder", "choose another with --home or OUTRIDER_HOME")
        return
    place = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            "home", "bad", f"{place} cannot be written", "give this account the right, or choose another --home"
        )
    elif place == folder:
        yield Finding("home", "good", f"{folder} can be written")
    else:
        yield Finding("home", "good", f"{folder} is made by the first `outrider up`")


def _store(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    from outrider.journal.read import list_keys, newest_seq
    from outrider.store import open_store

    url = here.database_url
    if url.startswith("sqlite:") and not Path(url.removeprefix("sqlite:///")).exists():
        yield Finding("store", "warn", "there is no database yet", "`outrider up` makes it")
        return
    try:
        store = open_store(url)
        try:
            newest, keys = newest_seq(store), [k for k in list_keys(store) if not k.revoked_at]
            yield Finding("store", "good", f"{store.dialect}, {size(store.size())}, {many(newest, 'record')}")
        finally:
            store.close()
    except OutriderError as error:
        yield Finding("store", "bad", clean(error.message), "start the database or correct OUTRIDER_DATABASE_URL")
        return
    if not settings.auth:
        yield Finding("keys", "warn", "auth is off: everyone on this machine can call", "set `auth: on`")
    elif keys:
        yield Finding("keys", "good", f"{len(keys)} that can be used")
    else:
        yield Finding(
            "keys", "warn", "there is none yet", "`outrider keys create`, or the first `outrider up` makes one"
        )


def _spool(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    files = [f for f in here.spool.glob("*/*") if f.is_file()] if here.spool.is_dir() else []
    used = sum(f.stat().st_size for f in files)
    most = settings.journal.spool_max
    if used > 0.8 * most:
        todo = "see that the server and its database run; beyond it old bodies are dropped"
        yield Finding("spool", "warn", f"{size(used)} of {size(most)} wait for the store", todo)
    else:
        yield Finding("spool", "good", f"{size(used)} in {many(len(files), 'file')}, room for {size(most)}")


def _disk(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    place = next(p for p in (here.home, *here.home.parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < NO_DISK:
        yield Finding("disk", "bad", f"only {size(free)} free", "free some, or choose another --home")
    elif free < LOW_DISK:
        yield Finding("disk", "warn", f"{size(free)} free", "journal.max_size and journal.retention bound what is kept")
    else:
        yield Finding("disk", "good", f"{size(free)} free")


def _embedded(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    if not settings.embedded.enabled:
        yield Finding("embedded", "good", "switched off")
        return
    from outrider.providers.embedded import weights

    for name in (settings.embedded.chat, settings.embedded.embed):
        todo = f"`outrider models install {name}`"
        try:
            if not weights.is_installed(name, here.models_dir):
                yield Finding("embedded", "warn", f"{name} is not installed", f"{todo}, or `outrider up` fetches it")
            elif wrong := weights.verify(name, here.models_dir):
                text = f"{name}: {', '.join(wrong)} has changed since it was installed"
                yield Finding("embedded", "bad", text, f"`outrider models remove {name}`, then {todo}")
            else:
                yield Finding("embedded", "good", f"{name} is installed, its hash is right")
        except (OutriderError, OSError) as error:
            yield Finding("embedded", "bad", clean(str(error)), "`outrider models list` shows the names")
    yield from _runtimes()


def _runtimes() -> Iterator[Finding]:
    import importlib

    for module in ("xllamacpp", "onnxruntime"):
        try:
            importlib.import_module(module)
        except (ImportError, OSError) as error:
            library = next((word.rstrip(":") for word in str(error).split() if ".so" in word), "")
            remedy = "install the system package libgomp1" if "libgomp" in library else "install Outrider again"
            yield Finding("embedded", "bad", f"{module} does not load: {clean(str(error))[:120]}", remedy)


def _providers(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    found = here.providers()
    if not found and not settings.embedded.enabled:
        yield Finding("providers", "bad", "there is none", "export a key such as OPENAI_API_KEY, or `outrider init`")
    elif not found:
        yield Finding("providers", "warn", "only the embedded models", "export a key such as OPENAI_API_KEY")
    for name, (url, headers) in found.items():
        yield _provider(name, url, headers)


def _provider(name: str, url: str, headers: Mapping[str, str]) -> Finding:
    what, shown = f"provider {name}", url.partition("?")[0]
    try:
        status, body = _http.get(url, headers, PATIENCE)
    except _http.Unreachable as error:
        return Finding(
            what, "bad", f"cannot connect to {shown}: {clean(str(error))}", "check base_url, network and proxy"
        )
    if status in (401, 403):
        return Finding(what, "bad", f"key refused (HTTP {status})", "check api_key and its rights")
    if status == 404:
        return Finding(what, "warn", f"answers, but lists no models at {shown}", "check base_url, or name its `models`")
    if status >= 400:
        return Finding(what, "bad", f"answers HTTP {status} at {shown}", "try again later, or check base_url")
    try:
        count = len(msgspec.json.decode(body)["data"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return Finding(what, "warn", f"what {shown} answers is not a list of models", "check base_url")
    return Finding(what, "good", f"reachable, {many(count, 'model')}")


def _port(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    host, port = settings.server.host, settings.server.port
    url = _http.local_url(host, port)
    try:
        status, body = _http.get(f"{url}/health", timeout=2.0)
    except _http.Unreachable:
        yield _bindable(host, port)
        return
    if b"outrider" in body.lower() or status == 200:
        yield Finding("port", "good", f"Outrider answers at {url}")
    else:
        yield Finding("port", "bad", f"something else answers at {url}", "stop it, or `outrider up --port N`")


def _bindable(host: str, port: int) -> Finding:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            text = f"cannot listen on {host}:{port}: {error.strerror or error}"
            return Finding("port", "bad", text, "stop what uses it, or choose server.host and server.port")
    return Finding("port", "good", f"{host}:{port} is free; start with `outrider up`")


def _otlp(here: Outrider, settings: SettingsView) -> Iterator[Finding]:
    from outrider.journal.otlp.outgoing import from_environment

    headers = {name: value.reveal() for name, value in settings.otlp.headers.items()}
    try:
        collector = from_environment(settings.otlp.endpoint or "", headers)
    except ConfigError as error:
        yield Finding("otlp", "bad", clean(error.message), "correct otlp.endpoint or the OTEL_* variable")
        return
    if collector is None:
        return
    try:
        # A GET is refused by a collector (405), which shows that it is there and sends it nothing.
        status, _ = _http.get(collector.url, collector.headers, PATIENCE)
    except _http.Unreachable as error:
        text = f"cannot connect to {collector.url}: {clean(str(error))}"
        yield Finding("otlp", "bad", text, "start the collector; spans wait")
        return
    if status in (401, 403):
        yield Finding("otlp", "bad", f"{collector.url} refuses the headers (HTTP {status})", "check otlp.headers")
    else:
        yield Finding("otlp", "good", f"{collector.url} answers")
