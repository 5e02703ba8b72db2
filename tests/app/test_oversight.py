"""The section `policy` as the control on the model URL reads it."""

from pathlib import Path

from outrider.app.oversight import oversight, wishes
from outrider.app.policy import PolicyHandle
from outrider.app.settings import parse
from outrider.gateway.control.wishes import Wishes
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.store import Store, open_leases
from outrider.tools.ports import Tool

CONFIG = """
policy:
  proposed_calls: enforce
  on_ask: reask
  user_text: header
  untrusted_between: [{begin: "<docs>", end: "</docs>"}]
  unrecognised: caller
tools:
  labels: {read_mail: {does: none}}
"""


def test_tools_of_the_tool_url_are_the_same_here(store_url: str) -> None:
    leases: list[Store] = []
    policy = PolicyHandle(parse(CONFIG, "outrider.yaml"), None, lambda: leases[0])
    own = Declaration(does="none", trust="trusted")
    mounted = [Tool(name="files__list", declaration=own), Tool(name="read_mail", declaration=own)]
    made = oversight(policy, lambda: leases[0], lambda: mounted)
    assert made.declared("files__list") == own
    assert made.declared("read_mail").trust == "untrusted", "the owner's labels go first"
    assert made.declared("list") == UNDECLARED


def test_what_is_configured_is_wanted(store_url: str) -> None:
    leases: list[Store] = []

    def opened() -> Store:
        leases[:] = leases or [open_leases(store_url)]
        return leases[0]

    policy = PolicyHandle(parse(CONFIG, "outrider.yaml"), Path("outrider.yaml"), opened)
    made = oversight(policy, opened)
    assert made.wishes() == Wishes("enforce", "reask", "header", (("<docs>", "</docs>"),), "caller")
    assert made.declared("read_mail").does == "none"
    assert made.declared("anything") == UNDECLARED
    policy.use(parse("", "outrider.yaml"))
    assert wishes(policy) == Wishes("shadow"), "a changed configuration is followed at once"
    assert leases == [], "nothing is opened before it is needed"
