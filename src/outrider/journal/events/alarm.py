"""Alarms: something wants a person's attention, and whether the message about it went out."""

from typing import Literal

import msgspec

from outrider.base.budget import Measure

What = Literal["fraction", "refusal", "slope", "provider", "quality"]


class AlarmRaised(msgspec.Struct, tag_field="kind", tag="alarm.raised", omit_defaults=True):
    """Raised once for each (`what`, `subject`, `value`, `period`, `level`, `limit`); whoever was first sends it.

    `fraction`: an account of a budget (`subject`, `value`) has used `level` per mille of its `limit`, in the window
    that began at `period` (nanoseconds since the epoch; 0: it never ends, or rolls and `period` is the part of time
    that the alarm holds for). `refusal`: a call did not fit into what is left of an account, of whose `limit` `amount`
    was used; `period` as before. `slope`: it used `amount` in an hour, `level` per mille of the `usual`, on the day
    `period`. `provider`: deployment `subject` has been refused calls since `period`. `quality`: scores of live traffic
    by the rule `subject` and the evaluator `value` changed with a run that began at `period`, from `usual` to `level`
    per mille, as `amount` scores say; of a measure both are medians in thousandths of its `unit` (`$`: nano-dollars;
    `1`: a plain number). Amounts are in the unit of `measure`. `by` is the id of the spool whose indexer raised it and
    sends it.
    """

    id: bytes
    what: What
    subject: str
    at: int
    value: str = ""
    period: int = 0
    level: int = 0
    limit: int = 0
    amount: int = 0
    usual: int = 0
    measure: Measure = "money"
    by: str = ""
    unit: str = ""
    v: int = 1


class AlarmSent(msgspec.Struct, tag_field="kind", tag="alarm.sent", omit_defaults=True):
    """What became of the message about an alarm: how many places took it, how many did not, and why (never a URL)."""

    id: bytes
    at: int
    delivered: int = 0
    failed: int = 0
    error: str = ""
    v: int = 1
