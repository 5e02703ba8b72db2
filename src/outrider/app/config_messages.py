"""Where messages to people go, wherever that is set."""

import importlib.util
import re
from collections.abc import Iterator, Sequence

from outrider.app.config_values import REFERENCE, Secret

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


def problems_of(notify: Sequence[Secret]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with the URLs of a `notify`, and where."""
    for index, url in enumerate(notify):
        if not REFERENCE.search(url.reference):
            yield (
                ("notify", str(index)),
                "a URL that messages go to is a secret and does not belong in this file; write ${env:NAME} and export "
                "NAME",
            )
        elif not _URL.fullmatch(url.reveal()):
            yield ("notify", str(index)), f"{url.reference} is not a URL such as json://host/path or mailto://…"
    if notify and importlib.util.find_spec("apprise") is None:
        yield ("notify",), "messages need the library apprise: pip install 'outrider[alarms]'"
