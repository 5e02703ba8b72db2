"""The generated reference: pages made from the structs, the commands, the errors and the events themselves.

`python -m outrider.app.docs [FOLDER]` writes them to docs/reference; a test fails when they are stale.
"""

from outrider.app.docs.pages import pages

__all__ = ["pages"]
