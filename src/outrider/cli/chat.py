"""`outrider chat`: talk to a route of a running server, streaming."""

import getpass
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import typer

from outrider.base import env
from outrider.base.errors import ConfigError, OutriderError
from outrider.base.model_names import for_chat_first
from outrider.cli import _http
from outrider.cli._output import clean, emit_json, hint, note, say
from outrider.cli.context import outrider

QUIET_SECONDS = 300.0
_HELP = "/route NAME  another route     /routes  what there is     /new  forget the talk     /exit  leave"


class Talk:
    """One conversation with one server: its history goes along with every question."""

    def __init__(self, url: str, key: str, route: str, system: str) -> None:
        self.url, self.route = url, route
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._start = [{"role": "system", "content": system}] if system else []
        self._messages = list(self._start)
        self.last: dict[str, Any] = {}

    def forget(self) -> None:
        self._messages = list(self._start)

    def routes(self) -> list[str]:
        """The names that can be called. Raises OutriderError with the remedy when nobody is there."""
        try:
            status, body = _http.get(f"{self.url}/v1/models", self._headers)
        except _http.Unreachable as error:
            text = f"no Outrider at {self.url} ({error}); start one with `outrider up`, or name it with --url"
            raise OutriderError(text, code="not_running") from None
        if status in (401, 403):
            text = "the key was refused; make one with `outrider keys create` and export OUTRIDER_KEY"
            raise OutriderError(text, code="invalid_api_key")
        try:
            return [str(model["id"]) for model in msgspec.json.decode(body)["data"]]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
            text = f"what answers at {self.url} is not Outrider (HTTP {status})"
            raise OutriderError(text, code="not_running") from None

    def ask(self, text: str) -> Iterator[str]:
        """The answer in pieces. It enters the history once it is whole. Raises OutriderError if it fails."""
        messages = [*self._messages, {"role": "user", "content": text}]
        body = {
            "model": self.route,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        pieces: list[str] = []
        try:
            with _http.post(
                f"{self.url}/v1/chat/completions", self._headers, msgspec.json.encode(body), QUIET_SECONDS
            ) as answer:
                if answer.status != 200:
                    raise OutriderError(said(answer.status, answer.read(_http.READ_MOST)), code="refused")
                self.last = {"run": answer.headers.get("x-request-id", ""), "model": self.route}
                for piece in self._pieces(answer):
                    pieces.append(piece)
                    yield piece
        except _http.Unreachable as error:
            text = f"the answer broke off: {error}. Is `outrider up` still running?"
            raise OutriderError(text, code="not_running") from None
        self._messages = [*messages, {"role": "assistant", "content": "".join(pieces)}]
        self.last["text"] = "".join(pieces)

    def _pieces(self, lines: Any) -> Iterator[str]:
        for raw in lines:
            line = raw.strip()
            if line == b"data: [DONE]":
                return
            if not line.startswith(b"data:"):
                continue
            try:
                chunk = msgspec.json.decode(line[5:])
            except (msgspec.DecodeError, UnicodeDecodeError):
                chunk = None
            if not isinstance(chunk, dict):
                raise OutriderError("the server sent a piece that is not JSON; the answer is not whole", code="cut")
            if chunk.get("error"):
                raise OutriderError(said(200, line[5:]), code="refused")
            if chunk.get("usage"):
                self.last["usage"] = chunk["usage"]
            for choice in chunk.get("choices") or []:
                piece = (choice.get("delta") or {}).get("content")
                if piece:
                    yield piece
        raise OutriderError("the answer ended before it was whole; `outrider runs show last` says why", code="cut")


def said(status: int, body: bytes) -> str:
    """The server's own words for an error."""
    try:
        return clean(str(msgspec.json.decode(body)["error"]["message"]))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return f"the server answered HTTP {status} without saying why"


def command(
    ctx: typer.Context,
    route: Annotated[
        str, typer.Argument(help="Route or provider/model. Default: `default`, or the first for chat.")
    ] = "",
    once: Annotated[str | None, typer.Option("--once", help="Ask this one thing, print the answer, leave.")] = None,
    system: Annotated[str, typer.Option(help="System message.")] = "",
    url: Annotated[str, typer.Option(help="The server, if it is another than the configured one.")] = "",
    json: Annotated[bool, typer.Option("--json", help="With --once: print text, run id and usage as JSON.")] = False,
) -> None:
    """Talk to a route of a running server. The key is OUTRIDER_KEY, or asked for."""
    settings = outrider(ctx).settings()
    address = url.rstrip("/").removesuffix("/v1") or _http.local_url(settings.server.host, settings.server.port)
    talk = Talk(address, key_for(settings.auth), route, system)
    known = talk.routes()
    talk.route = route or next(iter(for_chat_first(known)), "")
    if not talk.route:
        raise ConfigError("the server has no model to talk to; `outrider doctor` says what is missing")
    if once is not None:
        _once(talk, once, json)
    elif json:
        raise typer.BadParameter("goes with --once only", param_hint="--json")
    else:
        _converse(talk)


def key_for(auth: bool) -> str:
    """OUTRIDER_KEY, or what the person types; "" with auth off."""
    key = env.get("OUTRIDER_KEY").strip()
    if key or not auth:
        return key
    if not sys.stdin.isatty():
        raise ConfigError("no key: export OUTRIDER_KEY (make one with `outrider keys create`)")
    return getpass.getpass("Key (sk-or-…, not shown; export OUTRIDER_KEY to skip this): ").strip()


def _once(talk: Talk, text: str, json: bool) -> None:
    for piece in talk.ask(text):
        if not json:
            _write(piece)
    if json:
        emit_json(talk.last)
        return
    say()
    hint(f"outrider runs show {talk.last['run']}" if talk.last.get("run") else "outrider runs list")


def _write(piece: str) -> None:
    """Model text as it comes, without the control characters that could steer a terminal."""
    sys.stdout.write("".join(c for c in piece if c.isprintable() or c in "\n\t"))
    sys.stdout.flush()


def _converse(talk: Talk) -> None:
    note(f"Talking to {talk.route} at {talk.url}.  {_HELP}")
    while True:
        try:
            text = input("\n> ").strip()
        except (EOFError, KeyboardInterrupt):
            note("")
            break
        if text in ("/exit", "/quit"):
            break
        if text.startswith("/"):
            _obey(talk, text)
        elif text:
            _answer(talk, text)
    hint("outrider runs list", "outrider costs")


def _obey(talk: Talk, text: str) -> None:
    verb, _, rest = text.partition(" ")
    if verb == "/route" and rest.strip():
        talk.route = rest.strip()
        note(f"Now talking to {talk.route}.")
    elif verb == "/new":
        talk.forget()
        note("Forgotten.")
    elif verb in ("/route", "/routes"):
        note("\n".join(clean(name) for name in talk.routes()))
    else:
        note(_HELP if verb == "/help" else f"There is no {verb}. {_HELP}")


def _answer(talk: Talk, text: str) -> None:
    try:
        for piece in talk.ask(text):
            _write(piece)
        say()
        note(_account(talk.last))
    except KeyboardInterrupt:
        note("\n(stopped; not kept in the talk)")
    except OutriderError as error:
        note(f"error: {error.message}")


def _account(last: dict[str, Any]) -> str:
    usage = last.get("usage") or {}
    tokens = f"{usage.get('prompt_tokens', 0)}→{usage.get('completion_tokens', 0)} tokens" if usage else ""
    return typer.style("  ".join(part for part in (tokens, str(last.get("run", ""))) if part), dim=True)
