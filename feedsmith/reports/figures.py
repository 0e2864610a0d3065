"""Sizes, as reports tell them."""

UNIT_STEP = 1000


def told_size(size: float) -> str:
    """Bytes in decimal units, as a file manager tells them.

    >>> told_size(999), told_size(2_100)
    ('999 bytes', '2.1 kB')
    """
    for unit in ("bytes", "kB", "MB"):
        if size < UNIT_STEP:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= UNIT_STEP
    return f"{size:,.1f} GB"
