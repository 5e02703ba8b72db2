"""Units of figures: what they are called, and what of them is the same measure (90 minutes and 1.5 hours)."""

from decimal import Decimal

SCALES = {
    "hundred": 100, "thousand": 1000, "k": 1000, "tsd": 1000, "million": 10**6, "millions": 10**6, "mn": 10**6,
    "mio": 10**6, "mm": 10**6, "billion": 10**9, "billions": 10**9, "bn": 10**9, "b": 10**9, "mrd": 10**9,
    "trillion": 10**12, "trillions": 10**12, "t": 10**12, "lakh": 10**5, "crore": 10**7, "thousands": 1000,
    "m": 10**6,
}  # fmt: skip
"""What a number is multiplied by. The short ones only where nothing but a scale makes sense: see `figures`."""
SYMBOLS = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr", "₩": "krw", "US$": "usd", "C$": "cad",
           "A$": "aud", "S$": "sgd", "R$": "brl"}  # fmt: skip
"""Currency signs that stand beside a number."""

_ALIASES = {
    "usd": "usd dollar dollars $", "eur": "eur euro euros €", "gbp": "gbp pound pounds sterling", "jpy": "jpy yen",
    "inr": "inr rupee rupees rs", "cad": "cad", "aud": "aud", "chf": "chf franken", "sgd": "sgd", "brl": "brl",
    "krw": "krw won", "cny": "cny rmb yuan", "usc": "cent cents ¢",
    "%": "% percent percents prozent pct", "pp": "pp pps percentage-point percentage-points",
    "bps": "bps basis-point basis-points",
    "x": "x × times fold -fold x-fold",
    "ns": "ns nanosecond nanoseconds", "us": "us µs μs microsecond microseconds",
    "ms": "ms msec msecs millisecond milliseconds", "s": "s sec secs second seconds", "min": "min mins minute minutes",
    "h": "h hr hrs hour hours", "d": "day days", "wk": "week weeks", "mo": "month months", "y": "year years yr yrs",
    "B": "bytes byte", "kB": "kb kilobyte kilobytes", "MB": "mb megabyte megabytes", "GB": "gb gigabyte gigabytes",
    "TB": "tb terabyte terabytes", "PB": "pb petabyte petabytes", "KiB": "kib", "MiB": "mib", "GiB": "gib",
    "g": "gram grams", "kg": "kg kilogram kilograms kilo kilos", "lb": "lb lbs", "ton": "tonne tonnes tons",
    "mm": "millimetre millimetres millimeter millimeters", "cm": "cm centimetre centimetres centimeter centimeters",
    "metre": "metre metres meter meters", "km": "km kilometre kilometres kilometer kilometers",
    "mile": "mile miles", "ft": "ft feet foot", "°C": "°c", "°F": "°f", "W": "watt watts", "kW": "kw", "MW": "mw",
    "kWh": "kwh", "MWh": "mwh", "GWh": "gwh", "Hz": "hz hertz", "kHz": "khz", "MHz": "mhz", "GHz": "ghz",
    "rps": "rps req/s requests/second requests/s", "qps": "qps", "tps": "tps", "fps": "fps",
}  # fmt: skip
NAMES = {alias: unit for unit, aliases in _ALIASES.items() for alias in aliases.split()}
"""Canonical unit by the words for it, in lower case."""

_MEASURES: dict[str, tuple[str, Decimal]] = {
    **{u: ("time", Decimal(f)) for u, f in (("ns", "1e-9"), ("us", "1e-6"), ("ms", "1e-3"), ("s", "1"), ("min", "60"),
                                            ("h", "3600"), ("d", "86400"), ("wk", "604800"))},
    "mo": ("months", Decimal(1)), "y": ("months", Decimal(12)),
    **{u: ("bytes", Decimal(f)) for u, f in (("B", "1"), ("kB", "1e3"), ("MB", "1e6"), ("GB", "1e9"), ("TB", "1e12"),
                                             ("PB", "1e15"), ("KiB", "1024"), ("MiB", "1048576"),
                                             ("GiB", "1073741824"))},
    "g": ("kg", Decimal("1e-3")), "kg": ("kg", Decimal(1)), "ton": ("kg", Decimal(1000)),
    "mm": ("metre", Decimal("1e-3")), "cm": ("metre", Decimal("1e-2")), "metre": ("metre", Decimal(1)),
    "km": ("metre", Decimal(1000)),
    "usc": ("usd", Decimal("0.01")), "bps": ("pp", Decimal("0.01")),
    "W": ("watt", Decimal(1)), "kW": ("watt", Decimal(1000)), "MW": ("watt", Decimal("1e6")),
    "kWh": ("wh", Decimal(1000)), "MWh": ("wh", Decimal("1e6")), "GWh": ("wh", Decimal("1e9")),
    "Hz": ("hz", Decimal(1)), "kHz": ("hz", Decimal(1000)), "MHz": ("hz", Decimal("1e6")),
    "GHz": ("hz", Decimal("1e9")),
}  # fmt: skip


def measure(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Value and unit so that equal amounts are equal: times in seconds, spans of months in months, sizes in bytes."""
    kind = _MEASURES.get(unit)
    return (value, unit) if kind is None else (value * kind[1], kind[0])
