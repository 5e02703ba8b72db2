"""Kinds of tool servers: one module each, found by its file's name.

A module has `open(mount, own)`, which gives an `Upstream` and does no work yet.
"""
