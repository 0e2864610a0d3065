"""What a file is, as HTTP says it."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "gz": "application/gzip",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}
"""Content type by the ending of a file's name."""
UNKNOWN = "application/octet-stream"


def content_type(name: str) -> str:
    """The content type of a feed's file.

    >>> content_type("google_nl.xml"), content_type("google.XML.gz"), content_type("feed")
    ('application/xml', 'application/gzip', 'application/octet-stream')
    """
    return TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)
