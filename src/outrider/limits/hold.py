"""What one call holds on the accounts that cover it: made by the ledger, grown for a further attempt, settled once."""

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.base.budget import Amount
from outrider.base.errors import JournalFull
from outrider.journal.events import Charge
from outrider.limits.account import GONE_BELOW, Account
from outrider.limits.held import Brief, Form, Held, Note

if TYPE_CHECKING:
    from outrider.limits.ledger import Ledger


class Hold(msgspec.Struct, eq=False, gc=False):
    """What one call holds on its accounts. Ends with `settle` and then `done`, or with `release`."""

    _ledger: "Ledger"
    run: bytes
    accounts: tuple[Account, ...]
    _needs: list[int]
    _note: Note | Brief
    _cell: int = 0
    _spent: list[int] | None = None

    @property
    def holder(self) -> str:
        """Whose leases pay: the name of this life of this process."""
        return self._ledger.holder

    def begun(self, amount: Amount) -> "Hold":
        """Itself, when it is in the file of holds. Raises JournalFull, and then nothing is held."""
        note = self._note
        try:
            if isinstance(note, tuple) and self._needs:
                self._cell = self._ledger.file.put_brief(note, self.run, amount, self._needs)
            else:
                self.keep(amount)
        except BaseException:
            self.release()
            raise
        return self

    def try_grow(self, total: Amount) -> bool:
        """Hold `total` in all from now on: what was spent so far, and the next worst case. It may be less than before.

        False if memory does not say that there is room; then nothing changed.
        """
        needs = [account.of(total) for account in self.accounts]
        more = [need - has for need, has in zip(needs, self._needs, strict=True)]
        for account, need in zip(self.accounts, more, strict=True):
            if account.gone or need > max(0, account.free):
                return False
        for account, need in zip(self.accounts, more, strict=True):
            self._change(account, need)
        self._grown(needs, total)
        return True

    async def grow(self, total: Amount) -> None:
        """As `try_grow`, borrowing what is missing. Raises as `Ledger.hold`, and then holds what it held before."""
        if self.try_grow(total):
            return
        ledger = self._ledger
        self._revive()
        needs = [account.of(total) for account in self.accounts]
        more = [need - has for need, has in zip(needs, self._needs, strict=True)]
        await ledger.wait(ledger.wait_for(self.accounts, [max(0, need) for need in more], self._needs))
        for account, need in zip(self.accounts, more, strict=True):
            self._change(account, min(0, need))
        self._grown(needs, total)

    def settle(self, spent: Amount, at: int) -> list[Charge]:
        """What the run's record is to say: the charges for `spent`. `at` is the run's own.

        The hold stays until `done`: a process that dies in between has not written the record, and is charged with the
        hold. What was spent beyond the hold is taken from the accounts at once.
        """
        needs, each, charges = self._needs, [], []
        excess, place = False, -1
        for account in self.accounts:
            place += 1
            if account.granted <= GONE_BELOW:
                account = self._revived(place)
            amount = 0 if account.measure == "concurrent" else account.of(spent)
            each.append(amount)
            if amount > needs[place]:
                self._ledger.occupy(account, amount - needs[place])
                needs[place] = amount
                excess = True
            if amount and account.charged:  # as `Account.charge`; this is once per call
                if account.bucket <= at < account.bucket_ends:
                    budget, value, starts = account.key
                    charges.append(Charge(budget, value, starts, account.bucket, amount))
                else:
                    charges.append(account.charge(at, amount))
        self._spent = each
        if excess:
            with contextlib.suppress(JournalFull):  # then the smaller one stands
                self.keep(spent)
        return charges

    def done(self) -> None:
        """The record is written: the charges take the hold's place.

        If it could not be written, do not call this: the money is spent, and the hold becomes a record of its own when
        the process has ended.
        """
        assert self._spent is not None, "settle comes first"
        needs, spent, place = self._needs, self._spent, -1
        for account in self.accounts:  # as `Ledger.let_go`; this is once per call
            place += 1
            account.held -= needs[place]
            account.spent += spent[place]
            if account.waiting:
                self._ledger.serve(account)
        if self._cell:
            self._ledger.file.clear(self._cell)
        self._cell, self.accounts, self._needs = 0, (), []

    def release(self) -> None:
        """No provider was asked: nothing was spent, and nothing is recorded."""
        for account, need in zip(self.accounts, self._needs, strict=True):
            self._ledger.let_go(account, need)
        self._end()

    def keep(self, amount: Amount) -> None:
        """Write the hold into the file of holds. Raises JournalFull (only for very large ones)."""
        if not self.accounts:
            return
        before, note = self._cell, self._note
        if isinstance(note, tuple):
            self._cell = self._ledger.file.put_brief(note, self.run, amount, self._needs)
        else:
            self._cell = self._ledger.file.put(self._whole(note, amount))
        if before:
            self._ledger.file.clear(before)

    def _whole(self, note: Note, amount: Amount) -> Held:
        at, charges = note.at, []
        for place, account in enumerate(self.accounts):
            need = self._needs[place]
            if need and account.charged:
                charges.append(account.charge(at, need))
        return Held(self.run, amount.money, amount.input, amount.output, charges, note)

    def _end(self) -> None:
        if self._cell:
            self._ledger.file.clear(self._cell)
        self._cell, self.accounts, self._needs, self._spent = 0, (), [], None

    def _revive(self) -> None:
        """An account of which nothing was held may have been given up since."""
        for place, account in enumerate(self.accounts):
            if account.gone:
                self._revived(place)

    def _revived(self, place: int) -> Account:
        account = self._ledger.live(self.accounts[place])
        self.accounts = (*self.accounts[:place], account, *self.accounts[place + 1 :])
        return account

    def _change(self, account: Account, more: int) -> None:
        if more > 0:
            self._ledger.occupy(account, more)
        elif more < 0:
            self._ledger.let_go(account, -more)

    def _grown(self, needs: list[int], total: Amount) -> None:
        before, self._needs = self._needs, needs
        try:
            self.keep(total)
        except BaseException:
            self._needs = before
            for account, now, then in zip(self.accounts, needs, before, strict=True):
                self._change(account, then - now)
            raise


def form_of(note: Note, accounts: Sequence[Account]) -> Form:
    """The form of holds with this note on these accounts."""
    places = [place for place, account in enumerate(accounts) if account.charged]
    charges = [Charge(*accounts[place].key, accounts[place].size, 0) for place in places]
    return Form(note, charges, None if len(places) == len(accounts) else places)
