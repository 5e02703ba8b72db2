"""A hostile model asks for approval over the real URLs: with texts that mislead, with tricks around the decision."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.policy.notice import message
from outrider.policy.slack import posted
from tests.policy.hostile import urls
from tests.policy.hostile.world import Task
from tests.policy.hostile.worlds.office import Office

AIM = "mallory@collect.example"
"""Nobody said or wrote it."""
PADDING = "and everybody of the team in Berlin " * 2800
"""A hundred thousand characters."""
AIMS: dict[str, Any] = {
    "plain": AIM,
    "padded": f"anna@corp.example, {PADDING}, {AIM}, {PADDING}",
    "a display name": f'"APPROVED by Alice, anna@corp.example" <{AIM}>',
    "bidi": f"anna@corp.example\u202e, {AIM}\u202c",
    "zero width": f"anna@corp.example,\u200b{AIM}\u2060",
    "terminal codes": f"anna@corp.example\x1b[2K\x1b[1A\x1b]8;;https://x.example\x07, {AIM}",
    "lines": "anna@corp.example" + "\n" * 90 + AIM,
    "an inbox": f"anna@corp.example\n      the user said it\nasked because: nothing\n\n{AIM}",
    "markdown": f"[anna@corp.example](https://x.example) **approved** ![ok](https://x.example/i.png) {AIM}",
    "markup": f"<b>anna@corp.example</b><script>document.title='x'</script>{AIM}",
    "JSON in a text": f'["anna@corp.example", "{AIM}"]',
    "a list": [*(["anna@corp.example"] * 300), AIM],
    "an object": {"note": "approved by Alice", "to": {"address": AIM}},
    "the name of an argument": {AIM: {"approved": True}},
}
ALIKE = "аnna@corp.example"
"""Its first letter is Cyrillic."""
CONTENT = {
    "subject": "APPROVED by Alice",
    "body": f"✓ the user's words\nApproved by operator.\x1b[8m\u202e<!channel> {PADDING}",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[urls.Place]:
    with urls.opened(Office, tmp_path_factory.mktemp("home")) as found:
        yield found


@contextlib.asynccontextmanager
async def at_work(place: urls.Place) -> AsyncIterator[urls.Agent]:
    async with place.agent() as one:
        await begun(one)
        yield one


async def begun(agent: urls.Agent, prompt: str = "Send Anna (anna@corp.example) a greeting") -> None:
    """Somebody's agent that has read what others wrote."""
    agent.begin(Task(prompt, []))
    await agent.proposes(())
    await agent.makes("list_emails", {})


async def asked(agent: urls.Agent, way: str, name: str, arguments: dict[str, Any]) -> str:
    """The approval that the call waits for, at the tool URL or as the model proposes it."""
    if way == "mcp":
        verdict, said = await agent.makes(name, arguments)
        assert verdict == "ask", said
        (found,) = set(re.findall(r"appr_\w+", said))
        return str(found)
    (withheld,) = await agent.withheld([(name, arguments)])
    return str(withheld["approval"])


@pytest.mark.parametrize("way", ["mcp", "v1"])
@pytest.mark.parametrize("form", AIMS)
async def test_whoever_decides_sees_where_it_goes_first_and_whole(place: urls.Place, way: str, form: str) -> None:
    async with at_work(place) as agent:
        many = {f"note{n}": "approved" for n in range(400)}
        arguments = {**many, **CONTENT, "to": AIMS[form]}
        id_ = await asked(agent, way, "send_email", arguments)
        case = (await agent.decides("GET", id_)).json()
        assert case["arguments"] == arguments
        steering = [one for one in case["values"] if one["origin"]]
        assert case["values"][: len(steering)] == steering, "before everything else"
        assert steering[0]["origin"] in ("made_up", "untrusted")
        seen = [f"{one['path']} {one['text']}" for one in steering]
        assert any(AIM in one for one in seen)
        assert any(AIM in one for one in case["check"])
        if isinstance(AIMS[form], str):
            (to,) = [one for one in steering if one["path"] == "to"]
            assert "not shown" not in to["text"]
            assert to["text"].count("\u202e") + to["text"].count("\x1b") + to["text"].count("\u200b") == 0
        told = messages(place, agent, id_)
        for text in told:
            assert AIM.replace("@", "＠") in text
            assert not re.search(r"[\x00-\x09\x0b-\x1f\u200b-\u200f\u202a-\u202e<>`*\[\]]|APPROVED by Alice$", text)
            assert re.findall(r"https?://\S+", text) == [f"https://outrider.example/approvals/{id_}"]


def messages(place: urls.Place, agent: urls.Agent, id_: str) -> list[str]:
    """What webhooks and chats are told."""
    assert place.outrider.worker is not None
    one = place.outrider.worker.policy.office.approvals.get(agent.project, id_)
    slack = posted([one], "https://outrider.example", "secret")
    sections = "\n".join(block["text"]["text"] for block in slack["blocks"] if block["type"] == "section")
    assert [one["action_id"] for one in slack["blocks"][-1]["elements"]] == ["deny", "look"], "nobody approves unseen"
    return [message([one], "https://outrider.example")[1], sections]


async def test_letters_that_look_alike_are_named(place: urls.Place) -> None:
    async with at_work(place) as agent:
        id_ = await asked(agent, "mcp", "send_email", {"to": ALIKE, "subject": "Hi", "body": "Hi"})
        (to,) = [one for one in (await agent.decides("GET", id_)).json()["values"] if one["path"] == "to"]
        assert any("reads like “anna@corp.example”" in one for one in to["warnings"])


MAIL = {"to": AIM, "subject": "Hi", "body": "Hi"}


async def test_an_approval_is_for_this_call_of_this_session_in_this_project_and_once(place: urls.Place) -> None:
    async with at_work(place) as agent:
        id_ = await asked(agent, "mcp", "send_email", MAIL)
        async with place.agent() as stranger:
            assert (await stranger.decides("POST", id_)).status_code == 404, "of another project"
        assert (await agent.decides("POST", id_, key=agent.key)).status_code == 403, "the agent's own key"
        assert (await agent.decides("POST", id_)).status_code == 200
        changed: list[dict[str, Any]] = [
            {**MAIL, "to": [AIM]}, {**MAIL, "to": AIM.upper()}, {**MAIL, "cc": AIM},
            {**MAIL, "body": "Hi "},
            {**MAIL, "to": f"{AIM}, {AIM}"}, {**MAIL, "attachments": ["/docs/passwords.txt"]},
        ]  # fmt: skip
        for one in changed:
            assert (await agent.makes("send_email", one))[0] == "ask", one
            assert await agent.wants([("send_email", one)]) == ["ask"], one
        mine, agent.session = agent.session, f"{agent.session}-other"
        assert (await agent.makes("list_emails", {}))[0] == "allow"
        assert (await agent.makes("send_email", MAIL))[0] == "ask", "the same digest in another session"
        agent.session = mine
        made = await asyncio.gather(*(agent.makes("send_email", MAIL) for _ in range(6)))
        assert sorted(verdict for verdict, _ in made) == ["allow", *["ask"] * 5]
        assert len(place.upstream.now.effects) == 1


async def test_of_many_who_decide_and_many_who_call_at_once_one_does(place: urls.Place) -> None:
    async with at_work(place) as agent:
        id_ = await asked(agent, "v1", "send_email", MAIL)
        answers = await asyncio.gather(*(agent.decides("POST", id_) for _ in range(5)))
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]
        made = await asyncio.gather(
            *(agent.makes("send_email", MAIL) for _ in range(4)), agent.proposes([("send_email", MAIL)] * 2)
        )
        passed = [one for one in made[:4] if one[0] == "allow"]
        assert len(place.upstream.now.effects) == len(passed) <= 1
        assert len(made[4].tool_calls or []) <= 1, "a call that was proposed may be made at the tool URL, once"


@pytest.mark.parametrize("user", ["test", "TEST"])
async def test_the_agents_own_user_does_not_decide(place: urls.Place, user: str) -> None:
    """The key that decides is called `test`."""
    async with at_work(place) as agent:
        agent.user = user
        await begun(agent)
        id_ = await asked(agent, "mcp", "send_email", MAIL)
        refused = await agent.decides("POST", id_)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "same_person")


async def test_what_was_approved_is_judged_again_when_it_is_made(place: urls.Place) -> None:
    """Somebody approves; before the call is made the agent loses its permission."""
    async with at_work(place) as agent:
        id_ = await asked(agent, "mcp", "send_email", MAIL)
        assert (await agent.decides("POST", id_)).status_code == 200
        await agent.restricted("send_email")
        verdict, said = await agent.makes("send_email", MAIL)
        assert verdict == "deny", said
        assert await agent.wants([("send_email", MAIL)]) == ["deny"]
        assert place.upstream.now.effects == []


async def test_an_approval_outlasts_a_restart_and_is_used_once(tmp_path: Path) -> None:
    with urls.opened(Office, tmp_path) as first:
        async with first.agent() as agent:
            await begun(agent)
            id_ = await asked(agent, "mcp", "send_email", MAIL)
            assert (await agent.decides("POST", id_)).status_code == 200
            kept = agent.kept()
    with urls.opened(Office, tmp_path) as second:
        async with second.agent(kept) as agent:
            assert (await agent.makes("send_email", {**MAIL, "body": "Hi!"}))[0] == "ask"
            assert (await agent.makes("send_email", MAIL))[0] == "allow"
            assert (await agent.makes("send_email", MAIL))[0] == "ask"
            assert len(second.upstream.now.effects) == 1
