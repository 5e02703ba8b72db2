"""The environment, read in this one module. Nothing else in Outrider touches `os.environ` for settings."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs


def get(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def all_() -> Mapping[str, str]:
    return os.environ


def home() -> Path:
    """`OUTRIDER_HOME`, or the platform's user data folder. Not created here."""
    value = os.environ.get("OUTRIDER_HOME")
    return Path(value).expanduser() if value else Path(platformdirs.user_data_dir("outrider", appauthor=False))


def models_dir(home_: Path) -> Path:
    """`OUTRIDER_MODELS`, or `models` under `home_`: where embedded models live. Several homes may share one."""
    value = os.environ.get("OUTRIDER_MODELS")
    return Path(value).expanduser() if value else home_ / "models"


def set_default(name: str, value: str) -> None:
    """Set a variable that a native library reads when it is loaded, unless the user set it."""
    os.environ.setdefault(name, value)


def database_url(home_: Path) -> str:
    """`OUTRIDER_DATABASE_URL`, or a SQLite file under `home_`."""
    return os.environ.get("OUTRIDER_DATABASE_URL") or f"sqlite:///{home_ / 'outrider.sqlite3'}"


def config_path() -> Path | None:
    """`OUTRIDER_CONFIG`, else `outrider.yaml` in the working directory, else None."""
    value = os.environ.get("OUTRIDER_CONFIG")
    if value:
        return Path(value)
    local = Path("outrider.yaml")
    return local if local.is_file() else None


def proxy_for(base: str) -> str | None:
    """The proxy that the environment names for this URL (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`)."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    exempt = [h.strip().lstrip(".") for h in (get("NO_PROXY") or get("no_proxy")).split(",") if h.strip()]
    if (
        host in ("localhost", "127.0.0.1", "::1")
        or "*" in exempt
        or any(host == h or host.endswith("." + h) for h in exempt)
    ):
        return None
    name = f"{parts.scheme}_proxy"
    return get(name.upper()) or get(name) or None
