"""What a page tells of what was done is said by this server alone, to the session that did it."""

from urllib.parse import urlsplit

import pytest

from outrider.console import notices
from tests.console.conftest import World


@pytest.mark.parametrize("path", ["/approvals", "/budgets"])
def test_words_of_a_link_are_not_shown(world: World, path: str) -> None:
    client = world.client()
    for code in ("set", "approved", "denied", "removed"):
        for proof in ("", "&proof=", "&proof=%ff", "&proof=" + "0" * 32):
            page = client.get(f"{path}?done={code}&about=Call+0800+now{proof}")
            assert page.status_code == 200
            assert "0800" not in page.text


def test_what_one_session_was_told_says_nothing_to_another(world: World) -> None:
    from starlette.datastructures import QueryParams

    from outrider.console.edge import View

    def view(csrf: str, query: str = "") -> View:
        session = world.sign_ins.anonymous("default")
        return View(None, type(session)("default", "", csrf, 0), QueryParams(query))  # type: ignore[arg-type]  # no request is read

    mine, theirs = view("a" * 64), view("b" * 64)
    address = notices.link(mine, "/p", "cases", "3 cases & more")
    query = urlsplit(address).query
    assert notices.about(view("a" * 64, query), "cases") == "3 cases & more"
    assert notices.about(view("a" * 64, query), "other") == ""
    assert notices.about(view("b" * 64, query), "cases") == ""
    assert notices.link(theirs, "/p", "cases", "3 cases & more") != address
    assert notices.about(view("a" * 64, query.replace("3+cases", "4+cases")), "cases") == ""
