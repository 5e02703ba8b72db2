"""What a guardrail finds in a proposed call lets a person decide, where calls are held back; else it is refused."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from outrider.base import ids
from outrider.testing.speaking.words import Ask, Call, Reply, Text
from tests.gateway.control.clients import Agent
from tests.gateway.control.conftest import MODELS, TOOLS, House, opened

GUARD = {"addresses": {"check": "pii", "at": ["tool_args"], "do": "ask", "options": {"only": ["email"]}}}
FOUND = {"name": "carol@example.com"}


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Houses by what the policy wants."""
    with contextlib.ExitStack() as open_:
        made: dict[str, House] = {}

        def house(**policy: Any) -> House:
            if str(policy) not in made:
                manager = contextlib.contextmanager(opened)(tmp_path_factory.mktemp("home"), GUARD, **policy)
                made[str(policy)] = open_.enter_context(manager)
            return made[str(policy)]

        yield house


def looks_up(_: Ask) -> Reply:
    """Two calls, of which one has an address in it."""
    one, two = Call(f"call_{ids.token(12)}", "find_contact", FOUND), Call(f"call_{ids.token(12)}", "read_mail", {})
    return Reply((Text("I look."), one, two), "tool_calls")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("client", "at"), [("chat", "chat"), ("anthropic", "anthropic"), ("responses", "gemini")])
def test_a_person_decides_and_the_call_passes_once(houses: Any, client: str, at: str, stream: bool) -> None:
    house: House = houses()
    house.plays(looks_up)
    agent = Agent(client, house.url, house.key, MODELS[at])
    first = agent.ask(f"scene:play Please look Carol up. {ids.token(4)}", stream=stream)
    assert first.calls == [("read_mail", {})], "what nothing was found in goes on"
    assert "`find_contact` waits for a person's approval" in first.text
    waiting = first.text.partition("(")[2].partition(")")[0]
    found = house.policy.approvals.get("default", waiting)
    assert (found.about.tool, found.state) == ("find_contact", "pending")
    assert any("guardrail" in reason and "email" in reason for reason in found.about.reasons)
    house.policy.approvals.decide("default", waiting, approve=True, by="somebody")
    agent.result("Nothing new.")
    second = agent.ask("It is approved, go on.", stream=stream)
    assert ("find_contact", FOUND) in second.calls
    agent.close()


def test_the_run_says_what_was_found_and_that_it_waits(houses: Any) -> None:
    house: House = houses()
    house.plays(looks_up)
    messages = [{"role": "user", "content": f"scene:play Carol? {ids.token(4)}"}]
    answer = house.post({"model": MODELS["chat"], "messages": messages, "tools": TOOLS})
    steps = house.run(answer).steps
    (check,) = [step for step in steps if step.kind == "guardrail"]
    assert (check.attrs["result"], check.attrs["waits"], check.status) == ("ask", True, "ok")
    assert {step.name: step.attrs["verdict"] for step in steps if step.kind == "policy"} == {
        "find_contact": "ask",
        "read_mail": "allow",
    }


@pytest.mark.parametrize("policy", [{"on_ask": "refuse"}, {"proposed_calls": "shadow"}, {"proposed_calls": "off"}])
def test_where_nobody_is_asked_it_is_refused(houses: Any, policy: dict[str, str]) -> None:
    house: House = houses(**policy)
    house.plays(looks_up)
    messages = [{"role": "user", "content": f"scene:play Carol? {ids.token(4)}"}]
    for stream in (False, True):
        answer = house.post({"model": MODELS["chat"], "messages": messages, "tools": TOOLS, "stream": stream})
        assert "guardrail_blocked" in answer.text
        assert "carol" not in answer.text
    assert house.policy.approvals.waiting("default") == []


def test_an_approval_does_not_hold_for_another_address(houses: Any) -> None:
    house: House = houses()
    messages = [{"role": "user", "content": f"scene:play Carol? {ids.token(4)}"}]
    said = []
    for name in ("carol@example.com", "eve@example.com"):
        made = Call(f"call_{ids.token(12)}", "find_contact", {"name": name})
        house.plays(lambda _, made=made: Reply((made,), "tool_calls"))  # type: ignore[misc]
        session = {"x_outrider_session": "one-session"}
        said.append(house.turn(messages, headers=session)["message"]["outrider"]["withheld"][0]["approval"])
        house.policy.approvals.decide("default", said[-1], approve=True, by="somebody")
    assert len(set(said)) == 2
