"""What a page tells of what was just done: its words travel in the address that the form leads on to, and are shown
only where this server wrote them, for this session. Anybody can make a link; nobody makes Outrider say what is in it.
"""

import hmac
from urllib.parse import urlencode

from outrider.console.edge import View

LONGEST = 400


def link(view: View, path: str, done: str, about: str) -> str:
    """The address of a page that tells that something was `done` (a code of the page's), and what of."""
    about = about[:LONGEST]
    return f"{path}?{urlencode({'done': done, 'about': about, 'proof': _proof(view, done, about)})}"


def about(view: View, *done: str) -> str:
    """What was done, if it was one of these codes; empty where the address was not made by `link` for this session."""
    said, what = view.query.get("done", ""), view.query.get("about", "")
    told = hmac.compare_digest(view.query.get("proof", "").encode(), _proof(view, said, what).encode())
    return what if said in done and told else ""


def _proof(view: View, done: str, about: str) -> str:
    said = f"notice\0{done}\0{about}".encode("utf-8", "surrogatepass")
    return hmac.digest(view.session.csrf.encode(), said, "sha256").hex()[:32]
