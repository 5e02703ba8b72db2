"""What is kept of results: values and texts, what trusted fields had, and which fields only say how a thing stands."""

from collections.abc import Sequence

import msgspec

from outrider.policy.origins import Found, Loosely, Origin

STATES = frozenset(
    ("status", "state", "stage", "step", "phase", "outcome", "result", "priority", "kind", "type", "category")
)
"""Fields that say how a thing stands, and not what it is."""
NAMES = frozenset(("name", "display_name", "full_name", "company", "company_name", "organisation", "organization",
                   "customer", "client", "supplier", "vendor", "contact", "tenant", "guest", "patient", "member",
                   "owner", "firm", "business", "merchant", "payee", "donor", "partner", "staff", "employee",
                   "assignee", "requester", "reporter", "organizer", "organiser", "colleague", "manager", "driver",
                   "teacher", "candidate", "applicant", "attendee", "lender", "borrower"))  # fmt: skip
"""Fields that name somebody: by the first word of it, too (`Rapidflow` of `Rapidflow Plumbing & Heating`)."""
SEVERAL = NAMES | {"role", "position", "department", "attention", "attn", "representative"}
"""Fields of which each part between commas may name somebody: `customer, Ingrid Sæther, lamps`."""
_MOST = 200
"""Values of one field that are kept."""


class Value(msgspec.Struct, gc=False):
    """Where a result had a value, and in which of its records."""

    origin: Origin
    step: int
    tool: str
    record: int
    private: bool = False
    key: str = ""

    def found(self, origin: Origin, by: str, loosely: Loosely = "") -> Found:
        return Found(origin, self.step, self.tool, by, key=self.key, loosely=loosely)


class Text(msgspec.Struct, gc=False):
    """What a result says; `given` is what its tool was called with."""

    text: str
    step: int
    tool: str
    private: bool = False
    given: Sequence[str] = ()


class Fields:
    """What trusted fields of results had, by tool and name."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], dict[str, None]] = {}

    def add(self, tool: str, key: str, value: str) -> None:
        known = self._known.setdefault((tool, key), {})
        if key and len(known) < _MOST:
            known[value] = None

    def take(self, other: "Fields") -> None:
        """Know another session's, too."""
        for (tool, key), values in other._known.items():
            for value in values:
                self.add(tool, key, value)

    def of(self, tool: str, key: str) -> list[str]:
        """The values (plain) of one field."""
        return list(self._known.get((tool, key), ()))
