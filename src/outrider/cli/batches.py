"""`outrider batches`: files of requests that are answered within a day: send one, see how it does, fetch its results.

All of it goes over HTTP to a running Outrider, with a key, like any other client of it.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

import msgspec
import typer

from outrider.base import ids, money
from outrider.base.errors import ConfigError, OutriderError
from outrider.cli import _http
from outrider.cli._output import JSON_OPTION, CheckFailed, clean, dollars, emit_json, hint, many, note, say, table
from outrider.cli.chat import key_for, said
from outrider.cli.context import outrider

app = typer.Typer(
    help="Batches of requests: send a file, see how far it is and what it costs, fetch its results.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
QUIET_SECONDS = 300.0
EVERY = 2.0
"""Seconds between looks at a batch that is waited for."""
PIECE = 1 << 20
FIRST_LINE = 1 << 24
LARGEST = 200_000_000
"""Bytes of a file that a server takes."""
ENDS = ("completed", "failed", "expired", "cancelled")
_COLUMNS = ("batch", "state", "done", "failed", "model", "where", "tokens", "cost", "made")
_ID = typer.Argument(metavar="BATCH", help="The batch's id, as `outrider batches list` shows it.")
_URL = typer.Option("--url", help="The server, if it is another than the configured one.")
_META = typer.Option([], metavar="NAME=VALUE", help="Kept with it. May be repeated.")
_WAIT = typer.Option("--wait", help="Until it is over; exit code 1 unless every line did well.")
_FILE = typer.Argument(metavar="FILE", help="Requests, one a line (JSONL), as OpenAI's batches have them.")


class Far:
    """A running Outrider, asked with a key. Raises OutriderError that says what to do."""

    def __init__(self, ctx: typer.Context, url: str) -> None:
        settings = outrider(ctx).settings()
        server = settings.server
        self.url = url.rstrip("/").removesuffix("/v1") or _http.local_url(server.host, server.port)
        key = key_for(settings.auth)
        self._headers = {"authorization": f"Bearer {key}"} if key else {}

    def ask(self, method: str, path: str, names: str, body: Any = None) -> Any:
        """JSON there and back; the answer has `names`."""
        content = b"" if body is None else msgspec.json.encode(body)
        return self.send(method, path, names, {"content-type": "application/json"}, content)

    def send(self, method: str, path: str, names: str, headers: Mapping[str, str], body: Any) -> Any:
        try:
            with _http.send(method, self.url + path, {**self._headers, **headers}, body, QUIET_SECONDS) as answer:
                self._check(answer)
                found = msgspec.json.decode(answer.read())
        except _http.Unreachable as error:
            raise self._away(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = None
        if not isinstance(found, dict) or names not in found:
            raise OutriderError(f"what answers at {self.url} is not Outrider", code="not_running")
        return found

    def pieces(self, path: str) -> Iterator[bytes]:
        """A file, as it comes."""
        try:
            with _http.send("GET", self.url + path, self._headers, None, QUIET_SECONDS) as answer:
                self._check(answer)
                while piece := answer.read(PIECE):
                    yield piece
        except _http.Unreachable as error:
            raise self._away(error) from None

    def _check(self, answer: Any) -> None:
        if answer.status != 200:
            raise OutriderError(said(answer.status, answer.read(_http.READ_MOST)), code="refused")

    def _away(self, error: _http.Unreachable) -> OutriderError:
        text = f"no Outrider at {self.url} ({error}); start one with `outrider up`, or name it with --url"
        return OutriderError(text, code="not_running")


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 20,
    after: Annotated[str, typer.Option(metavar="BATCH", help="Only those made before this one.")] = "",
    url: Annotated[str, _URL] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Batches of the key's project, the newest first, of OpenAI's and Anthropic's API."""
    more = f"&after={quote(after, safe='')}" if after else ""
    found = Far(ctx, url).ask("GET", f"/api/batches?limit={limit}{more}", "batches")
    if json:
        emit_json(found)
        return
    rows = [_row(one) for one in found["batches"]]
    table(_COLUMNS, rows, right=("done", "failed", "tokens", "cost"), spare=("tokens", "where", "model"))
    if not rows:
        note("No batch yet: outrider batches create requests.jsonl")
    if found["next"]:
        note(f"There are older ones: outrider batches list --after {found['next']}")
    hint(*([f"outrider batches show {rows[0][0]}"] if rows else []))


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    done = f"{one['completed'] + one['failed']:,} of {one['lines']:,}" if one["lines"] else ""
    tokens = f"{one['input_tokens'] + one['output_tokens']:,}"
    cost = "" if one["cost_nano_usd"] is None else dollars(one["cost_nano_usd"])
    made, failed = one["created"][:19].replace("T", " "), f"{one['failed']:,}" if one["failed"] else ""
    return (one["id"], one["status"], done, failed, one["model"], one["where"], tokens, cost, made)


@app.command()
def show(
    ctx: typer.Context,
    id_: Annotated[str, _ID],
    url: Annotated[str, _URL] = "",
    json: bool = JSON_OPTION,
) -> None:
    """One batch: how far it is, where its lines are asked and at what price, which of them failed."""
    far = Far(ctx, url)
    path = f"/api/batches/{quote(id_, safe='')}"
    found, wrong = far.ask("GET", path, "batch"), far.ask("GET", f"{path}/errors?limit=10", "errors")
    if json:
        emit_json({**found, "errors": wrong})
        return
    _tell(found, wrong)
    what = "results" if found["batch"]["status"] in ENDS else "cancel"
    hint(f"outrider batches {what} {id_}", f"outrider runs list --session {found['session']}")


def _tell(found: dict[str, Any], wrong: dict[str, Any]) -> None:
    batch = found["batch"]
    _tell_state(batch)
    _tell_costs(found)
    for fault in found["faults"]:
        say(f"  {'line ' + str(fault['line']) if fault['line'] else 'all of it'}: {clean(fault['message'])}")
    for one in wrong["errors"]:
        why = (str(one["status"] or ""), clean(one["code"]), clean(one["message"]))
        say(f"  {clean(one['custom_id'])}: {' '.join(filter(None, why))}")
    if wrong["next"]:
        note(f"More failed: outrider batches results {batch['id']} --errors")


def _tell_state(batch: dict[str, Any]) -> None:
    say(f"{batch['id']}  {batch['status']}  {batch['model'] or batch['endpoint']}")
    if batch["lines"]:
        say(f"{batch['completed'] + batch['failed']:,} of {many(batch['lines'], 'line')}, {batch['failed']:,} failed")
    if batch["waits_for"]:
        say(f"waits for {clean(batch['waits_for'])}")


def _tell_costs(found: dict[str, Any]) -> None:
    batch = found["batch"]
    if found["costs"] is None:
        say(f"its lines are in the session {clean(found['session'])}: outrider costs, outrider runs list --session …")
        return
    tokens = batch["input_tokens"] + batch["output_tokens"]
    say(f"{dollars(found['cost_nano_usd'])} for {many(tokens, 'token')}")
    for one in found["costs"]:
        say(f"  {one['deployment'] or 'none was reached'}: {many(one['calls'], 'call')}, {_price(one)}")
    for part in found["parts"]:
        at = f"{part['provider'] or 'the provider'}'s batch {part['batch']}".rstrip()
        why = f": {clean(part['why'])}" if part["why"] else ""
        among = f"{many(part['lines'], 'line')} from {part['first']:,} to {part['last']:,}"
        say(f"  {among}: {clean(at)}, {part['state'].replace('_', ' ')}{why}")


def _price(one: dict[str, Any]) -> str:
    paid = dollars(one["cost_nano_usd"])
    if one["price"] is None:
        return f"{paid} (no price is known)"
    there = {"input": 0, "output": 0, "source": "", **one["price"]}
    sides = f"${money.usd(there['input'])} in, ${money.usd(there['output'])} out per million tokens"
    return f"{paid} ({sides}; {clean(there['source'])})"


@app.command()
def create(
    ctx: typer.Context,
    file: Annotated[Path, _FILE],
    endpoint: Annotated[str, typer.Option(help="What its lines ask for. Default: the `url` of the first line.")] = "",
    window: Annotated[str, typer.Option(help="How long it may take: `24h` or less.")] = "24h",
    meta: list[str] = _META,
    wait: Annotated[bool, _WAIT] = False,
    url: Annotated[str, _URL] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Send a file of requests. It goes on when this command, or Outrider, ends."""
    metadata = dict(_pair(one) for one in meta)
    with _opened(file) as content:
        asks = endpoint or _endpoint_of(content, file)
        far = Far(ctx, url)
        far.ask("GET", "/api/batches?limit=1", "batches")  # who may not ask should hear it before the file is sent
        kept = _upload(far, file, content)
    asked = {"input_file_id": kept["id"], "endpoint": asks, "completion_window": window, "metadata": metadata or None}
    id_ = far.ask("POST", "/v1/batches", "id", asked)["id"]
    if wait:
        _wait(far, id_, json)
        return
    if json:
        emit_json(far.ask("GET", f"/api/batches/{id_}", "batch")["batch"])
        return
    say(id_)
    hint(f"outrider batches show {id_}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter("expected NAME=VALUE", param_hint="--meta")
    return name, value


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None


def _endpoint_of(content: BinaryIO, file: Path) -> str:
    """What the first line asks for; the server checks all of them."""
    for raw in iter(lambda: content.readline(FIRST_LINE), b""):
        if raw.strip():
            break
    else:
        raise ConfigError(f"{file} has no line")
    content.seek(0)
    try:
        found = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))["url"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        found = None
    if not isinstance(found, str):
        text = f'{file}: its first line is no request: {{"custom_id": …, "method": "POST", "url": …, "body": {{…}}}}'
        raise ConfigError(text)
    return found


def _upload(far: Far, file: Path, content: BinaryIO) -> Any:
    mark, name = ids.token(16), clean(file.name).replace('"', "'")
    head = f'--{mark}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--{mark}\r\n'
    head += f'content-disposition: form-data; name="file"; filename="{name}"\r\n'
    first, last = f"{head}content-type: application/jsonl\r\n\r\n".encode(), f"\r\n--{mark}--\r\n".encode()
    size = content.seek(0, 2)
    content.seek(0)
    if size > LARGEST:
        raise ConfigError(f"{file} is larger than {LARGEST:,} bytes; divide it into several batches")

    def body() -> Iterator[bytes]:
        yield first
        yield from iter(lambda: content.read(PIECE), b"")
        yield last

    length = str(len(first) + size + len(last))
    headers = {"content-type": f"multipart/form-data; boundary={mark}", "content-length": length}
    return far.send("POST", "/v1/files", "id", headers, body())


def _wait(far: Far, id_: str, json: bool) -> None:
    told = ""
    if not json:
        say(id_)
    while True:
        found = far.ask("GET", f"/api/batches/{id_}", "batch")
        batch = found["batch"]
        words = " ".join(filter(None, (batch["status"], _row(batch)[2], clean(batch["waits_for"]))))
        if words != told and not json:
            note(words)
        told = words
        if batch["status"] in ENDS:
            break
        time.sleep(EVERY)
    if json:
        emit_json(batch)
    else:
        _tell(found, far.ask("GET", f"/api/batches/{id_}/errors?limit=10", "errors"))
        hint(f"outrider batches results {id_}")
    if batch["status"] != "completed" or batch["failed"]:
        raise CheckFailed


@app.command()
def cancel(
    ctx: typer.Context, id_: Annotated[str, _ID], url: Annotated[str, _URL] = "", json: bool = JSON_OPTION
) -> None:
    """End a batch early. Lines under way still end, and what a provider has answered comes home."""
    found = Far(ctx, url).ask("POST", f"/api/batches/{quote(id_, safe='')}/cancel", "id")
    if json:
        emit_json(found)
        return
    say(f"{found['id']} is {found['status']}")
    hint(f"outrider batches show {id_}")


@app.command()
def results(
    ctx: typer.Context,
    id_: Annotated[str, _ID],
    errors: Annotated[bool, typer.Option("--errors", help="The lines that did not succeed, not the answers.")] = False,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Into a new file.")] = None,
    url: Annotated[str, _URL] = "",
) -> None:
    """The answers of a batch that is over: JSON, one a line, in the order of its input."""
    far = Far(ctx, url)
    batch = far.ask("GET", f"/api/batches/{quote(id_, safe='')}", "batch")["batch"]
    if batch["status"] not in ENDS:
        text = f"{batch['id']} is {batch['status']}: its results are there when it is over (`outrider batches show`)"
        raise OutriderError(text, code="not_over")
    apart = errors and batch["api"] == "openai"
    file = batch["error_file" if apart else "output_file"]
    if not file:
        raise OutriderError(f"{batch['id']} has no {'errors' if errors else 'answers'}", code="no_results")
    pieces = far.pieces(f"/v1/files/{quote(file, safe='')}/content")
    if errors and not apart:
        from outrider.gateway.batches.desk import read_error

        pieces = (line + b"\n" for line in _lines(pieces) if read_error(line) is not None)
    if to is None:
        _print(pieces)
        return
    try:
        with to.open("xb") as out:
            for piece in pieces:
                out.write(piece)
    except FileExistsError:
        raise ConfigError(f"{to} is there already: choose another name, or take it away") from None
    except OSError as error:
        raise ConfigError(f"{to} cannot be written: {error.strerror}") from None
    note(f"{to}: {to.stat().st_size:,} bytes")


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _print(pieces: Iterator[bytes]) -> None:
    """Bytes into a pipe; on a terminal without characters that could steer it."""
    if not sys.stdout.isatty():
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        return
    for line in _lines(pieces):
        say(clean(line.decode("utf-8", "replace")))
