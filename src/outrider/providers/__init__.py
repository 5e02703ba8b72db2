"""Models: one file per wire dialect (`openai`), the embedded model, and presets and prices as data.

A dialect is pure: `encode`, `decode`, `classify`, `reader` (see `base.ports.Dialect`). I/O is in `Transport`s.
"""
