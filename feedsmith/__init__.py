"""feedsmith: one product catalog in, the product feeds of every channel out."""

__version__ = "0.1.0"
