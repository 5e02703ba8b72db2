"""Reading alarms from the store, and the sums that they are judged by."""

from outrider.journal.events import AlarmRaised
from outrider.journal.rows import AlarmRow
from outrider.store import Store

_AT_ONCE = 500
_COLUMNS = "id, what, subject, at, value, period, level, most, amount, usual, measure, maker, unit"


def list_alarms(store: Store, *, subject: str = "", limit: int = 100) -> list[AlarmRow]:
    """The newest alarms (about one budget or deployment), newest first."""
    where, params = (" WHERE subject = ?", (subject, limit)) if subject else ("", (limit,))
    sql = f"SELECT {_COLUMNS}, sent_at, delivered, failed, error FROM alarms{where} ORDER BY at DESC LIMIT ?"
    return [AlarmRow(AlarmRaised(*row[:13]), *row[13:]) for row in store.query(sql, params)]


def unsent_alarms(store: Store, maker: str, *, limit: int = 500) -> list[AlarmRaised]:
    """Alarms that `maker` raised first and has not sent yet, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM alarms WHERE maker = ? AND sent_at = 0 ORDER BY at LIMIT ?"
    return [AlarmRaised(*row) for row in store.query(sql, (maker, limit))]


def raised(store: Store, what: str, subject: str, period: int) -> set[tuple[str, int, int]]:
    """(value, level, limit) of the alarms that exist about a subject in one period."""
    sql = "SELECT value, level, most FROM alarms WHERE what = ? AND subject = ? AND period = ?"
    return {(value, level, most) for value, level, most in store.query(sql, (what, subject, period))}


def spent(store: Store, budget: str, starts: int, since: int, least: int) -> list[tuple[str, int]]:
    """(value, amount) of the accounts of a budget that have spent at least `least` in the window that began at
    `starts`, in buckets from `since` on."""
    sql = (
        "SELECT value, sum(amount) FROM budget_spent WHERE budget = ? AND starts = ? AND bucket >= ?"
        " GROUP BY value HAVING sum(amount) >= ?"
    )
    return [(value, int(amount)) for value, amount in store.query(sql, (budget, starts, since, least))]


def refused(store: Store, budget: str, starts: int, since: int, after: int) -> list[tuple[str, int, int]]:
    """(value, when last, amount spent) of the accounts of a budget that refused calls after a time, in the window that
    began at `starts`; spent in buckets from `since` on."""
    found = store.query(
        "SELECT value, refused_at FROM budget_spent WHERE budget = ? AND starts = ? AND refused_at > ? AND refused > 0",
        (budget, starts, after),
    )
    last: dict[str, int] = {}
    for value, at in found:
        last[value] = max(last.get(value, 0), int(at))
    values = sorted(last)
    amounts: dict[str, int] = {}
    for at in range(0, len(values), _AT_ONCE):
        part = values[at : at + _AT_ONCE]
        sql = (
            "SELECT value, sum(amount) FROM budget_spent WHERE budget = ? AND starts = ? AND bucket >= ?"
            f" AND value IN ({', '.join('?' * len(part))}) GROUP BY value"
        )
        amounts |= {value: int(amount) for value, amount in store.query(sql, (budget, starts, since, *part))}
    return [(value, last[value], amounts.get(value, 0)) for value in values]


def limits_changed(store: Store) -> dict[str, tuple[int, int]]:
    """When each budget that is in force was made, and when it was set or raised last (ns)."""
    sql = (
        "SELECT b.id, b.made_at, max(c.at) FROM budgets b JOIN budget_changes c ON c.budget = b.id"
        " GROUP BY b.id, b.made_at"
    )
    return {budget: (int(made), int(last)) for budget, made, last in store.query(sql)}


def spent_in_hour(store: Store, budget: str, hour: int, least: int) -> list[tuple[str, int]]:
    """(value, amount) of the accounts of a budget that have spent at least `least` in an hour since the epoch."""
    sql = "SELECT value, amount FROM spend_hours WHERE budget = ? AND hour = ? AND amount >= ?"
    return [(value, int(amount)) for value, amount in store.query(sql, (budget, hour, least))]


def hours_of(store: Store, budget: str, value: str, first: int, last: int) -> list[int]:
    """What an account spent in each hour from `first` to `last` in which it spent anything, ascending amounts."""
    sql = (
        "SELECT amount FROM spend_hours WHERE budget = ? AND value = ? AND hour BETWEEN ? AND ? AND amount > 0"
        " ORDER BY amount"
    )
    return [int(amount) for (amount,) in store.query(sql, (budget, value, first, last))]
