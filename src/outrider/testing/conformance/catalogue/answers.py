"""Text there and back: roles, letters, lengths and ends."""

from outrider.testing.conformance.catalogue.making import assistant, developer, one, says, scene, system, user
from outrider.testing.speaking.words import Counts, Refusal, Reply, Text

LETTERS = 'naïve 日本語 Ελληνικά 😀👩‍👩‍👧 \u200d "quoted" \\back\\ </script> \t tab'
LONG = " ".join(f"sentence {number} says little." for number in range(2000))

SCENES = (
    one("text", "Plain text"),
    scene(
        "turns",
        "Several turns",
        ((user("What is one and one?"),), says("Two.")),
        ((user("And one more?"),), says("Three.")),
        ((user("And twice that?"),), says("Six.")),
    ),
    one(
        "earlier-turns",
        "A conversation that began elsewhere",
        user("Hello."),
        assistant("Hello! What can I do?"),
        user("Tell me a joke."),
    ),
    one("system", "System prompt", system("You are brief."), user("Hello.")),
    one("system-parts", "System prompt of several parts", system("You are brief.", "You are kind."), user("Hello.")),
    one("developer", "Developer role", developer("You are brief."), user("Hello."), needs="developer"),
    one("several-texts", "A message of several texts", user("First this.", "Then that.")),
    one("user-twice", "Two user messages in a row", user("First this."), user("Then that.")),
    one("letters", "Letters of all kinds, cut anywhere", user(LETTERS), reply=says(LETTERS, split=3)),
    one("white-space", "White space is kept", user("  a\n\n  b\t"), reply=says("  c\n\n\td  ", piece=1)),
    one("long", "A long text", user(LONG), reply=says(LONG, piece=200)),
    one("small-pieces", "A stream of single letters", reply=says("one letter at a time", piece=1)),
    one("empty", "An empty answer", reply=Reply((), counts=Counts(12, 0))),
    one("length", "Cut off by the token limit", params={"max_tokens": 64}, reply=says("Once upon a", finish="length")),
    one(
        "stop",
        "Ended by a stop sequence",
        params={"stop": ["END", "STOP"]},
        needs="stop",
        reply=says("Until here", stopped="END"),
    ),
    one("refusal", "A refusal", reply=Reply((Refusal("I cannot help with that."),), "refusal")),
    one("filter", "Cut off by a content filter", reply=says("It begins with", finish="filter")),
    one("cached", "Tokens read from and written to a cache", reply=says("Hm.", counts=Counts(2000, 5, 1500, 300))),
    one("reasoning-tokens", "Tokens of thinking", reply=says("Hm.", counts=Counts(20, 500, reasoning=450))),
    one("no-usage-twice", "Large counts", reply=says("Hm.", counts=Counts(1_000_000, 64_000))),
    one(
        "new-fields",
        "Fields that nobody knows yet pass, both ways",
        native=True,
        unknown={"x_new_field": {"deep": [1, None, "ü"]}},
        reply=Reply((Text("Hm."),), unknown={"x_new_answer": {"deep": [2.5, False]}}),
    ),
)
