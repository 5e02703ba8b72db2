"""What becomes of calls is what is known of a deployment: load, times, failures, breaker, limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import BreakerRules, Deployment
from outrider.base.usage import Usage
from outrider.limits import vitals as v
from outrider.limits.board import Board
from outrider.limits.vitals import Attempt, Vitals, verdict
from outrider.testing import ScriptedProvider

SECOND = 1_000_000_000
BROKEN = UpstreamError("no", code="upstream_error", status=500)
BUSY = UpstreamError("later", code="provider_rate_limited", status=429, retry_after=20.0)


class Clock:
    now = 1000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(clock, "mono_ns", made)
    return made


def deployment(name: str = "m", **rules: object) -> Deployment:
    transport = ScriptedProvider().transport()
    return Deployment(f"p/{name}", "p", name, "openai", transport, {}, breaker=BreakerRules(**rules))  # type: ignore[arg-type]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Vitals, Vitals]]:
    boards = [Board(tmp_path), Board(tmp_path)]
    for board in boards:
        board.look_around()
    yield Vitals(boards[0]), Vitals(boards[1])
    for board in boards:
        board.close()


def begin(vitals: Vitals, target: Deployment, *, last_resort: bool = False) -> Attempt:
    attempt = vitals.begin(target, last_resort=last_resort)
    assert attempt is not None
    return attempt


def fail(vitals: Vitals, target: Deployment, times: int, error: UpstreamError = BROKEN) -> None:
    for _ in range(times):
        begin(vitals, target).failed(error, clock.mono_ns())


def test_calls_in_flight_are_those_of_all_workers(two: tuple[Vitals, Vitals]) -> None:
    one, other = two
    d = deployment()
    mine, theirs = begin(one, d), begin(other, d)
    assert one.of(d).busy() == other.of(d).busy() == 2
    mine.ok(None, clock.mono_ns())
    mine.ok(None, clock.mono_ns())
    mine.left(clock.mono_ns())
    assert one.of(d).busy() == 1
    theirs.left(clock.mono_ns())
    assert one.of(d).busy() == 0


def test_one_workers_breaker_is_everybodys(two: tuple[Vitals, Vitals], time: Clock) -> None:
    one, other = two
    d = deployment()
    fail(one, d, 3)
    fail(other, d, 2)
    assert one.begin(d) is None
    assert other.begin(d) is None
    assert other.of(d).breaker.cause == "failures in a row"


def test_the_share_of_failures_counts_the_calls_of_all(two: tuple[Vitals, Vitals], time: Clock) -> None:
    one, other = two
    d = deployment(consecutive=100)
    for _ in range(6):
        begin(other, d).ok(None, time.now)
    fail(one, d, 5)
    assert one.begin(d) is not None
    fail(one, d, 1)
    assert other.begin(d) is None


def test_old_outcomes_no_longer_count(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals, d = two[0], deployment(consecutive=100)
    fail(vitals, d, 9)
    time.now += 31 * SECOND
    fail(vitals, d, 1)
    assert vitals.of(d).tally(time.now) == (1, 1, 0)
    assert vitals.begin(d) is not None


def test_it_comes_back_by_probes(two: tuple[Vitals, Vitals], time: Clock) -> None:
    one, other = two
    d = deployment()
    fail(one, d, 5)
    time.now += 15 * SECOND
    probe, second = begin(other, d), begin(one, d)
    assert one.begin(d) is None
    probe.first_token(time.now)  # of a long stream the first piece is enough
    second.ok(None, time.now)
    assert one.of(d).breaker.state(time.now) == "closed"
    probe.failed(BROKEN, time.now)
    assert one.of(d).breaker.state(time.now) == "closed"


def test_a_caller_that_leaves_says_nothing(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals, d = two[0], deployment()
    fail(vitals, d, 4)
    begin(vitals, d).left(time.now)
    fail(vitals, d, 1)
    assert vitals.begin(d) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BROKEN, "hard"),
        (UpstreamError("", code="upstream_timeout"), "hard"),
        (UpstreamError("", code="upstream_disconnected"), "hard"),
        (UpstreamError("", code="upstream_error_in_200"), "hard"),
        (UpstreamError("", code="something_new"), "hard"),
        (UpstreamError("", code="provider_refused_request", status=408), "hard"),
        (UpstreamError("", code="provider_refused_request", status=400, retryable=False), "none"),
        (UpstreamError("", code="context_length_exceeded", status=400, retryable=False), "none"),
        (UpstreamError("", code="upstream_answer_too_large", retryable=False), "none"),
        (UpstreamError("", code="provider_key_refused", status=401), "soft"),
        (UpstreamError("", code="provider_model_not_found", status=404), "soft"),
        (BUSY, "limited"),
        (UpstreamError("", code="provider_rate_limited", status=429), "limited"),
        (UpstreamError("", code="upstream_error", status=503, retry_after=3.0), "limited"),
        (UpstreamError("", code="upstream_error", status=503), "hard"),
    ],
)
def test_what_a_failure_says(error: UpstreamError, said: str) -> None:
    assert verdict(error) == said


def test_the_requests_fault_is_not_the_deployments(two: tuple[Vitals, Vitals]) -> None:
    vitals, d = two[0], deployment()
    fail(vitals, d, 20, UpstreamError("", code="provider_refused_request", status=400, retryable=False))
    assert vitals.begin(d) is not None
    assert vitals.of(d).failing == 0.0


def test_a_rate_limit_rests_the_deployment_for_all(two: tuple[Vitals, Vitals], time: Clock) -> None:
    one, other = two
    d = deployment()
    fail(one, d, 20, BUSY)
    assert other.begin(d) is not None
    assert other.of(d).learned.resting() == time.now + 20 * SECOND
    assert not other.of(d).free(10)
    time.now += SECOND
    begin(other, d).ok(None, time.now)
    assert one.of(d).free(10)


def test_a_refused_key_goes_last_but_is_never_barred(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals, d = two[0], deployment()
    fail(vitals, d, 5, UpstreamError("", code="provider_key_refused", status=401))
    assert vitals.begin(d) is None
    assert vitals.begin(d, last_resort=True) is not None


def test_slow_first_pieces_open_it_softly_and_count_once(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals, d = two[0], deployment(slow=5.0)
    for _ in range(5):
        attempt = begin(vitals, d)
        time.now += 6 * SECOND
        attempt.first_token(time.now)
        attempt.first_token(time.now + SECOND)
        attempt.ok(Usage(10, 10), time.now)
    assert vitals.of(d).tally(time.now) == (5, 5, 5)
    assert vitals.of(d).breaker.cause == "slow or refusing"


def test_times_are_those_of_late(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals, d = two[0], deployment()
    vital = vitals.of(d)
    assert (vital.first, vital.pace, vital.evidence(time.now)) == (0.0, 0.0, 0.0)
    for seconds in (1, 1, 1):
        attempt = begin(vitals, d)
        time.now += seconds * SECOND
        attempt.first_token(time.now)
        time.now += 2 * SECOND
        attempt.ok(Usage(10, 100), time.now)
    assert vital.first == pytest.approx(1.0)
    assert vital.pace == pytest.approx(0.02)
    assert 5 < vital.evidence(time.now) < 6
    assert vital.evidence(time.now + 60 * SECOND) == pytest.approx(vital.evidence(time.now) / 2)
    for _ in range(60):
        attempt = begin(vitals, d)
        attempt.first_token(time.now + 3 * SECOND)
        attempt.left(time.now)
    assert vital.first == pytest.approx(3.0, rel=0.01)


def test_whole_answers_have_a_pace_and_vectors_a_time(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals, chat, vectors = two[0], deployment("chat"), deployment("vectors")
    attempts = begin(vitals, chat), begin(vitals, vectors)
    time.now += SECOND
    attempts[0].ok(Usage(10, 50), time.now)
    attempts[1].ok(Usage(10), time.now)
    assert (vitals.of(chat).first, vitals.of(chat).pace) == (0.0, pytest.approx(0.02))
    assert (vitals.of(vectors).first, vitals.of(vectors).pace) == (pytest.approx(1.0), 0.0)


def test_headers_are_heard(two: tuple[Vitals, Vitals], time: Clock) -> None:
    one, other = two
    d = deployment()
    attempt = begin(one, d)
    attempt.heard([(b"x-ratelimit-remaining-requests", b"0"), (b"x-ratelimit-limit-requests", b"9")])
    assert not other.of(d).free(1)


def test_rules_follow_the_configuration(two: tuple[Vitals, Vitals], time: Clock) -> None:
    vitals = two[0]
    fail(vitals, deployment(consecutive=50, least=1000), 10)
    assert vitals.begin(deployment(consecutive=50, least=1000)) is not None
    fail(vitals, deployment(consecutive=2), 1)
    assert vitals.begin(deployment(consecutive=2)) is None


def test_names_that_callers_make_up_share_one(two: tuple[Vitals, Vitals], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v, "MOST", 3)
    vitals = two[0]
    found = [vitals.of(deployment(str(n))).name for n in range(6)]
    assert found == ["p/0", "p/1", "p/2", "p/*", "p/*", "p/*"]
    assert vitals.of(deployment("1")).name == "p/1"
