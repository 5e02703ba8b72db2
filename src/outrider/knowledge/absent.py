"""What is said where a library of the extra `knowledge` is not installed."""


def told(error: Exception) -> str:
    """The library's name and the remedy; "" for any other fault, and where a module of Outrider's own is not there."""
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if name in ("", "outrider"):
        return ""
    return f"The library {name} is not installed: pip install 'outrider[knowledge]', then add it again."
