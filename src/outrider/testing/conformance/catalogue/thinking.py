"""Thoughts: asked for, shown, and given back so that the next turn is accepted. Prompt caches."""

from outrider.testing.conformance.catalogue.making import WEATHER, one, says, scene, system, user
from outrider.testing.conformance.catalogue.tools import ASKED, BASEL, BERN, gave
from outrider.testing.conformance.scenes import Step
from outrider.testing.speaking.words import Counts, Text, Thought

THINKS = Thought("The user asks for the weather.\nI need the tool.")
HIDDEN = Thought("", "what nobody may see")
THOUGHT = Counts(40, 90, reasoning=60)
EFFORT = {"effort": "high", "max_tokens": 8000}

SCENES = (
    one("effort", "How hard to think", params=EFFORT, reply=says("Hm.", counts=THOUGHT)),
    one(
        "budget",
        "How many tokens to think",
        params={"budget": 2000, "max_tokens": 4000},
        needs="budget",
        reply=says("Hm.", counts=THOUGHT),
    ),
    one("thought", "A thought is shown", params=EFFORT, tells="thoughts", reply=says(THINKS, "Hm.", counts=THOUGHT)),
    scene(
        "thought-kept",
        "A thought comes back with its signature, before tools' results",
        ((ASKED,), says(THINKS, BERN, finish="tool_calls", counts=THOUGHT)),
        ((user(gave(BERN, "Rain.")),), says("It rains.")),
        params=EFFORT,
        tools=(WEATHER,),
        tells="thoughts",
    ),
    scene(
        "thoughts-kept",
        "Thoughts of several rounds come back, each in its place",
        ((ASKED,), says(THINKS, "First Bern.", BERN, BASEL, finish="tool_calls", counts=THOUGHT)),
        ((user(gave(BERN, "Rain."), gave(BASEL, "Sun.")),), says(Thought("Mixed, I think."), "Mixed.", counts=THOUGHT)),
        ((user("Sure?"),), says("Sure.")),
        params=EFFORT,
        tools=(WEATHER,),
        tells="thoughts",
    ),
    scene(
        "hidden-thought",
        "A thought that nobody may see comes back",
        ((ASKED,), says(HIDDEN, BERN, finish="tool_calls", counts=THOUGHT)),
        ((user(gave(BERN, "Rain.")),), says("It rains.")),
        params=EFFORT,
        tools=(WEATHER,),
        tells="hidden",
    ),
    one(
        "plain-thought",
        "A thought in plain text, as relatives of OpenAI tell it",
        tells="plain_thoughts",
        reply=says(Thought("Let me see."), "Hm.", counts=THOUGHT),
    ),
    scene(
        "other-model",
        "A conversation with another model's thoughts goes on",
        Step((ASKED,), says(THINKS, BERN, finish="tool_calls", counts=THOUGHT), elsewhere=True),
        Step((user(gave(BERN, "Rain.")),), says("It rains.")),
        params={"max_tokens": 8000},
        tools=(WEATHER,),
    ),
    one(
        "cache-marks",
        "Marks for the prompt cache",
        system(Text("You know a lot. " * 50, mark=True)),
        user(Text("A long document. " * 50, mark=True), "What does it say?"),
        needs="marks",
        marks=2,
        reply=says("Nothing.", counts=Counts(900, 3, 0, 800)),
    ),
)
