"""Outrider: the production layer between an application and the models and tools it calls.

Importing this package does no work: no network, no thread, no file.
"""

from typing import Any

__version__ = "0.1.0"

__all__ = ["__version__", "tool"]

_MARK = "__outrider_tool__"


def tool(
    function: Any = None,
    /,
    *,
    name: str = "",
    title: str = "",
    description: str = "",
    timeout: float | None = None,
    instructions: str = "",
    **labels: Any,
) -> Any:
    """Mark a function as a tool that Outrider offers to agents (`tools.servers.NAME.python`).

    Arguments and result get their schemas from the annotations, the description is the docstring. `timeout` is seconds.
    `instructions` are shown to the model beside each result, as your words. `labels` say what it returns and does:
    `trust="trusted"`, `privacy="public"`, `does="none"`, `steers={"to": "recipient"}` and the others of
    docs/concepts/policy.md; undeclared means untrusted, private and external. Use it bare or with arguments.
    """

    def mark(marked: Any) -> Any:
        said = {"name": name, "title": title, "description": description, "timeout": timeout}
        setattr(marked, _MARK, {**said, "instructions": instructions, "labels": labels})
        return marked

    return mark if function is None else mark(function)
