"""The ledger of one process: what calls hold and spend on the accounts of budgets. In memory; no I/O but the file of
holds, which is mapped.

Reserve, then settle: before an attempt its worst case is held on every account that covers the call; when the run's
record is written, the charges in it take the hold's place. Room is borrowed from the lease store through `asks`, `take`
and `failed`, which the borrower calls; nothing here waits or knows of databases. Everything runs on one thread.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import islice

from outrider.base import clock
from outrider.base.budget import Amount, Budget, Subject
from outrider.base.errors import RequestError
from outrider.limits import windows
from outrider.limits.account import GONE, NEVER, Account, Stand, Waiter, account_value
from outrider.limits.held import Brief, Note
from outrider.limits.hold import Hold
from outrider.limits.holds import HoldFile
from outrider.limits.leases import Ask, Given, Key
from outrider.limits.refusal import recovering, refusal, unavailable
from outrider.limits.rules import Rules

PATIENCE_NS = 1_000_000_000
"""How long a call waits for others to give back what they have free, or for what the dead held."""

IDLE_SWEEPS = 2  # of a second each, without a call: then what is free goes back
_FEW = 8  # worst cases: with less than that borrowed, no more is borrowed ahead
_MOST_WAITING_AT_ONCE = 256
_LONGEST_WAIT = 5.0
_MOST_KNOWN = 10_000


class Ledger:
    """`wake` is called when there is something to ask the lease store. `use` replaces the rules."""

    def __init__(self, file: HoldFile, rules: Rules, wake: Callable[[], None] = lambda: None) -> None:
        self.file, self.rules, self.wake, self.holder = file, rules, wake, file.holder
        self.away = False  # the lease store could not be used when it was asked last
        self._current: dict[tuple[str, str], Account] = {}
        self._known: dict[Hashable, tuple[tuple[Account, ...], int]] = {}  # what `covering` said, and until when
        self._by_key: dict[Key, Account] = {}
        self._due: list[Account] = []
        self._again: list[Account] = []
        self._number = 0

    @property
    def lends(self) -> bool:
        """Whether something is borrowed, so that others may ask for it back."""
        return bool(self._by_key)

    @property
    def waits(self) -> bool:
        """Whether others were asked to give back, for calls that wait."""
        return bool(self._again)

    def use(self, rules: Rules) -> None:
        """Take over changed budgets. What is free of a limit that was lowered goes back at once."""
        self.rules = rules
        self._current.clear()
        self._known.clear()
        self.file.forget_forms()
        now = clock.now_ns()
        for account in list(self._by_key.values()):
            account.adopt(rules.budgets.get(account.key.budget, account.budget), account.ends)
            if rules.limit_of(account.budget, account.key.value, now) < account.limit:
                self._give_back(account)

    def known(self, mark: Hashable) -> tuple[Account, ...] | None:
        """What `covering` said of a subject with this mark (`Rules.known_by`); None: ask it."""
        found = self._known.get(mark)
        return found[0] if found is not None and clock.now_ns() < found[1] else None

    def covering(self, subject: Subject, run: bytes) -> tuple[Account, ...]:
        """The accounts that cover a call; `run` is its run id. Empty when no budget does."""
        rules, now = self.rules, clock.now_ns()
        if rules.known_by is None:
            return self._covering(subject, now, run)[0]
        if (known := self._known.get(key := rules.known_by(subject))) is None or now >= known[1]:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = self._covering(subject, now, run)
        return known[0]

    def _covering(self, subject: Subject, now: int, run: bytes) -> tuple[tuple[Account, ...], int]:
        """The accounts, and until when they are the right ones."""
        found = tuple([self._find(budget, value, now, run) for budget, value in self.rules.covering(subject)])
        return found, min([account.ends for account in found], default=NEVER)

    def try_hold(self, run: bytes, accounts: tuple[Account, ...], amount: Amount, note: Note | Brief) -> Hold | None:
        """Hold `amount` on all accounts if memory says that there is room; else None, and nothing is held."""
        needs: list[int] = []
        for account in accounts:  # as `occupy`; this is once per call
            held = account.held + (need := account.of(amount))
            left = account.granted - account.spent - held
            if left < 0:
                for before, has in zip(accounts, needs, strict=False):
                    before.held -= has
                return None
            account.held, account.touched = held, True
            if need > account.worst:
                account.worst = need
            if left < account.low:
                self._ask_about(account)
            needs.append(need)
        return Hold(self, run, accounts, needs, note).begun(amount)

    async def hold(self, run: bytes, accounts: tuple[Account, ...], amount: Amount, note: Note | Brief) -> Hold:
        """As `try_hold`, borrowing what is missing. Raises BudgetExceeded, or RequestError 503 `limits_unavailable`."""
        held = self.try_hold(run, accounts, amount, note)
        if held is not None:
            return held
        accounts = tuple([self.live(account) for account in accounts])
        needs = [account.of(amount) for account in accounts]
        await self.wait(self.wait_for(accounts, needs, [0] * len(needs)))
        return Hold(self, run, accounts, needs, note).begun(amount)

    def snapshot(self) -> list[Stand]:
        """What this process has borrowed, holds and has spent since, by account."""
        return [Stand(a.key, a.measure, a.limit, a.granted, a.held, a.spent) for a in self._by_key.values()]

    # -- waiting for room -----------------------------------------------------------------------------------------

    def wait_for(self, accounts: Sequence[Account], needs: Sequence[int], has: Sequence[int]) -> Waiter:
        """Hold `needs` where there is room, and ask for the rest. Done when nothing is `pending`; see `error` then.

        `has` is what the call holds on the accounts already, for the words of a refusal.
        """
        self._number += 1
        waiter = Waiter(list(zip(accounts, needs, strict=True)), has, self._number)
        for account, need in waiter.needs:
            if need <= max(0, account.free):
                self.occupy(account, need)
            else:
                waiter.pending.add(account)
                account.waiting.append(waiter)
        for account in list(waiter.pending):
            account.worst = max(account.worst, waiter.need(account))
            if account.local:
                self._refuse(waiter, account)
                break
            self._ask_about(account)
        return waiter

    def cancel(self, waiter: Waiter) -> None:
        """The call does not want it any more: what it held for it is free again."""
        for account, need in waiter.needs:
            if account in waiter.pending:
                account.waiting.remove(waiter)
            else:
                self.let_go(account, need)
        waiter.needs, waiter.pending = [], set()

    async def wait(self, waiter: Waiter) -> None:
        """Until the waiter has all, or is refused. Nothing is held for it when this raises."""
        if waiter.pending and self.away:
            self._refuse(waiter, None)
        if waiter.pending:
            ended = asyncio.get_running_loop().create_future()
            waiter.on_end = lambda: None if ended.done() else ended.set_result(None)
            try:
                async with asyncio.timeout(_LONGEST_WAIT):
                    await ended
            except TimeoutError:
                self.cancel(waiter)
                raise unavailable() from None
            except BaseException:
                self.cancel(waiter)
                raise
        if waiter.error is not None:
            raise waiter.error

    def serve(self, account: Account) -> None:
        """Give what is free to those who wait, in order; who needs more than that is passed by."""
        for waiter in list(account.waiting):
            need = waiter.need(account)
            if need <= account.free:
                account.waiting.remove(waiter)
                waiter.pending.discard(account)
                self.occupy(account, need)
                if not waiter.pending and waiter.on_end is not None:
                    waiter.on_end()

    def _refuse(self, waiter: Waiter, account: Account | None, error: RequestError | None = None) -> None:
        """End a wait without success: for want of room on `account`, by `error`, or because the store is away."""
        if account is None or error is not None:
            waiter.error = error or unavailable()
        else:
            place = next(i for i, (one, _) in enumerate(waiter.needs) if one is account)
            has = waiter.has[place]
            waiter.error = refusal(account, waiter.needs[place][1] + has, has)
        self.cancel(waiter)
        if waiter.on_end is not None:
            waiter.on_end()

    # -- accounts -------------------------------------------------------------------------------------------------

    def _find(self, budget: Budget, value: str, now: int, run: bytes) -> Account:
        if (current := self._current.get((budget.id, value))) is not None and now < current.ends:
            return current
        starts = windows.start(budget.window, budget.zone, now)
        ends = windows.resets_at(budget.window, budget.zone, now) or NEVER
        key = Key(budget.id, account_value(value), starts)
        if budget.window == "run" and value == run.hex():
            return self._alone(Account(key, value, budget), now)
        account = self._by_key.get(key)
        if account is None:
            account = self._by_key[key] = Account(key, value, budget, ends)
        account.adopt(budget, ends)
        self._current[budget.id, value] = account
        return account

    def _alone(self, account: Account, now: int) -> Account:
        """An account that nobody else can use: all of its limit is here."""
        account.local, account.charged = True, False
        account.granted = account.limit = self.rules.limit_of(account.budget, account.key.value, now)
        return account

    def live(self, account: Account) -> Account:
        """The account itself, or the one that has come in its place since it was given up."""
        if not account.gone:
            return account
        found = self._by_key.get(account.key)
        if found is None:
            found = self._by_key[account.key] = Account(account.key, account.value, account.budget, account.ends)
        return found

    def occupy(self, account: Account, need: int) -> None:
        """Hold `need` more of what is free; borrow ahead when little is left."""
        account.held += need
        account.touched = True
        if need > account.worst:
            account.worst = need
        if account.granted - account.spent - account.held < account.low:
            self._ask_about(account)

    def let_go(self, account: Account, need: int, spent: int = 0) -> None:
        """Hold `need` less, of which `spent` was spent."""
        account.held -= need
        account.spent += spent
        if account.waiting:
            self.serve(account)

    def _ask_about(self, account: Account) -> None:
        if account.due or account.local or account.gone:
            return
        account.due = True
        if not account.busy:
            self._due.append(account)
            self.wake()

    def _give_back(self, account: Account, answers: int = 0) -> None:
        """Give back what is free, also as the answer to a question of others."""
        if account.busy:
            account.answer = max(account.answer or 0, answers)
            return
        account.answers = max(account.answers, answers)
        account.granted -= max(0, account.free)
        account.low, account.ahead = 0, False
        self._ask_about(account)

    def _drop(self, account: Account) -> None:
        """Forget an account that has nothing. Calls that still point to it find that it has no room: see `_live`."""
        del self._by_key[account.key]
        self._known.clear()
        if self._current.get((account.key.budget, account.value)) is account:
            del self._current[account.key.budget, account.value]
        account.granted = GONE

    # -- what the borrower calls ----------------------------------------------------------------------------------

    def asks(self) -> list[tuple[Account, Ask]]:
        """What to ask the lease store now. Every account in it must come back in `take` or `failed`."""
        due, self._due = self._due, []
        now = clock.now_ns()
        return [(account, self._ask(account, now)) for account in due]

    def _ask(self, account: Account, now: int) -> Ask:
        account.due, account.busy = False, True
        account.limit = self.rules.limit_of(account.budget, account.key.value, now)
        waiting = list(islice(account.waiting, _MOST_WAITING_AT_ONCE))
        account.sent_upto = waiting[-1].number if waiting else 0
        if account.asked is None:
            account.asked_upto = account.sent_upto
        ahead, account.ahead = account.ahead or bool(waiting), True
        answers, account.answers = account.answers, 0
        return Ask(
            key=account.key,
            limit=account.limit,
            since=windows.since(account.budget.window, now),
            base=account.base,
            granted=account.granted,
            spent=account.spent,
            free=account.free,
            needs=tuple([waiter.need(account) for waiter in waiting]),
            ahead=ahead and not answers,
            worst=account.worst,
            asked=account.asked,
            answers=answers,
        )

    def take(self, asked: Iterable[tuple[Account, Ask]], given: Iterable[Given]) -> None:
        """The lease store's answers."""
        self.away = False
        now = clock.mono_ns()
        for (account, ask), got in zip(asked, given, strict=True):
            more, account.due = account.due, False
            account.busy = account.unsure = False
            account.base = got.base
            account.granted += got.amount
            account.room, account.indexed, account.told = got.room, got.spent, ask.spent
            account.worst = max(1, ask.worst // 2)
            account.low = account.free // 2 if account.free >= _FEW * ask.worst else 0
            self._answer_waiters(account, got, now)
            if account.answer is not None:
                number, account.answer = account.answer, None
                self._give_back(account, number)
            if more or account.free < account.low:
                self._ask_about(account)

    def _answer_waiters(self, account: Account, got: Given, now: int) -> None:
        """Serve who can be served; refuse who cannot, if that is certain or has taken too long."""
        self.serve(account)
        for waiter in list(account.waiting):
            certain = not got.asked and waiter.number <= min(account.sent_upto, account.asked_upto)
            late = now - waiter.began >= PATIENCE_NS
            if (certain or late) and waiter.need(account) > account.free + got.room:
                dead = not certain and any(self.file.is_beside(holder) for holder in got.asked)
                self._refuse(waiter, account, recovering(account) if dead else None)
        account.asked = got.asked if got.asked and account.waiting else None
        if account.asked is not None:
            self._again.append(account)
        elif account.waiting:
            self._ask_about(account)

    def failed(self, asked: Iterable[tuple[Account, Ask]]) -> None:
        """The lease store is away. What was borrowed can be used; who waits for more is told."""
        self.away = True
        for account, ask in asked:
            account.busy = account.due = False
            account.unsure, account.asked = True, None
            account.answers, account.answer = max(account.answers, account.answer or 0, ask.answers), None
            for waiter in list(account.waiting):
                self._refuse(waiter, None)

    def ask_again(self) -> None:
        """Ask about accounts for which others were asked to give back."""
        again, self._again = self._again, []
        for account in again:
            if account.waiting:
                self._ask_about(account)
            else:
                account.asked = None

    def recalled(self, questions: Iterable[tuple[Key, int]]) -> None:
        """Others want what is free of these accounts."""
        for key, number in questions:
            account = self._by_key.get(key)
            if account is None:
                budget = self.rules.budgets.get(key.budget) or Budget(key.budget, "calls", 0)  # removed since
                account = self._by_key[key] = Account(key, key.value, budget)
            self._give_back(account, number)

    def give_back_all(self) -> None:
        """For the end: what is free of every account goes back."""
        for account in self._by_key.values():
            self._give_back(account)

    def sweep(self) -> None:
        """Once a second: give back what nobody uses, forget accounts that have nothing, try again what failed."""
        now = clock.now_ns()
        for account in list(self._by_key.values()):
            if account.busy or account.due:
                continue
            if account.unsure:
                account.ahead = False
                self._ask_about(account)
            elif self._is_over(account, now):
                self._give_back(account)
            elif not account.held and not account.free and not account.waiting:
                if account.told == account.spent:
                    self._drop(account)
                else:
                    self._give_back(account)

    def _is_over(self, account: Account, now: int) -> bool:
        """Whether what is free should go back: nobody used it for a while, its window ended, or its limit fell."""
        if account.touched:
            account.touched, account.idle = False, 0
        else:
            account.idle += 1
        if account.free < 0:
            return True
        if account.free == 0 or self.away:
            return False
        if account.idle >= IDLE_SWEEPS or now >= account.ends:
            return True
        raised = account.limit > account.budget.limit
        return raised and self.rules.limit_of(account.budget, account.key.value, now) < account.limit
