"""Write the reference pages: `python -m outrider.app.docs [FOLDER]`."""

import sys
from pathlib import Path

from outrider.app.docs.pages import pages


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
