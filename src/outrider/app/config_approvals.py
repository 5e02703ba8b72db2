"""The settings of approvals: who may decide, how long a call waits, who is told."""

import re
from collections.abc import Iterator
from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from outrider.app import config_messages
from outrider.app.config_values import REFERENCE, Duration, Secret
from outrider.policy.declarations import Effect
from outrider.policy.pending import Terms

_HTTP = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")


class Approvals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that wait for a person. The agent itself, and the key that it calls with, never decide."""

    separation: Annotated[
        tuple[Effect, ...],
        Meta(
            description="Effects for which the agent's own user does not decide either, but somebody else. Usually "
            "all; `[destructive, money, credentials]` lets users decide about the rest by themselves."
        ),
    ] = get_args(Effect)
    lasts: Annotated[
        Annotated[Duration, Meta(ge=60.0, le=604_800.0)],
        Meta(description="How long a call waits for an answer, and how long an approval may be used."),
    ] = 3600.0
    notify: Annotated[
        tuple[Secret, ...],
        Meta(
            description="Who is told of calls that wait, as URLs by reference such as `${env:APPROVALS_URL}`: webhooks "
            "(`json://…`), e-mail (`mailto://…`), chats (`slack://…`, `msteams://…`, …)."
        ),
    ] = ()
    url: Annotated[
        str,
        Meta(description="Where people reach the console, for links in messages. Empty: this server's own address."),
    ] = ""
    secret: Annotated[
        Secret | None,
        Meta(description="Signs answers that come without a key, from a webhook or a chat; null: none are taken."),
    ] = None

    def terms(self) -> Terms:
        """The same for the approvals themselves."""
        return Terms(frozenset(self.separation), int(self.lasts * 1e9))


def problems_of(approvals: Approvals) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where something is wrong, and what."""
    yield from config_messages.problems_of(approvals.notify)
    if approvals.url and not _HTTP.fullmatch(approvals.url):
        yield ("url",), "write the console's address, such as https://outrider.example"
    if approvals.secret is not None:
        if not REFERENCE.search(approvals.secret.reference):
            yield ("secret",), "a secret does not belong in this file; write ${env:NAME} and export NAME"
        elif len(approvals.secret.reveal()) < 16:
            yield ("secret",), f"{approvals.secret.reference} is too short: take at least 16 random characters"
