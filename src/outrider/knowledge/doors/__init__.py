"""What is looked at before a document comes in. One file per check, found by its name: `check(parsed, context)` gives a
note or None, and the collection's policy says what a note does.

A policy is a word: `ignore` (the check is not made), `note` (it is told with the document), `label` (told, and the
document is untrusted), `quarantine` (it is kept and not searched), `refuse` (it does not come in). What a check needs
to know may follow: `language: quarantine en de`, `age: note 730`. Without a policy a check has its own `POLICY`.
"""

from collections.abc import Mapping

from outrider.base import plugins
from outrider.base.errors import RequestError, Unreadable
from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.doors._shapes import Near
from outrider.knowledge.records import Draft, Fetched, Trust

__all__ = ["Context", "Near", "Note", "check_policy", "checks", "through"]

WORDS = ("ignore", "note", "label", "quarantine", "refuse")


def checks() -> list[str]:
    """Names of all checks."""
    return plugins.names(__name__)


def check_policy(policy: Mapping[str, str]) -> None:
    """Raises RequestError (400) for a check or a word that there is not."""
    for name, told in policy.items():
        if name not in checks():
            raise RequestError(
                f"no check {name!r} at the door; there are: {', '.join(checks())}", param=f"doors.{name}"
            )
        word, *rest = told.split() or [""]
        if word not in WORDS:
            raise RequestError(f"no policy {word!r}; there are: {', '.join(WORDS)}", param=f"doors.{name}")
        if fault := getattr(plugins.load(__name__, name), "fault", lambda words: "")(rest):
            raise RequestError(f"{name}: {fault}", param=f"doors.{name}")


def through(draft: Draft, policy: Mapping[str, str], fetched: Fetched | None = None, near: Near | None = None) -> Draft:
    """The draft with its notes, language and trust. Raises Unreadable where the policy refuses it."""
    for name in checks():
        check = plugins.load(__name__, name)
        word, *rest = (policy.get(name) or check.POLICY).split()
        if word == "ignore":
            continue
        context = Context(draft.source, fetched, tuple(rest), near, draft.meta, draft.readers)
        found: Note | None = check.check(draft.parsed, context)
        if found is None:
            continue
        if word == "refuse":
            raise Unreadable(f"The collection's policy refuses it ({name}): {found.told}")
        draft.notes = {**draft.notes, name: found.told}
        draft.trust = _lower(draft.trust, word)
    if near is not None:
        near.add(draft.source, draft.parsed.text, draft.readers)
    return draft


def _lower(trust: Trust, word: str) -> Trust:
    if word == "quarantine" or trust == "quarantined":
        return "quarantined"
    return "untrusted" if word == "label" else trust
