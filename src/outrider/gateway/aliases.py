"""Headers of other gateways, read where they mean what one of ours means. Pure; costs nothing where none is there.

LiteLLM's `x-litellm-*`, Portkey's `x-portkey-*`, Helicone's `Helicone-*`, and the sessions that Claude Code and Codex
name. Our own headers win. What a foreign header says wrongly is left out, as it is only a hint. The guides
`docs/guides/from-*.md` say which ones are read, and which are not and why.
"""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from outrider.limits.keys import PREFIX

Headers = Mapping[bytes, bytes]

SESSION, USER, AGENT = b"x-outrider-session", b"x-outrider-user", b"x-outrider-agent"
TAGS, DEADLINE, CACHE = b"x-outrider-tags", b"x-outrider-deadline-ms", b"cache-control"

_PROPERTY = b"helicone-property-"
_CODEX = b"x-codex-window-id"
_KEYS = (b"x-litellm-api-key", b"x-portkey-api-key", b"helicone-auth")
_PLAIN = {
    USER: (b"x-litellm-customer-id", b"x-litellm-end-user-id", b"helicone-user-id"),
    SESSION: (
        b"x-litellm-trace-id",
        b"x-litellm-session-id",
        b"x-portkey-trace-id",
        b"helicone-session-id",
        b"x-claude-code-session-id",
    ),
    AGENT: (b"x-litellm-agent-id",),
}
"""Those whose values are taken as they are; the first that is there."""
_LABELS = {
    b"helicone-session-name": "session-name",
    b"helicone-session-path": "session-path",
    b"helicone-prompt-id": "prompt",
}
READ = frozenset(
    (*_KEYS, *_LABELS, *(name for names in _PLAIN.values() for name in names)),
) | {
    b"x-litellm-tags",
    b"x-litellm-timeout",
    b"x-litellm-spend-logs-metadata",
    b"x-portkey-metadata",
    b"x-portkey-request-timeout",
    b"x-portkey-cache-force-refresh",
    b"x-portkey-cache-namespace",
    b"helicone-cache-enabled",
    b"helicone-cache-seed",
    _CODEX,
}
_none_of = READ.isdisjoint
_YES = (b"true", b"1")
_NO = (b"false", b"0")
HELICONE_KEEPS = 7 * 86_400
"""Seconds that Helicone keeps an answer if the caller does not say how long."""
LONGEST = 10**12
"""Milliseconds of a deadline; what is longer is none."""


def apply(headers: Headers) -> Headers:
    """`headers` as they are, or with ours added for the foreign ones."""
    if _none_of(headers) and _PROPERTY not in b"\n".join(headers):
        return headers
    added = _plain(headers)
    for name, read in ((TAGS, _tags), (DEADLINE, _deadline), (b"authorization", _key)):
        added[name] = read(headers)
    added = {
        name: value for name, value in added.items() if value and (name not in headers or name == b"authorization")
    }
    cache = _cache(headers)
    return {**headers, **added, CACHE: cache} if cache else {**headers, **added}


def _plain(headers: Headers) -> dict[bytes, bytes]:
    found = {}
    for ours, theirs in _PLAIN.items():
        for name in theirs:
            if headers.get(name):
                found[ours] = headers[name]
                break
    if _CODEX in headers and b"session-id" in headers:  # a name that others may use for what must not be recorded
        found.setdefault(SESSION, headers[b"session-id"])
    if USER not in found and b"_user" in headers.get(b"x-portkey-metadata", b""):
        found[USER] = dict(_metadata(headers[b"x-portkey-metadata"])).get("_user", b"")
    return found


def _deadline(headers: Headers) -> bytes:
    """LiteLLM counts in seconds, Portkey in milliseconds."""
    for name, unit in ((b"x-litellm-timeout", 1000.0), (b"x-portkey-request-timeout", 1.0)):
        try:
            asked = float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
        if 0 < asked < LONGEST:
            return b"%d" % max(1, int(asked))
    return b""


def _key(headers: Headers) -> bytes:
    """A key of ours where those gateways' own is sent. `authorization` then has the provider's, or nothing of use."""
    if _is_ours(headers.get(b"authorization")) or _is_ours(headers.get(b"x-api-key")):
        return b""
    for name in _KEYS:
        value = headers.get(name)
        if _is_ours(value):
            return b"Bearer " + _bare(value or b"")
    return b""


def _bare(value: bytes) -> bytes:
    return value[7:].strip() if value[:7].lower() == b"bearer " else value.strip()


def _is_ours(value: bytes | None) -> bool:
    """Whether it has the form `sk-or-<public>-<secret>`; OpenRouter's keys begin `sk-or-v1-`."""
    if value is None:
        return False
    key = _bare(value)
    return key.startswith(PREFIX.encode()) and not key.startswith(PREFIX.encode() + b"v1-")


# -- caching ----------------------------------------------------------------------------------------------------------


def _cache(headers: Headers) -> bytes:
    """What is said of caching, after what `cache-control` says itself; b"" if nothing is."""
    said = []
    if headers.get(b"x-portkey-cache-force-refresh", b"").lower() in _YES:
        said.append(b"no-cache")
    enabled = headers.get(b"helicone-cache-enabled", b"").lower()
    if enabled in _NO:
        said.append(b"no-store")
    elif enabled in _YES:
        said.append(b"ttl=%d" % _age(headers.get(CACHE, b"")))
    space = headers.get(b"x-portkey-cache-namespace") or headers.get(b"helicone-cache-seed")
    if space:
        said.append(b"namespace=" + quote(space, safe="").encode())
    if not said:
        return b""
    own = headers.get(CACHE)
    return b", ".join([own, *said] if own else said)


def _age(control: bytes) -> int:
    """`max-age` of a `cache-control`: to Helicone it says how long an answer is kept."""
    for directive in control.lower().split(b","):
        name, _, value = directive.strip().partition(b"=")
        if name == b"max-age" and value.isdigit() and len(value) < 12:
            return int(value)
    return HELICONE_KEEPS


# -- tags -------------------------------------------------------------------------------------------------------------


def _tags(headers: Headers) -> bytes:
    """LiteLLM's tags as they are; metadata and properties as `name:value`. Portkey's `_user` is the user."""
    found = [headers[b"x-litellm-tags"]] if headers.get(b"x-litellm-tags") else []
    found += [_tag(key, value) for key, value in _metadata(headers.get(b"x-litellm-spend-logs-metadata"))]
    found += [_tag(key, value) for key, value in _metadata(headers.get(b"x-portkey-metadata")) if key != "_user"]
    found += [_tag(label, headers[name]) for name, label in _LABELS.items() if headers.get(name)]
    found += [
        _tag(name[len(_PROPERTY) :].decode("latin-1"), value)
        for name, value in headers.items()
        if name.startswith(_PROPERTY)
    ]
    return b",".join(found)


def _tag(name: str, value: bytes) -> bytes:
    return (name.lstrip("_").encode() + b":" + value).replace(b",", b" ")


def _metadata(value: bytes | None) -> list[tuple[str, bytes]]:
    """Words, numbers and switches of a JSON object; what is nested in it has no place in a tag."""
    if not value:
        return []
    try:
        made = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return [(key, text) for key, raw in made.items() if (text := _word(bytes(raw)))]


def _word(raw: bytes) -> bytes:
    if raw[:1] == b'"':
        return msgspec.json.decode(raw, type=str).encode()
    return b"" if raw[:1] in (b"{", b"[") or raw == b"null" else raw
