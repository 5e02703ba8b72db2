"""The settings of alarms: who is told."""

import importlib.util
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.app.config_values import REFERENCE, Duration, Secret

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


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
    for index, url in enumerate(alarms.notify):
        if not REFERENCE.search(url.reference):
            yield (
                ("notify", str(index)),
                "a URL that messages go to is a secret and does not belong in this file; write ${env:NAME} and export "
                "NAME",
            )
        elif not _URL.fullmatch(url.reveal()):
            yield ("notify", str(index)), f"{url.reference} is not a URL such as json://host/path or mailto://…"
    if alarms.notify and importlib.util.find_spec("apprise") is None:
        yield ("notify",), "messages need the library apprise: pip install 'outrider[alarms]'"
