"""Which line is next: in order, of models that may go, later ones for those that failed."""

from outrider.gateway.batches.lines import Place
from outrider.gateway.batches.pace import SECOND
from outrider.gateway.batches.queue import AHEAD, FIRST_PAUSE, Entry, Queue


def entry(number: int, model: str = "m") -> Entry:
    return Entry(Place(number, 0, 1), model)


def taken(queue: Queue, now: int = 0) -> list[int]:
    found = []
    while (one := queue.next(now)) is not None:
        queue.took(one)
        found.append(one.place.number)
    return found


def test_lines_go_in_order_and_so_many_at_a_time() -> None:
    queue = Queue(3)
    for number in (5, 1, 4, 2, 3):
        queue.add(entry(number))
    assert taken(queue) == [1, 2, 3]
    assert (queue.waiting, queue.flying, queue.wants_more()) == (2, 3, False)
    queue.good(entry(2))
    assert taken(queue) == [4]


def test_a_refused_model_does_not_hold_up_others() -> None:
    queue = Queue(4)
    queue.add(entry(1, "slow"))
    assert taken(queue) == [1]
    queue.refused(entry(1, "slow"), 0, 7.0, patient=True, why="429 full")
    queue.add(entry(2, "slow"))
    queue.add(entry(3, "quick"))
    assert taken(queue) == [3]
    queue.good(entry(3, "quick"))
    assert queue.pause(0) == 7.0
    assert (queue.waits(0), queue.waits(7 * SECOND)) == ("slow: 429 full", "")
    assert queue.wants_more()
    assert taken(queue, 7 * SECOND) == [1]


def test_a_line_that_fails_waits_longer_each_time() -> None:
    queue, now = Queue(2), 0
    queue.add(entry(1))
    for times in range(3):
        one = queue.next(now)
        assert one is not None
        assert (one.tries, one.failures) == (times, times)
        queue.took(one)
        queue.refused(one, now, None, patient=False)
        assert queue.next(now + int(FIRST_PAUSE * 2**times * SECOND) - 1) is None
        now += 600 * SECOND
    one = queue.next(now)
    assert one is not None
    queue.took(one)
    queue.refused(one, now, 0.0, patient=True)
    again = queue.next(now)
    assert again is not None
    assert (again.tries, again.failures) == (4, 3)


def test_reading_ahead_has_an_end() -> None:
    queue = Queue(2)
    queue.add(entry(1))
    queue.took(queue.next(0) or entry(0))
    queue.back(entry(1))
    queue.took(queue.next(0) or entry(0))
    queue.refused(entry(1), 0, 60.0, patient=True)
    for number in range(2, AHEAD + 1):
        queue.add(entry(number))
    assert (queue.waiting, queue.wants_more(), queue.next(0)) == (AHEAD, False, None)
