"""`/api/reviews`: queues of answers that people review; what they say becomes labels of judges and cases."""

from outrider.api import shapes_reviews as shapes
from outrider.api.datasets import desk
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base.errors import RequestError
from outrider.evals.review import rubric
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.review.queues import STATUSES, Queue
from outrider.journal import where
from outrider.limits import rights

MOST = 200
_NAME = Param("name", "The queue's name or id.")
_ITEM = Param("item", "The item's number.", {"type": "integer", "minimum": 0})
_STATUS = Param("status", "Only items of this status.", {"type": "string", "enum": list(STATUSES)})
_FIRST = Param("first", "The `next` of the page before.", {"type": "integer", "minimum": 0})
_LIMIT = Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST})


def _reviews(ask: Ask) -> ReviewDesk:
    found = desk(ask).review
    if found is None:
        raise RequestError("this process serves no reviews", status=503, code="not_served")
    return found


def who(ask: Ask, said: str) -> str:
    """Who speaks: the key, or one of its people (`key/name`). With auth off it has to be said."""
    if ask.who.key:
        return f"{ask.who.key}/{said}" if said else ask.who.key
    if not said:
        raise RequestError("say who reviews: without a key nobody knows", param="who")
    return said


def bound(ask: Ask) -> str:
    """The key, where it may not decide about what was reviewed with it ("": it may, or auth is off)."""
    return "" if rights.has_right(ask.deps.store, ask.who, "reviews") else ask.who.key


def _queue(ask: Ask) -> Queue:
    return _reviews(ask).get(ask.who.project, ask.path["name"])


def _shown(ask: Ask, queue: Queue) -> shapes.Review:
    return shapes.review(queue, _reviews(ask).queues.counts(queue))


def list_(ask: Ask) -> shapes.ReviewList:
    return shapes.ReviewList([_shown(ask, one) for one in _reviews(ask).queues.newest(ask.who.project)])


def create(ask: Ask) -> shapes.Review:
    said: shapes.NewReview = ask.body
    fields = rubric.parse(said.rubric) if said.rubric.strip() else ()
    made = _reviews(ask).create(
        ask.who.project, said.name, said.source, fields, reviewers=said.reviewers, blind=said.blind,
        author=ask.who.key, live=ask.deps.online.judges(ask.who.project) if ask.deps.online is not None else (),
    )  # fmt: skip
    return _shown(ask, made)


def get(ask: Ask) -> shapes.ReviewFigures:
    queue = _queue(ask)
    return shapes.ReviewFigures(_shown(ask, queue), _reviews(ask).figures(queue))


def close(ask: Ask) -> shapes.Review:
    return _shown(ask, _reviews(ask).turn(ask.who.project, ask.path["name"], "closed"))


def open_(ask: Ask) -> shapes.Review:
    return _shown(ask, _reviews(ask).turn(ask.who.project, ask.path["name"], "open"))


def next_(ask: Ask) -> shapes.ReviewTask:
    said: shapes.Asking = ask.body
    return shapes.task(_reviews(ask).next(_queue(ask), who(ask, said.who), said.role, bound(ask)))


def give(ask: Ask) -> shapes.ItemState:
    said: shapes.Answered = ask.body
    queue, person, place = _queue(ask), who(ask, said.who), where.whole("item", ask.path["item"], 0, 10**6)
    if said.skip:
        if said.answers:
            raise RequestError("`skip` says that there is no answer, and `answers` are there", param="skip")
        _reviews(ask).skip(queue, place, person)
        return shapes.ItemState(place, _reviews(ask).queues.item(queue, place).status)
    return shapes.ItemState(place, _reviews(ask).give(queue, place, person, said.answers, bound(ask)))


def undo(ask: Ask) -> shapes.Undone:
    said: shapes.Asking = ask.body
    last = _reviews(ask).undo(_queue(ask), who(ask, said.who))
    return shapes.Undone(last.place, last.answers)


def items(ask: Ask) -> shapes.ResultList:
    def whole(name: str, least: int, most: int, usual: int) -> int:
        return where.whole(name, ask.query[name], least, most) if name in ask.query else usual

    first, limit = whole("first", 0, 10**6, 0), whole("limit", 1, MOST, 50)
    found = _reviews(ask).results(_queue(ask), ask.query.get("status", ""), first, limit, veiled=True)
    return shapes.ResultList(found, found[-1].place + 1 if len(found) == limit else None)


def cases(ask: Ask) -> shapes.ReviewCases:
    said: shapes.NewReviewCases = ask.body
    made = _reviews(ask).cases(
        _queue(ask), said.dataset, expected=said.expected, accept=said.accept, author=ask.who.key
    )  # fmt: skip
    return shapes.made(made)


ENDPOINTS = [
    Endpoint("GET", "/api/reviews", "Review queues", shapes.ReviewList, read=list_),
    Endpoint(
        "POST", "/api/reviews", "Begin a review queue", shapes.Review, read=create, takes=shapes.NewReview, status=201
    ),
    Endpoint(
        "GET", "/api/reviews/{name}", "A queue with its agreement and pace", shapes.ReviewFigures, read=get,
        params=[_NAME],
    ),
    Endpoint("POST", "/api/reviews/{name}/close", "Lend no more items", shapes.Review, read=close, params=[_NAME]),
    Endpoint("POST", "/api/reviews/{name}/open", "Lend items again", shapes.Review, read=open_, params=[_NAME]),
    Endpoint(
        "POST", "/api/reviews/{name}/next", "The next item for somebody, lent to them", shapes.ReviewTask, read=next_,
        params=[_NAME], takes=shapes.Asking,
    ),
    Endpoint(
        "POST", "/api/reviews/{name}/undo", "Take back what somebody said last", shapes.Undone, read=undo,
        params=[_NAME], takes=shapes.Asking,
    ),
    Endpoint(
        "GET", "/api/reviews/{name}/items", "Items with what was said of them", shapes.ResultList, read=items,
        params=[_NAME], query=[_STATUS, _FIRST, _LIMIT],
    ),
    Endpoint(
        "POST", "/api/reviews/{name}/items/{item}", "Say what an item is worth, or pass it", shapes.ItemState,
        read=give, params=[_NAME, _ITEM], takes=shapes.Answered,
    ),
    Endpoint(
        "POST", "/api/reviews/{name}/cases", "Make cases of what is settled", shapes.ReviewCases, read=cases,
        params=[_NAME], takes=shapes.NewReviewCases, status=201,
    ),
]  # fmt: skip
