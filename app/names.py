"""Names that people give themselves and what they upload, as they are kept: one line, and not too long."""


def cleaned(name: str, most: int) -> str:
    """Return a name as one line of `most` printable characters at most; may be empty."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())[:most]
