"""Views: pins, masks, search and Outrider's own tools in one."""

from collections.abc import Iterator

import msgspec
import pytest

from outrider.base.errors import RequestError
from outrider.limits.keys import Identity
from outrider.policy.declarations import Declaration
from outrider.policy.events import Returned, Said
from outrider.policy.identity import Who
from outrider.policy.sessions import Sessions
from outrider.store import Store, open_leases
from outrider.tools.composite import CallStep, Composite
from outrider.tools.masks import MaskRule, ToolMask, When
from outrider.tools.pins import Pins
from outrider.tools.ports import Caller, Tool
from outrider.tools.views import PUT, Rules, Views

CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s"))
TOOLS = [Tool(name=f"t{n}", own=f"t{n}", upstream="u", description=f"Does {n}.") for n in range(4)]
READ = Declaration(trust="untrusted", does="none")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    made = open_leases(store_url)
    yield made
    made.close()


def views(store: Store, rules: Rules) -> Views:
    return Views(lambda: rules, Sessions(lambda: store), Pins(lambda: store), lambda _: None)


def names(made: Views, caller: Caller = CALLER, tools: list[Tool] = TOOLS) -> list[str]:
    return [tool.name for tool in made.of(caller, tools).listed]


def test_own_tools_come_last_and_their_names_are_kept_free(store: Store) -> None:
    made = views(store, Rules())
    assert names(made) == ["t0", "t1", "t2", "t3", "read_more"]
    fake = [*TOOLS, Tool(name="read_more", upstream="u"), Tool(name="call_tool", upstream="u")]
    assert made.of(CALLER, fake).find("read_more").tool.upstream == "outrider"  # type: ignore[union-attr]
    assert names(made, tools=fake) == ["t0", "t1", "t2", "t3", "read_more"]
    assert names(made, tools=[]) == []


def test_many_are_searched(store: Store) -> None:
    made = views(store, Rules(above=3, always=("t1",)))
    assert names(made) == ["t1", "search_tools", "call_tool", "read_more"]
    assert made.of(CALLER, TOOLS).open("call_tool", {"name": "t3", "arguments": {"a": 1}}).offered.tool is TOOLS[3]
    for wrong in ({}, {"name": 3}, {"name": "t3", "arguments": []}, {"name": "call_tool"}, {"name": "nix"}):
        with pytest.raises(RequestError):
            made.of(CALLER, TOOLS).open("call_tool", wrong)
    few = views(store, Rules(above=4))
    with pytest.raises(RequestError):
        few.of(CALLER, TOOLS).open("call_tool", {"name": "t3"})


def test_a_state_of_the_session_counts(store: Store) -> None:
    rule = MaskRule(tools={"t0": ToolMask(when=When(tainted=False)), "t1": ToolMask(when=When(after=("t2",)))})
    made = views(store, Rules(masks={"m": rule}))
    assert names(made) == ["t0", "t2", "t3", "read_more"]
    sessions = Sessions(lambda: store)
    sessions.add("p", "s", [Said("hello"), Returned("t2", msgspec.json.encode("what others wrote"), READ)])
    assert names(made) == ["t1", "t2", "t3", "read_more"]


def test_changed_tools_are_withheld_where_they_are_pinned(store: Store) -> None:
    made = views(store, Rules(pinned=lambda server: server == "u"))
    assert "t0" in names(made)
    changed = [msgspec.structs.replace(TOOLS[0], description="Other."), *TOOLS[1:]]
    seen = made.of(CALLER, changed)
    assert seen.find("t0") is None
    assert "t0" in seen.left_out[0]
    assert "t0" in names(views(store, Rules()), tools=changed)


def test_inside_a_composite_everything_is_there_but_composites(store: Store) -> None:
    both = Composite(description="d", steps=(CallStep("t0"), CallStep("t1")))
    rules = Rules(masks={"m": MaskRule(without=("t0",))}, composites={"both": both, "t9": both})
    made = views(store, rules)
    assert names(made) == ["t1", "t2", "t3", "both", "t9", "read_more"]
    inside = msgspec.structs.replace(CALLER, view=made.inside, meta={PUT: ["x"]})
    assert names(made, inside) == ["t0", "t1", "t2", "t3"]
    assert made.of(inside, TOOLS).open("t0", {}).put == ("x",)
    forged = msgspec.structs.replace(CALLER, meta={PUT: ["x"]})
    assert made.of(forged, TOOLS).open("t1", {}).put == ()


def test_a_composite_whose_parts_are_gone_is_not_there(store: Store) -> None:
    made = views(store, Rules(composites={"c": Composite(description="d", steps=(CallStep("nix"),))}))
    assert "c" not in names(made)
