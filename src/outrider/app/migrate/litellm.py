"""LiteLLM's `config.yaml` as a draft of outrider.yaml."""

import re
from collections.abc import Mapping, Sequence

from outrider.app.migrate import litellm_rest as rest
from outrider.app.migrate.draft import MOST_AT_ONCE, Draft, reference, variable
from outrider.app.migrate.litellm_models import Models
from outrider.app.migrate.litellm_routes import Routes
from outrider.app.migrate.litellm_vendors import meant
from outrider.app.migrate.litellm_words import ROUTER, TOP
from outrider.app.migrate.notes import Notes, Section

NAME = "LiteLLM"
_REFERENCE = re.compile(r"os\.environ/(\w+)")
_SECTIONS = ("litellm_settings", "router_settings", "general_settings", "environment_variables")


def matches(content: Mapping[str, object]) -> bool:
    """Whether a file with this content is LiteLLM's."""
    return isinstance(content.get("model_list"), list) or any(isinstance(content.get(k), dict) for k in _SECTIONS)


def translate(content: Mapping[str, object], notes: Notes) -> Draft:
    """The same in our words. What does not come over is noted."""
    draft = Draft(NAME)
    top = Section(content, "", notes)
    settings, router = top.section("litellm_settings"), top.section("router_settings")
    listed = top.entries("model_list")
    models = Models(draft, notes, _credentials(top), _taken(content, listed))
    entries = [models.read(listed[index], index) for index in _wildcards_first(listed)]
    routes = Routes(draft, notes, router, settings, rest.cache(settings) | rest.lossy(settings))
    routes.make([entry for entry in entries if entry is not None])
    rest.breakers(draft, router, settings)
    _capacity(draft, router)
    rest.budgets(draft, settings)
    rest.general(draft, top.section("general_settings"))
    _variables(draft, top, notes)
    rest.leave(settings)
    router.leave(ROUTER, "it is not known here")
    top.leave(TOP, "it is not known here")
    return draft


def _wildcards_first(entries: Sequence[object]) -> list[int]:
    """The places of the entries, those of `provider/*` first, so that their providers get the plain names."""

    def named(index: int) -> bool:
        entry = entries[index]
        return "*" not in (str(entry.get("model_name", "")) if isinstance(entry, dict) else "")

    return sorted(range(len(entries)), key=named)


def _taken(content: Mapping[str, object], entries: Sequence[object]) -> set[str]:
    """Variables that the file reads, said or not: entries without a key take that of their provider."""
    found = set(_REFERENCE.findall(repr(content)))
    for entry in entries:
        params = entry.get("litellm_params") if isinstance(entry, dict) else None
        if isinstance(params, dict) and not params.get("api_key"):
            vendor = meant(str(params.get("model", "")), "", str(params.get("api_base") or "")).vendor
            found.add(vendor.key if vendor is not None else "")
    return found


def _credentials(top: Section) -> dict[str, object]:
    found = {}
    for entry in top.entries("credential_list"):
        if isinstance(entry, dict):
            found[str(entry.get("credential_name"))] = entry.get("credential_values")
    return found


def _capacity(draft: Draft, router: Section) -> None:
    """The calls at once that LiteLLM allows each deployment without a limit of its own."""
    each = router.number("default_max_parallel_requests")
    for provider in draft.providers.values() if each and each >= 1 else ():
        for model in provider.models:
            provider.limits.setdefault(model, {}).setdefault("concurrent", min(MOST_AT_ONCE, int(each or 1)))


def _variables(draft: Draft, top: Section, notes: Notes) -> None:
    """LiteLLM sets variables itself; here the environment has them before the start."""
    given, needed = top.section("environment_variables"), draft.variables()
    for name in given:
        value = given.text(name)
        text = "export it before the start; its value was not copied"
        if variable(reference(value)):
            text = f"export it before the start, with the value of {variable(reference(value))}"
        if name in needed:
            notes.add("todo", f"environment_variables.{name}", text)
        else:
            notes.add("left", f"environment_variables.{name}", f"if you still need it: {text}")
