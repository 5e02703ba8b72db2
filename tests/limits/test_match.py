"""Which calls a limit covers and for whom it counts, against a plain reading of the same words."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.base.budget import SCOPES, Scope, Subject
from outrider.limits.match import cover, known_by

VALUE = st.sampled_from(["", "a", "b", "c"])
SUBJECTS = st.builds(
    Subject,
    project=VALUE,
    key=VALUE,
    user=VALUE,
    team=VALUE,
    session=VALUE,
    tags=st.lists(VALUE, max_size=4).map(tuple),
    route=VALUE,
    tree=VALUE,
)
MATCHES = st.dictionaries(
    st.sampled_from(SCOPES), st.lists(st.sampled_from(["a", "b"]), min_size=1).map(tuple), max_size=3
)


def values(subject: Subject, scope: Scope) -> tuple[str, ...]:
    return subject.tags if scope == "tag" else (getattr(subject, scope),)


@given(SUBJECTS, MATCHES, st.sampled_from([None, *SCOPES]))
def test_it_is_what_the_words_say(subject: Subject, match: dict[Scope, tuple[str, ...]], per: Scope | None) -> None:
    expected: tuple[str, ...] = ()
    if all(any(v in wanted for v in values(subject, scope)) for scope, wanted in match.items()):
        if per is None:
            expected = ("",)
        else:
            allowed = match.get("tag") if per == "tag" else None
            expected = tuple(dict.fromkeys(v for v in values(subject, per) if v and (allowed is None or v in allowed)))
    assert cover(match, per)(subject) == expected


def test_who_names_no_user_has_no_account_of_a_user() -> None:
    assert cover({}, "user")(Subject("p")) == ()


def test_each_matching_tag_has_an_account() -> None:
    subject = Subject("p", tags=("batch", "other", "nightly", "batch"))
    assert cover({"tag": ("batch", "nightly")}, "tag")(subject) == ("batch", "nightly")
    assert cover({"tag": ("batch", "nightly")})(subject) == ("",)


@given(SUBJECTS, SUBJECTS, MATCHES, st.sampled_from([None, *SCOPES]))
def test_those_who_are_known_by_the_same_are_covered_the_same(
    one: Subject, other: Subject, match: dict[Scope, tuple[str, ...]], per: Scope | None
) -> None:
    key = known_by([(match, per)])
    if key(one) == key(other):
        assert cover(match, per)(one) == cover(match, per)(other)
