"""Cell formats of a workbook: those it has, the same with a colour, and a few of ours."""

import copy

from lxml import etree

from feedsmith.issues import Severity

COLOURS = {Severity.ERROR: "FFFFC7CE", Severity.WARNING: "FFFFEB9C"}
"""The colour of a faulty cell, as alpha, red, green and blue."""
PLAIN = {"numFmtId": "0", "fontId": "0", "fillId": "0", "borderId": "0", "xfId": "0"}
AS_TEXT = PLAIN | {"numFmtId": "49", "applyNumberFormat": "1"}
"""A format that keeps what is written in the cell as text."""


class Styles:
    """The styles part; `root` grows with each format that is asked for."""

    def __init__(self, xml: bytes) -> None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        self.root = etree.fromstring(xml, parser)
        self._space = etree.QName(self.root).namespace
        self._formats = self._part("cellXfs")
        self._filled: dict[tuple[int, Severity], int] = {}
        self.text, self.number = (self._add(self._made(one)) for one in (AS_TEXT, PLAIN))
        bold, link = self._font({"b": {}}), self._font({"u": {}, "color": {"rgb": "FF0563C1"}})
        self.heading = self._add(self._made(AS_TEXT), fontId=str(bold), applyFont="1")
        self.link = self._add(self._made(AS_TEXT), fontId=str(link), applyFont="1")
        self._fills = {severity: self._fill(colour) for severity, colour in COLOURS.items()}

    def coloured(self, style: int, severity: Severity) -> int:
        """The number of a format like `style`, with the colour of a severity."""
        if (style, severity) not in self._filled:
            known = style if 0 <= style < len(self._formats) else 0
            fill = str(self._fills[severity])
            self._filled[style, severity] = self._add(copy.deepcopy(self._formats[known]), fillId=fill, applyFill="1")
        return self._filled[style, severity]

    def xml(self) -> bytes:
        """The part as it is to be written."""
        for name in ("fonts", "fills", "cellXfs"):
            part = self._part(name)
            part.set("count", str(len(part)))
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def _part(self, name: str) -> etree._Element:
        part = self.root.find(f"{{{self._space}}}{name}")
        if part is None:
            raise ValueError(f"its styles have no {name}")
        return part

    def _made(self, attributes: dict[str, str]) -> etree._Element:
        return etree.Element(f"{{{self._space}}}xf", attributes)

    def _add(self, element: etree._Element, **attributes: str) -> int:
        for name, value in attributes.items():
            element.set(name, value)
        self._formats.append(element)
        return len(self._formats) - 1

    def _font(self, changes: dict[str, dict[str, str]]) -> int:
        """The number of a font like the workbook's first one, with some parts of its own."""
        fonts = self._part("fonts")
        font = copy.deepcopy(fonts[0])
        for name in changes:
            for old in font.findall(f"{{{self._space}}}{name}"):
                font.remove(old)
        for name, attributes in reversed(changes.items()):
            font.insert(0, etree.Element(f"{{{self._space}}}{name}", attributes))
        fonts.append(font)
        return len(fonts) - 1

    def _fill(self, colour: str) -> int:
        fills = self._part("fills")
        fill = etree.SubElement(fills, f"{{{self._space}}}fill")
        pattern = etree.SubElement(fill, f"{{{self._space}}}patternFill", patternType="solid")
        etree.SubElement(pattern, f"{{{self._space}}}fgColor", rgb=colour)
        etree.SubElement(pattern, f"{{{self._space}}}bgColor", indexed="64")
        return len(fills) - 1
