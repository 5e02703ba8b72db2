"""The scripted provider as a program: an OpenAI-compatible provider that does what the request says.

python -m outrider.testing.scripted --port 9000
"""

import argparse
import asyncio
import contextlib
from collections.abc import Sequence

from outrider.testing import script
from outrider.testing.provider import ScriptedProvider, ScriptedTransport
from outrider.testing.serving import scripted_server

__all__ = ["ScriptedProvider", "ScriptedTransport", "main", "scripted_server"]


async def _serve(port: int) -> None:
    async with scripted_server(port=port) as url:
        print(f"scripted provider on {url}", flush=True)
        await asyncio.Event().wait()


def main(arguments: Sequence[str] | None = None) -> None:
    listed = "\n".join(f"  {name:14} {what}" for name, what in script.COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m outrider.testing.scripted",
        description="A provider that does what the request says, on 127.0.0.1.",
        epilog=f"commands, after `scripted:` in the user's text or the model's name:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free port; the URL is printed")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args(arguments).port))


if __name__ == "__main__":
    main()
