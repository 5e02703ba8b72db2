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
from outrider.policy.slack import Slack

_HTTP = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_WEBHOOK = re.compile(r"https://[^\s/?#@]+/\S*|http://(?:127\.0\.0\.1|localhost)(?::\d+)?/\S*")
"""In the open only on this machine."""
_MEMBER = re.compile(r"[UW][A-Z0-9]{2,30}")


class SlackButtons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An app of Slack whose messages have buttons. Make one for this alone, and give no agent a token of it."""

    webhook: Annotated[Secret, Meta(description="The app's incoming webhook, by reference: `${env:SLACK_WEBHOOK}`.")]
    secret: Annotated[
        Secret, Meta(description="The app's signing secret, by reference: `${env:SLACK_SIGNING_SECRET}`.")
    ]
    people: Annotated[
        dict[str, str],
        Meta(
            description="Who decides by a button: Slack's ids of members (`U012AB3CD`) and the names that the record "
            "has of them, which are also compared with the call's user.",
        ),
    ]


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

    slack: Annotated[
        SlackButtons | None,
        Meta(description="Messages with buttons in Slack, beside `notify`; null: none."),
    ] = None

    def terms(self) -> Terms:
        """The same for the approvals themselves."""
        return Terms(frozenset(self.separation), int(self.lasts * 1e9))

    def buttons(self) -> Slack | None:
        """Slack, as approvals know it."""
        given = self.slack
        return Slack(given.webhook.reveal(), given.secret.reveal(), given.people) if given is not None else None


def problems_of(approvals: Approvals) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where something is wrong, and what."""
    yield from config_messages.problems_of(approvals.notify)
    if approvals.url and not _HTTP.fullmatch(approvals.url):
        yield ("url",), "write the console's address, such as https://outrider.example"
    if approvals.secret is not None:
        yield from _secret(("secret",), approvals.secret)
    if approvals.slack is not None:
        yield from _slack(approvals.slack)


def _secret(path: tuple[str, ...], secret: Secret) -> Iterator[tuple[tuple[str, ...], str]]:
    if not REFERENCE.search(secret.reference):
        yield path, "a secret does not belong in this file; write ${env:NAME} and export NAME"
    elif len(secret.reveal()) < 16:
        yield path, f"{secret.reference} is too short: take at least 16 random characters"


def _slack(slack: SlackButtons) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from _secret(("slack", "secret"), slack.secret)
    webhook = ("slack", "webhook")
    if not REFERENCE.search(slack.webhook.reference):
        yield webhook, "a webhook is a secret and does not belong in this file; write ${env:NAME} and export NAME"
    elif not _WEBHOOK.fullmatch(slack.webhook.reveal()):
        yield webhook, f"{slack.webhook.reference} is not a URL such as https://hooks.slack.com/services/…"
    if not slack.people:
        yield ("slack", "people"), "name who decides by a button: `people: {U012AB3CD: olga}`"
    for member, name in slack.people.items():
        if not _MEMBER.fullmatch(member):
            yield ("slack", "people", member), "write Slack's id of a member, such as U012AB3CD, and then a name"
        if not name.strip() or len(name) > 200 or not name.isprintable():
            yield ("slack", "people", member), "give the name that the record has of them, in printable characters"
