"""Numbers and times as people read them: the filters of the templates. Pure."""

import math

from outrider.base import clock, ids


def usd(nano: int) -> str:
    """`$0`, `$0.00042`, `$0.0312`, `$12.40`: small amounts keep three significant digits."""
    if nano == 0:
        return "$0"
    dollars = nano / 1e9
    if dollars >= 1:
        return f"${dollars:,.2f}"
    if nano < 1000:
        return "<$0.000001"
    if dollars >= 0.01:
        return f"${dollars:.3f}".removesuffix("0")
    places = 2 - math.floor(math.log10(dollars))
    return "$" + f"{dollars:.{places}f}".rstrip("0")


def span(ns: int) -> str:
    """`0.42 ms`, `412 ms`, `3.42 s`, `2 m 05 s`, `1 h 12 m`; `–` for none."""
    if ns <= 0:
        return "–"
    ms = ns / 1e6
    if ms < 9.95:
        return f"{ms:.2f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_995:
        return f"{ms / 1000:.2f} s"
    seconds = round(ms / 1000)
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02d} s"
    return f"{seconds // 3600:,} h {seconds % 3600 // 60:02d} m"


def count(number: int) -> str:
    """`1,234`; from 100,000 on `123k`, `4.5M`."""
    if number < 100_000:
        return f"{number:,}"
    if number < 999_500:
        return f"{number / 1000:.0f}k"
    if number < 999_500_000:
        return f"{number / 1e6:.3g}M"
    return f"{number / 1e9:,.3g}G"


def size(number: int) -> str:
    """Bytes as `812 B`, `20.4 kB`, `3.1 MB`."""
    if number < 1000:
        return f"{number} B"
    if number < 999_950:
        return f"{number / 1000:.1f} kB"
    return f"{number / 1e6:,.1f} MB"


def percent(part: int, whole: int) -> str:
    if whole == 0:
        return "–"
    share = 100 * part / whole
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"


def utc(ns: int) -> str:
    """`Nov 22 14:03:22`, UTC; the browser turns it into local time."""
    text = clock.iso(ns)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{months[int(text[5:7]) - 1]} {int(text[8:10])} {text[11:19]}"


def uuid(id_: bytes) -> str:
    """A run's id as text; hexadecimal for ids of another length."""
    return ids.text(id_) if len(id_) == 16 else id_.hex()


def hex_(digest: bytes) -> str:
    return digest.hex()


FILTERS = {
    "usd": usd,
    "span": span,
    "count": count,
    "size": size,
    "utc": utc,
    "iso": clock.iso,
    "uuid": uuid,
    "hex": hex_,
}
