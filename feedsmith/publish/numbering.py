"""Names of the files of a feed that has several."""


def numbered(name: str, number: int) -> str:
    """The name of one file of several: `meta_nl-2.json`, `google-1.xml.gz`."""
    stem, dot, suffix = name.partition(".")
    return f"{stem}-{number}{dot}{suffix}"
