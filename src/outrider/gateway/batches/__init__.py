"""Batches: files of requests that are answered within a day, line by line, each through the ordinary corridor.

`files` and `rows` keep them in the lease store; `lines` reads them; `work` executes one batch, `runner` decides which
ones this process works on; `http` is what callers see. Nothing here knows how a request is answered: a line goes to the
handler that a client's request would go to (`inside`).
"""
