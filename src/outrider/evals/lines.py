"""Where in a YAML text something stands, and which texts would grow when they are read."""

import yaml

from outrider.base import yaml_text
from outrider.base.errors import RequestError

DEEPEST = 40


def line_of(tree: yaml.Node | None, path: str) -> int:
    """The line of the last key of `path` (`gates[0].name`) that the file has."""
    node, line = tree, 1
    for part in path.replace("[", ".[").strip(".").split("."):
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and part.startswith("[") and part[1:-1].isdigit():
            at = int(part[1:-1])
            if at < len(node.value):
                found, line = node.value[at], node.value[at].start_mark.line + 1
        if found is None:
            break
        node = found
    return line


def check_flat(text: str, what: str) -> None:
    """Raises RequestError that names the line for what would grow when it is read: aliases, and nesting without an end;
    yaml.YAMLError for what is no YAML. `what` is what the text is, for the words."""
    try:
        yaml_text.check(text, deepest=DEEPEST, most_repeated=0)
    except yaml_text.TooMuch as fault:
        why = "that is sent has no aliases (`*name`): write it out" if fault.alias else "is nested too deeply"
        raise RequestError(f"line {fault.line}: {what} {why}") from None
