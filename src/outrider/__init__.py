"""Outrider: the production layer between an application and the models and tools it calls.

Importing this package does no work: no network, no thread, no file.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
