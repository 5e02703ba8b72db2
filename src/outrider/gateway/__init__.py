"""The model gateway: the corridor that every model request walks, and its HTTP surface.

`server` and `upstream` are the two seams to the network; `corridor` composes the stages; each stage is one module.
"""
