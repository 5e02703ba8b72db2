"""What ships for tests, ours and our users': a provider that does what it is told, in process and over HTTP."""

from outrider.testing.provider import ScriptedProvider, ScriptedTransport
from outrider.testing.script import COMMANDS
from outrider.testing.serving import scripted_server, scripted_thread

__all__ = ["COMMANDS", "ScriptedProvider", "ScriptedTransport", "scripted_server", "scripted_thread"]
