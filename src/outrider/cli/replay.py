"""`outrider replay`: send a recorded request again, as it was or with one thing changed, and compare the answers."""

import difflib
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from outrider.base import ids
from outrider.base.errors import ConfigError, OutriderError
from outrider.cli import _http
from outrider.cli._output import JSON_OPTION, emit_json, hint, note, say
from outrider.cli.chat import QUIET_SECONDS, key_for, said
from outrider.cli.context import outrider
from outrider.cli.runs import find_run, open_store
from outrider.journal.events import RunRecorded
from outrider.store import Store

PATHS = {"chat.completions": "/v1/chat/completions", "embeddings": "/v1/embeddings"}


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Id of the run (the answer's x-request-id), or `last`.")],
    set_: Annotated[
        list[str], typer.Option("--set", help="Change one field of the request: --set model=NAME --set temperature=0.")
    ] = [],  # noqa: B006 -- typer needs a plain default and never changes it
    url: Annotated[str, typer.Option(help="The server, if it is another than the configured one.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Send a run's request again through the running gateway, and show how the answer differs. It is a new run."""
    settings = outrider(ctx).settings()
    address = url.rstrip("/").removesuffix("/v1") or _http.local_url(settings.server.host, settings.server.port)
    with open_store(ctx) as store:
        found = find_run(store, run)
        request, before = _recorded(store, found)
    body = msgspec.json.encode({**request, **_changes(set_), "stream": False})
    new_run, after = _send(address + PATHS[found.name], key_for(settings.auth), found, body)
    same = before is not None and before == after
    if json:
        emit_json({"run": ids.text(found.id), "replay": new_run, "same": same, "before": before, "after": after})
        return
    _show(before, after, same)
    hint(f"outrider runs show {new_run}", f"outrider runs show {ids.text(found.id)}")


def _recorded(store: Store, run: RunRecorded) -> tuple[dict[str, Any], str | None]:
    """The request's fields, and the text of the answer it got (None: no text). Raises ConfigError."""
    from outrider.journal.read import get_body

    if run.name not in PATHS or run.request is None:
        raise ConfigError(f"run {ids.text(run.id)} ({run.name}) has no request that can be sent again")
    body = get_body(store, run.project, run.request.sha256)
    if body is None:
        raise ConfigError(f"the request body of run {ids.text(run.id)} is no longer there (pruned, or dropped)")
    try:
        request = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        raise ConfigError(
            f"the request of run {ids.text(run.id)} was not valid JSON; there is nothing to send"
        ) from None
    request.pop("stream_options", None)
    answer = get_body(store, run.project, run.response.sha256) if run.response is not None else None
    return request, None if answer is None else _text(answer)


def _changes(pairs: Sequence[str]) -> dict[str, Any]:
    """Fields from `name=value`; a value is JSON where it can be read as such, else text."""
    changed: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="--set")
        try:
            changed[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            changed[name] = value
    return changed


def _send(url: str, key: str, run: RunRecorded, body: bytes) -> tuple[str, str]:
    """Id of the new run and the text of its answer. Never from the cache: a replay asks the model."""
    headers = {
        "cache-control": "no-store",
        "x-outrider-tags": f"replay,of:{ids.text(run.id)}",
        **({"authorization": f"Bearer {key}"} if key else {}),
    }
    try:
        with _http.post(url, headers, body, QUIET_SECONDS) as answer:
            content = answer.read(_http.READ_MOST)
            status, new_run = answer.status, answer.headers.get("x-request-id", "")
    except _http.Unreachable as error:
        raise OutriderError(
            f"no Outrider at {url} ({error}); start one with `outrider up`", code="not_running"
        ) from None
    if status != 200:
        raise OutriderError(said(status, content), code="refused")
    return new_run, _text(content)


def _text(answer: bytes) -> str:
    """What an answer says: the text of its choices, gathered if it was a stream; else the body itself."""
    plain = answer.decode("utf-8", "replace")
    events = [line[5:].strip() for line in plain.splitlines() if line.startswith("data:")]
    texts: list[str] = []
    for part in events or [plain]:
        if part == "[DONE]":
            continue
        try:
            parsed = msgspec.json.decode(part)
            for choice in parsed["choices"]:
                message = choice.get("delta" if events else "message") or {}
                texts.append(message.get("content") or "")
                if message.get("tool_calls"):
                    texts.append(msgspec.json.encode(message["tool_calls"]).decode())
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
            return plain
    return "".join(texts)


def _show(before: str | None, after: str, same: bool) -> None:
    if before is None:
        note("The recorded run has no answer; this is the new one:")
        say(after)
    elif same:
        note("The answer is the same:")
        say(after)
    else:
        note("The answer differs (- recorded, + now):")
        for line in difflib.ndiff(before.splitlines(), after.splitlines()):
            if line[:2] != "? ":
                say(line)
