"""The settings of alarms: who is told."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.app import config_messages
from outrider.app.config_values import Duration, Secret


class Alarms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told when a budget's alarm is raised or a deployment is down. `outrider alarms test` tries it."""

    notify: Annotated[
        tuple[Secret, ...],
        Meta(
            description="Where messages go, as URLs by reference such as `${env:ALARM_URL}`: webhooks (`json://…`), "
            "e-mail (`mailto://…`), chats (`slack://…`, `msteams://…`, …)."
        ),
    ] = ()
    down: Annotated[
        Annotated[Duration, Meta(ge=1.0)] | None,
        Meta(description="How long calls to a deployment are held back before that is an alarm; null: never."),
    ] = 300.0


def problems_of(alarms: Alarms) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where something is wrong, and what."""
    yield from config_messages.problems_of(alarms.notify)
