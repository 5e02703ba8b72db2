"""Short numbers for names that repeat on every run: routes, models, keys, statuses. One number per project and name."""

from outrider.store import Tx

_MOST_CACHED = 100_000
_LONGEST = 256


class Names:
    """Gives numbers inside a write transaction and remembers them. After a rollback call `forget`.

    Numbers are never given up, so every projection can be dropped and built again with the same ones.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, str], int] = {}
        self._classes: dict[tuple[int, str, int], int] = {}
        self.combined: dict[tuple[str, ...], tuple[int | None, ...]] = {}
        """For callers: the numbers of several names at once, by those names. Emptied with everything else."""
        self.sized: dict[tuple[int, ...], tuple[int, int, int | None]] = {}
        """For callers: the numbers of several size classes at once, by project and classes. Emptied likewise."""

    def forget(self) -> None:
        self._known.clear()
        self._classes.clear()
        self.combined.clear()
        self.sized.clear()

    def size_class(self, tx: Tx, project: int, field: str, class_: int) -> int:
        """The number of a size class."""
        found = self._classes.get((project, field, class_))
        if found is None:
            found = self._classes[project, field, class_] = self.number(tx, project, field, str(class_))
        return found

    def project(self, tx: Tx, name: str) -> int:
        """The number of a project."""
        return self.number(tx, 0, "project", name)

    def number(self, tx: Tx, project: int, field: str, value: str) -> int:
        """The number of `value` (cut at 256 characters) as `field` in a project, given now if it is new."""
        found = self._known.get((project, field, value))
        if found is not None:
            return found
        short = value[:_LONGEST]
        rows = tx.query("SELECT id FROM names WHERE project = ? AND field = ? AND value = ?", (project, field, short))
        if rows:
            number = int(rows[0][0])
        else:
            number = int(tx.query("SELECT coalesce(max(id), 0) + 1 FROM names")[0][0])
            tx.execute(
                "INSERT INTO names (id, project, field, value) VALUES (?, ?, ?, ?)", (number, project, field, short)
            )
        if len(self._known) + len(self.combined) + len(self.sized) >= _MOST_CACHED:
            self.forget()
        self._known[project, field, value] = number
        return number


def clean(text: str, longest: int = 1 << 30) -> str:
    """Text that both databases take: PostgreSQL refuses NUL."""
    return (text.replace("\0", "") if "\0" in text else text)[:longest]
