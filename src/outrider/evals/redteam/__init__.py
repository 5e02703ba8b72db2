"""Attacks on a route: a library of them, what they can be dressed in, a search, and what came of it."""
