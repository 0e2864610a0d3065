"""The bytes of a feed file: texts in the encoding of the channel's dialect."""

from collections.abc import Sequence

from feedsmith.definitions.channel import Dialect


def encode(text: str, dialect: Dialect) -> bytes:
    """A piece of a file as bytes, without a byte order mark.

    Raises:
        ValueError: it holds a character that the encoding lacks.
    """
    return encode_all([text], dialect)[0]


def encode_all(texts: Sequence[str], dialect: Dialect) -> list[bytes]:
    """Many texts as bytes, each alone: as one text, a single sign outside ASCII makes all of them slow to encode.

    Raises:
        ValueError: one holds a character that the encoding lacks.
    """
    codec = dialect.codec
    try:
        return list(map(str.encode, texts)) if codec == "utf-8" else [text.encode(codec) for text in texts]
    except UnicodeEncodeError as error:
        raise ValueError(f"holds {error.object[error.start]!r}, which {dialect.encoding} lacks") from error
