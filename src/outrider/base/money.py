"""Exact money: integers in nano-dollars (1e-9 USD). No float ever holds an amount."""

from decimal import ROUND_HALF_EVEN, Decimal

NANO = 1_000_000_000


def nano(usd: Decimal | str | int) -> int:
    """Nano-dollars from a dollar amount, rounded half to even."""
    return int((Decimal(usd) * NANO).to_integral_value(ROUND_HALF_EVEN))


def usd(amount: int) -> str:
    """Dollars as plain decimal text without needless zeros: `usd(1_500_000) == "0.0015"`."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    whole, rest = divmod(amount, NANO)
    return f"{sign}{whole}.{rest:09d}".rstrip("0").rstrip(".")
