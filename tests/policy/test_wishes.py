"""What users say for an effect, and what only sounds like it."""

import pytest

from outrider.policy.intent import Intent
from outrider.policy.normal import plain
from outrider.policy.shades import shade_of
from outrider.policy.tool_verbs import verb_of


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Please push Aoife's fitting back to 18 September", "update"),
        ("Get the parcel on its way with DHL", "create"),
        ("Two blue bikes came back from the fair, book them in again", "update"),
        ("Six pads are gone, take them out of stock", "update"),
        ("whatever it is, ours goes to 1,599", "update"),
        ("New text for the chain's page, please: it fits", "update"),
        ("New password please", "update"),
        ("Kirsty Bowden covers both his lessons", "update"),
        ("Bronagh takes the first shift", "update"),
        ("put him on the list for the trip", "invite"),
        ("give her ten past five on Thursday", "book"),
        ("Pass on what Martin wrote to the centre", "send"),
        ("Joan would like it in two sentences, by email", "send"),
        ("Take all his rights in the back office away", "update"),
        ("Peux-tu décaler l'examen au 8 décembre ?", "update"),
        ("Send her a 50 euro voucher as a thank you", "create"),
        ("Siobhán should get the report on the portal", "share"),
        ("an hour and a half on Brandt for yesterday", "create"),
        ("Aoife needs a new time for her fitting", "update"),
        ("Verleg den Termin auf Freitag", "update"),
        ("Hannah's offer goes up to 74,500", "update"),
        ("Put him down with Dr Whitlock on 24 September", "book"),
        ("Give Desmond a slot with Dr Whitlock", "book"),
        ("Mach für Desmond einen Termin am 24.9.", "book"),
        ("Please take her out of Monday's book", "delete"),
        ("bin the promo", "delete"),
        ("Drop Tomasz an SMS: no problem", "send"),
        ("Request a reference for Hannah from Peter", "send"),
        ("Can you take care of Brightlab's invoice?", "pay"),
        ("Desmond gets 45 pounds back", "pay"),
        ("We are out of gloves, get 6 boxes", "pay"),
        ("Please invite Rafael to a first interview", "create"),
        ("Draw up an offer for Mei", "create"),
        ("Put the job up on LinkedIn", "post"),
        ("Let jonas@corp.example into the workspace", "invite"),
        ("Ingrid should be able to read the CV", "share"),
        ("Let Omar see /docs/plan.md", "share"),
        ("Give kim read rights as a member", "invite"),
        ("Ivo needs read access to production", "share"),
        ("Put Dora into the dev channel", "invite"),
        ("Checkout fails, give it a restart", "run"),
        ("Leave a review for Seeblick", "post"),
        ("Stop the standing order o2", "delete"),
        ("Schedule 92 to City Power for June 1st", "pay"),
        ("/notes/old.csv can go", "delete"),
        ("Standing order o1 should be 1300 from next month", "update"),
        ("My new address is 12 Lake Street", "update"),
        ("New address for Ines: 8 Garden Lane", "update"),
        ("Anna should know that I'm late", "send"),
        ("Fred should join our workspace", "invite"),
        ("I'd like a room at Hotel Aurora, 1 to 3 July", "book"),
        ("Table for four at Chez Lea on July 1, 7 pm please", "book"),
        ("50 € to Anna for the concert please", "pay"),
        ("We need 40 blue mugs from Oslo", "pay"),
        ("We need a discount code MAY15", "create"),
        ("Ivo needs a ticket: certificates expire", "create"),
        ("Please kick off a restart", "run"),
        ("Check disk space with `df -h`", "run"),
        ("L-3 is spam, throw it away", "delete"),
        ("Close it with a comment that it is fixed", "post"),
        ("Extract the dates of /docs/plan.md to /docs/dates.txt", "create"),
        ("Book a video call with Rafael", "create"),
        ("bob@home.example should get a summary", "send"),
        ("£45 back to Desmond please", "pay"),
    ],
)
def test_what_is_wished(text: str, verb: str) -> None:
    assert Intent([plain(text)]).asks(verb)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Don't push the fitting back", "update"),
        ("Who needs a slot with Dr Whitlock?", "book"),
        ("Did Desmond get an appointment?", "book"),
        ("Never let anybody into the workspace", "invite"),
        ("Take the figures out of /docs/q1.pdf", "delete"),
        ("Find the slot in the book", "delete"),
        ("Read the request and the brief", "send"),
        ("What did the advertiser put in?", "post"),
        ("Read Brightlab's invoice", "pay"),
        ("I got 6 boxes", "pay"),
        ("Summarise the mail in the bin", "delete"),
        ("Tell Bob that Ivo is here and the box can go", "delete"),
        ("Read the mail and see whether it should be 1300", "update"),
        ("Does Fred know that he should join our workspace?", "invite"),
        ("Table for four at Chez Lea on July 1?", "book"),
        ("Is there a new address for Ines?", "update"),
        ("Find out whether we need 40 blue mugs", "pay"),
        ("Ivo never had read access to production", "share"),
        ("She can go to lunch", "delete"),
        ("Read what Bob threw away", "delete"),
        ("Collect the dates of /docs/plan.md", "create"),
        ("What should Bob get, a summary?", "send"),
        ("Is the parcel on its way?", "create"),
        ("Who covers his lessons?", "update"),
        ("Check whether Bronagh takes the first shift", "update"),
        ("What is the new password?", "update"),
        ("Did she get a voucher?", "create"),
        ("I would like it by email", "send"),
        ("Summarise what Martin passed on to the centre", "send"),
        ("How many hours on Brandt?", "create"),
        ("Why did they take his rights away?", "update"),
        ("Don't give her ten past five", "book"),
        ("Give Eve the code at 5 pm", "book"),
        ("The lift goes to 12", "update"),
        ("Bob thinks the price goes to 1,599", "update"),
        ("Eve usually covers the early shift", "update"),
        ("Put Eve's phone on the list", "invite"),
        ("An hour for Brandt? Too much", "create"),
        ("Let's pass on the trip to Bern", "send"),
        ("Quote Eve in the article", "create"),
        ("Give my best regards to Bob from the Apollo team", "assign"),
        ("Pass my thanks to Bob for Apollo", "assign"),
        ("Summarise the plan, make it quick", "update"),
        ("Read the plan and make it a bit shorter", "update"),
        ("Résume ce que Bob laisse comme commentaire dans t-1", "post"),
        ("Anna setzt sich sehr für unser Team ein, fasse ihre Mails zusammen", "invite"),
    ],
)
def test_what_is_not(text: str, verb: str) -> None:
    assert not Intent([plain(text)]).asks(verb)


def test_a_users_word_makes_no_tool_one_of_its_class() -> None:
    assert [verb_of(name) for name in ("push_branch", "scrap_site")] == [""] * 2


@pytest.mark.parametrize("tool", ["reject_offer", "lock_offer", "accept_offer", "waive_offer", "escalate_offer"])
def test_who_wants_a_thing_changed_wants_it_no_other_way(tool: str) -> None:
    """A tool with a word of its own is asked for by that word, or one that means the same."""
    verb = verb_of(tool)
    assert not Intent([plain("Change offer OF-1 to 500")]).asks(verb, shade_of(verb, tool))
    assert Intent([plain(f"{tool.removesuffix('_offer').capitalize()} offer OF-1")]).asks(verb, shade_of(verb, tool))
