"""The table of cards: which channels have which views of an item, and how much of a text each view shows."""

from docs.markdown import cell, code, table
from feedsmith.definitions.load import Channel
from feedsmith.preview.cards.looks import Cut, FaceLook, look_of
from feedsmith.preview.cards.looks import table as cards

OWN = "layout"
"""What stands for a figure's source where no figure of the place is known."""


def card_table(channels: dict[str, Channel]) -> str:
    """A row for each view with its figures: the cut texts, where the figures are from, the channels."""
    found: dict[tuple[str, str], list[str]] = {
        _row(face): [] for faces in cards().families.values() for face in map(cards().faces.__getitem__, faces)
    }
    for name, one in channels.items():
        for face in look_of(one.lineage, one.definition.kind, one.definition.fields).faces.values():
            found.setdefault(_row(face), []).append(code(name))
    views = [view for view, _ in found]
    rows = [(view, cuts, ", ".join(names) or "channels of your own") for (view, cuts), names in found.items()]
    rows.sort(key=lambda row: views.index(row[0]))
    return table(("View", "Characters that are seen", "Channels"), rows)


def _row(face: FaceLook) -> tuple[str, str]:
    return cell(face.name), "; ".join(_cut(*cut) for cut in face.cut.items())


def _cut(part: str, cut: Cut) -> str:
    source = "our layout" if cut.source == OWN else cut.source
    shown = f"[source]({source})" if source.startswith("https://") else source
    return f"{part} {cut.characters} ({shown})"
