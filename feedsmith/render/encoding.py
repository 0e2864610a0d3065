"""The bytes of a feed file: texts in the encoding of the channel's dialect."""

from collections.abc import Iterable

from feedsmith.definitions.channel import Dialect


def encode(text: str, dialect: Dialect) -> bytes:
    """A piece of a file as bytes, without a byte order mark.

    Raises:
        ValueError: it holds a character that the encoding lacks.
    """
    try:
        return text.encode(dialect.codec)
    except UnicodeEncodeError as error:
        raise ValueError(f"holds {text[error.start]!r}, which {dialect.encoding} lacks") from error


def sizes(texts: Iterable[str], dialect: Dialect) -> list[int]:
    """The bytes of each text, which `encode` takes."""
    if dialect.encoding == "utf-8":
        return [len(text) if text.isascii() else len(text.encode()) for text in texts]
    if dialect.encoding == "utf-16":
        return [len(text.encode(dialect.codec)) for text in texts]
    return list(map(len, texts))  # all others have one byte for each character
