"""Placeholders that stand for a session's values: `<EMAIL_1>` for the model, the value again for the user.

The values are in the lease store, sealed, and belong to one session of one key and user. A placeholder is restored only
in the answer to a request that had it, never in the address of a link, and in the arguments of a tool only where every
recipient and URL among them was named by the user or the operator.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.store import Store

_SIGN = r"(?:\\?<|\\?\[|\\?\\u003[cC]|&lt;|＜)"
_CLOSE = r"(?:>|\]|\\?\\u003[eE]|&gt;|＞)"
_TOKEN = re.compile(
    rf"(?P<open>{_SIGN})[\s\\]{{0,3}}(?P<kind>[A-Za-z](?:[A-Za-z]|\\?[_ -](?=[A-Za-z])){{1,30}})\\?[\s_-]{{0,2}}"
    rf"(?P<number>\d{{1,6}})[\s\\]{{0,3}}{_CLOSE}"
    r"|(?<![\w‹/.-])(?P<bare>[A-Z][A-Z_]{1,30})_(?P<bare_number>\d{1,6})(?![\w›])"
)
_BEGUN = re.compile(rf"(?:{_SIGN}[^<>\[\]&＞]{{0,48}}|[A-Z][A-Z_]{{0,30}}\d{{0,6}}|\\{{1,2}}u?0?0?3?|&l?t?|[\\&])$")
_LITERAL = re.compile(r"<(?=\s?[A-Z][A-Z_]{1,30}_\d{1,6}\s?>)")
_IN_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:\S*|//\S*|www\.\S*|\]\(\s*<?[^)>\n]*|\]:\s*\S*|<[a-zA-Z][\w-]*(?:\s[^<>]*)?|url\([^)]*)$",
    re.IGNORECASE,
)
_BEHIND = 2_000
"""Characters before a placeholder in which the beginning of an address is looked for."""


def neutral(text: str) -> str:
    """A text in which nobody has written placeholders: those that stand there are quoted."""
    return _LITERAL.sub("‹", text) if "<" in text else text


class Book:
    """The placeholders of one request. `cover` gives one for a value; `restore` takes back what was given out."""

    def __init__(self, vault: "Vault | None" = None, owner: str = "") -> None:
        self._vault, self._owner = vault, owner
        self._tokens: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str], int] = vault.known(owner) if vault is not None and owner else {}
        self._numbers: dict[str, int] = {}
        self._values: dict[tuple[str, str], str] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def cover(self, kind: str, value: str) -> str:
        """The placeholder of a value in this session."""
        token = self._tokens.get((kind, value))
        if token is None:
            number = self._number(kind, value)
            token = self._tokens[kind, value] = f"<{kind.upper()}_{number}>"
            self._values[kind.upper(), str(number)] = value
        return token

    def _number(self, kind: str, value: str) -> int:
        known = self._known.get((kind, value))
        if known is not None:
            return known
        if self._vault is not None and self._owner:
            return self._vault.add(self._owner, kind, value)
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    @property
    def values(self) -> Mapping[str, str]:
        """The values that this request covered, with their placeholders."""
        return {value: token for (_, value), token in self._tokens.items()}

    def restore(self, text: str, *, before: str = "", after: str = "", escaped: bool = False) -> str:
        """The text with the values again. `before` and `after` are what stands around it; `escaped`: it is the text of
        JSON."""
        if not self._values:
            return text
        whole, out, last, end = before + text + after, "", len(before), len(before) + len(text)
        for match in _TOKEN.finditer(whole, len(before)):
            if match.end() > end:
                break
            said = self._value(match, whole)
            if escaped and said != match[0]:
                said = msgspec.json.encode(said).decode()[1:-1]
            out += whole[last : match.start()] + said
            last = match.end()
        return out + whole[last:end]

    def _value(self, match: re.Match[str], whole: str) -> str:
        """What stands there instead: the placeholder itself if it is none of this request's, or in an address."""
        name = re.sub(r"\\?[_ -]", "_", match["kind"] or match["bare"]).upper()
        found = self._values.get((name, str(int(match["number"] or match["bare_number"]))))
        if found is None or _IN_ADDRESS.search(whole, max(0, match.start() - _BEHIND), match.start()):
            return match[0]
        return found


class Restoring:
    """An answer's text on its way to the user: a placeholder that is cut in two waits for its end."""

    def __init__(self, book: Book, *, escaped: bool = False) -> None:
        self._book, self._escaped = book, escaped
        self._held = self._before = ""

    def feed(self, text: str) -> str:
        if not self._book:
            return text
        self._held += text
        begun = _BEGUN.search(self._held[-60:])
        cut = len(self._held) - len(begun[0]) if begun else len(self._held)
        cut = min(cut, self._whole(cut))
        return self._given(cut)

    def end(self) -> str:
        return self._given(len(self._held))

    def _whole(self, cut: int) -> int:
        """A bare placeholder at the end may have further digits; one that is cut through waits."""
        for match in _TOKEN.finditer(self._held):
            if match.start() < cut < match.end() or (match["bare"] and match.end() == len(self._held)):
                return match.start()
        return cut

    def _given(self, cut: int) -> str:
        ready, self._held = self._held[:cut], self._held[cut:]
        out = self._book.restore(ready, before=self._before, after=self._held, escaped=self._escaped)
        self._before = (self._before + ready)[-_BEHIND:]
        return out


# -- arguments of tools -----------------------------------------------------------------------------------------------

_AIM = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[a-z][a-z0-9+.-]*:)?//[^\s\"'<>]+|(?<![\w.])(?:[\w-]+\.)+[a-z]{2,}(?![\w])"
    r"|\+\d[\d ()-]{6,}\d",
    re.IGNORECASE,
)


def restored_arguments(book: Book, arguments: str, given: Sequence[str]) -> str:
    """The JSON of a call's arguments with the values again; as it is where it aims at somebody whom neither the
    user nor the operator named."""
    if not book:
        return arguments
    try:
        said = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return arguments
    for text in _strings(said):
        for aim in _AIM.finditer(text):
            if not any(aim[0].lower() in one.lower() for one in given):
                return arguments
    restored = _mapped(said, book.restore)
    return arguments if restored == said else msgspec.json.encode(restored).decode()


def _strings(said: Any) -> Iterable[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for name, value in said.items():
            yield str(name)
            yield from _strings(value)
    elif isinstance(said, list):
        for value in said:
            yield from _strings(value)


def _mapped(said: Any, change: Callable[[str], str]) -> Any:
    return changed_leaves(said, lambda _, text: change(text))


def changed_leaves(said: Any, change: Callable[[str, str], str], path: str = "") -> Any:
    """Decoded arguments with every text replaced by what `change(path, text)` gives; a path is `a.b`, lists add
    nothing to it."""
    if isinstance(said, str):
        return change(path, said)
    if isinstance(said, dict):
        return {name: changed_leaves(one, change, f"{path}.{name}" if path else name) for name, one in said.items()}
    return [changed_leaves(one, change, path) for one in said] if isinstance(said, list) else said


# -- where they are kept ----------------------------------------------------------------------------------------------


class Vault:
    """The values of sessions in a lease store. `key` gives the key of their encryption (Fernet: 32 bytes in URL-safe
    base64); `lasts` is seconds after which they are forgotten. Blocking."""

    def __init__(self, store: Callable[[], Store], key: Callable[[], bytes], lasts: float = 86_400.0) -> None:
        self._store, self._key, self.lasts = store, key, lasts

    @staticmethod
    def owner(project: str, key: str, user: str, session: str) -> str:
        """Whose the values are: one session of one key and user; "" without a session."""
        if not session:
            return ""
        return hashlib.sha256("\0".join((project, key, user, session)).encode()).hexdigest()

    def known(self, owner: str) -> dict[tuple[str, str], int]:
        """(kind, value) and the number of each of an owner's placeholders."""
        from cryptography.fernet import Fernet, InvalidToken

        rows = self._store().query(
            "SELECT kind, number, sealed FROM placeholders WHERE owner = ? AND expires > ?", (owner, clock.now_ns())
        )
        box, found = Fernet(self._key()) if rows else None, dict[tuple[str, str], int]()
        for kind, number, sealed in rows:
            assert box is not None
            try:
                found[kind, box.decrypt(bytes(sealed)).decode()] = int(number)
            except InvalidToken:  # of a key that is no more: it is as if the session had forgotten it
                continue
        return found

    def add(self, owner: str, kind: str, value: str) -> int:
        """The number of a value, also where another process gave it one at the same time."""
        from cryptography.fernet import Fernet

        now, key = clock.now_ns(), self._key()
        mac = hmac.digest(key, f"{owner}\0{kind}\0{value}".encode("utf-8", "surrogatepass"), "sha256")
        expires = now + int(self.lasts * 1e9)
        with self._store().write([int(owner[:7], 16)]) as tx:
            tx.execute("DELETE FROM placeholders WHERE expires < ?", (now,))
            rows = tx.query("SELECT number FROM placeholders WHERE owner = ? AND mac = ?", (owner, mac))
            if rows:
                tx.execute("UPDATE placeholders SET expires = ? WHERE owner = ?", (expires, owner))
                return int(rows[0][0])
            last = tx.query("SELECT MAX(number) FROM placeholders WHERE owner = ? AND kind = ?", (owner, kind))
            number = int(last[0][0] or 0) + 1
            tx.execute(
                "INSERT INTO placeholders (owner, kind, number, mac, sealed, expires) VALUES (?, ?, ?, ?, ?, ?)",
                (owner, kind, number, mac, Fernet(key).encrypt(value.encode("utf-8", "replace")), expires),
            )
            tx.execute("UPDATE placeholders SET expires = ? WHERE owner = ?", (expires, owner))
        return number
