"""`python -m outrider.testing.speaking --port 9000`: a provider of every language, for a gateway or a client."""

import argparse
import asyncio
import contextlib
import sys

from outrider.testing.speaking import SpeakingProvider, speaking_server
from outrider.testing.speaking.provider import COMMANDS


async def _serve(port: int) -> None:
    async with speaking_server(SpeakingProvider(), port=port) as url:
        sys.stdout.write(f"a provider of every language on {url.removesuffix('/v1')}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    listed = "\n".join(f"  {name:14} {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m outrider.testing.speaking",
        description="A provider that speaks every language, on 127.0.0.1, and refuses what the real ones refuse.",
        epilog=f"commands, after `scripted:` in the user's text:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free port; the address is printed")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
