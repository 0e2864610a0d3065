"""What we write, we read back: every expected feed keeps its own channel's rules, and its values come out the same."""

import csv
import io
import json
import re
from dataclasses import replace
from functools import cache, partial

import pytest
from lxml import etree

from feedsmith.definitions.load import channel_files, load_channel, template_file
from feedsmith.issues import Severity
from feedsmith.mapping.from_feed import match
from feedsmith.mapping.inner import ANY, LIST, MARK, WILD, fits, fixed
from feedsmith.render.load_template import load_template
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.execute import execute
from feedsmith.run.output import NEWLINES
from feedsmith.run.reading import open_feed, reading_project, why_unreadable, wrapped_names
from feedsmith.run.reading_form import variants_form
from feedsmith.run.request import FeedFile, Request
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.json_groups import GROUP, NUMBER
from feedsmith.sources.json_items import json_records
from feedsmith.sources.xml_items import xml_records
from tests.channels.engine import HERE, NOW
from tests.channels.samples import BAD
from tests.conftest import GOLDEN


def readable(channel):
    """Not where lint says that it cannot."""
    files = channel_files(HERE)
    return channel in files and not why_unreadable(load_channel(channel, files).definition)


FEEDS = sorted(path for path in GOLDEN.glob("*/*") if path.suffix != ".html" and readable(path.parent.name))


def alone(path):
    """Nothing of a project is needed to write it again."""
    channel = load_channel(path.parent.name, channel_files(HERE))
    vars_ = "vars." in template_file(channel, HERE).read_text("utf-8")
    return not has_lines_above(path) and not vars_


def has_lines_above(path):
    """Lines of the owner's stand above the headings."""
    return load_channel(path.parent.name, channel_files(HERE)).definition.header_row > 1


def asked(path, channel, **more):
    return Request(here=HERE, as_of=NOW, workers=1, feed=FeedFile(path, channel, **more))


def linted(path, channel, **more):
    issues = []
    report = execute(asked(path, channel, **more), lambda report: issues.extend(report.issues()))
    return report, issues


@cache
def market_of(path):
    """The market that the feed's name tells: `google_nl`."""
    return {"country": "NL", "language": "nl"} if path.stem.endswith("_nl") else {"country": "US", "language": "en"}


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_an_expected_feed_has_no_error(path):
    report, issues = linted(path, path.parent.name)
    assert [issue for issue in issues if issue.severity is Severity.ERROR] == []
    feed = report.feeds[0]
    assert feed.items == feed.products_in > 0
    assert not [issue for issue in issues if issue.code == "unknown-column"]


def job_rows(job):
    return sum(len(batch) for batch in read_table(job.streams[0].tables[0], ()))


def single(path):
    """An item is written by itself, of fields that the channel names: no group around it, no attributes of a project."""
    definition = load_channel(path.parent.name, channel_files(HERE)).definition
    own = any(one.expand is not None and "{value}" not in (one.name or "") for one in definition.fields.values())
    return alone(path) and definition.group is None and not own


@pytest.mark.parametrize("path", [*filter(single, FEEDS)], ids=lambda path: path.name)
def test_its_values_written_again_are_the_same(path, tmp_path):
    request = asked(path, path.parent.name, **market_of(path))
    job, _ = open_feed(request, reading_project(request), tmp_path)
    feed = compile_feed(job, job.specs[0])
    keys = [one.out.key for one in feed.fields]
    channel = job.channels[path.parent.name]
    newline = NEWLINES[channel.definition.dialect.newline]
    template = load_template(template_file(channel, HERE), "template", keys, feed.context, newline)
    feed = replace(feed, template=template, writes=True)
    conformer = job.streams[0].conformer()
    texts = [
        text for batch in read_table(job.streams[0].tables[0]) for text in feed.run(conformer.conform(batch), {}).texts
    ]
    whole = path.read_bytes().decode(channel.definition.dialect.codec)
    cells = re.sub(r"\s+", "", whole)
    assert len(texts) == job_rows(job)
    assert all(texts)
    assert [text for text in texts if re.sub(r"\s+", "", text) not in cells] == []


def bad_value(definition):
    """A text that is no value of the field, and the codes that say so; none where any text will do."""
    if definition.type == "measure" and not definition.units:
        return BAD["number"]
    if definition.type in BAD:
        return BAD[definition.type]
    if definition.type in {"text", "html"} and definition.max is not None:
        return "w" * (definition.max.length + 1), {"too-long"}
    return None


def delimited(path, fields, mark):
    text = path.read_bytes().decode("utf-8-sig" if mark.startswith("utf-8") else mark)
    delimiter = max(",;\t|", key=text.splitlines()[0].count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    columns = {
        key: rows[0].index(found.whole[0]) for key, found in match(rows[0], fields).fields.items() if found.whole
    }

    def change(row, key, value):
        rows[row + 1][columns[key]] = value

    def written():
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
        return out.getvalue(), [
            2 + "\n".join(map("".join, rows[1 : at + 1])).count("\n") + (at > 0) for at in range(len(rows))
        ]

    return columns, len(rows) - 1, change, written


def of_json(path, fields, mark):
    """The items as JSON lines: lint knows them by their content, not by the channel's envelope."""
    channel = load_channel(path.parent.name, channel_files(HERE))
    form, wrapped = variants_form(channel, HERE), wrapped_names(channel.definition)
    cells = [one.values for one in json_records(path, None, None, path.name, variants=form, wrapped=wrapped)]
    whole = [
        {name: json.loads(text) if text[:1] in {"[", "{"} else text for name, text in one.items()} for one in cells
    ]
    items = [{name: one for name, one in each.items() if not name.startswith(GROUP)} for each in whole]
    names = {key: found for key, found in match(items[0], fields).fields.items() if found.whole}

    def change(row, key, value):
        put(items[row], names[key], value)

    def written():
        return json_lines(items, [each.get(NUMBER) for each in whole], whole, form)

    return names, len(items), change, written


def put(owner, columns, value):
    """A value at the place of a field, in place of the one that is there."""
    *way, last = (*columns.whole, *columns.way)
    steps = list(columns.inner.steps) if columns.inner else [*way, last]
    for step in steps[:-1]:
        name = next(iter(owner)) if step == ANY else step.removesuffix(LIST)
        owner = owner.setdefault(name, [{}] if step.endswith(LIST) else {})
        owner = owner[0] if isinstance(owner, list) else owner
    wrap = columns.inner.wrap if columns.inner else None
    if wrap is None:
        owner[steps[-1]] = value
        return
    element = json.loads(
        json.dumps(fixed(wrap)).replace(json.dumps(MARK), json.dumps(value)).replace(json.dumps(WILD), '"x"')
    )
    elements = owner.setdefault(steps[-1].removesuffix(LIST), [])
    own = [at for at, one in enumerate(elements) if fits(wrap, one)]
    if own:
        elements[own[columns.inner.start]] = element
    else:
        elements.append(element)


def json_lines(items, numbers, whole, form):
    """A line an item; a group has one more above its variants. With the line of each item."""
    found, lines = [], []
    for at, item in enumerate(items):
        number = numbers[at]
        if number is not None and (at == 0 or numbers[at - 1] != number):
            own = {name.removeprefix(GROUP): one for name, one in whole[at].items() if name.startswith(GROUP)}
            found.append(json.dumps(own)[:-1] + f', "{form.name}": [')
        last = number is not None and (at + 1 == len(items) or numbers[at + 1] != number)
        found.append(json.dumps(item) + ("]}" if last else "," if number is not None else ""))
        lines.append(len(found))
    return "\n".join(found), lines


def of_xml(path, fields, mark):
    tree = etree.parse(path)
    lines = [one.line for one in xml_records(path, None, None, path.name)]
    items = [one for one in tree.iter(etree.Element) if one.sourceline in lines and (len(one) or one.attrib)]
    items = [one for one in items if one.getparent() is items[0].getparent()]
    labels = [*(f"@{name}" for name in items[0].attrib), *labels_of(items[0])]
    names = {key: found for key, found in match(labels, fields).fields.items() if found.whole}

    def change(row, key, value):
        *way, last = (*names[key].whole, *names[key].way)
        owner = items[row]
        for step in way:
            owner = child_of(owner, step, items[0])
        element, _, attribute = last.partition("@")
        owner = child_of(owner, element, items[0]) if element else owner
        if attribute:
            owner.set(attribute, value)
        else:
            owner.text = value

    def written():
        return etree.tostring(tree, encoding="utf-8", xml_declaration=True).decode(), lines

    return names, len(items), change, written


def labels_of(item):
    for child in item:
        name = etree.QName(child).localname
        yield name
        yield from (f"{name}@{attribute}" for attribute in child.attrib)


def child_of(owner, name, model):
    """The element of that name, made like the model's where it is not there."""
    child = next((one for one in owner if etree.QName(one).localname == name), None)
    if child is None:
        like = next((one.tag for one in model.iter(etree.Element) if etree.QName(one).localname == name), name)
        child = etree.SubElement(owner, like)
    return child


WAYS = {".xml": of_xml, ".json": of_json, ".jsonl": of_json}


@pytest.mark.parametrize("path", [one for one in FEEDS if not has_lines_above(one)], ids=lambda path: path.name)
def test_one_thing_changed_in_each_field_is_told_with_its_line(path, tmp_path):
    request = asked(path, path.parent.name, **market_of(path))
    job, _ = open_feed(request, reading_project(request), tmp_path)
    definition = job.channels[path.parent.name].definition
    fields = {key: one for key, one in definition.fields.items() if one.expand is None}
    read = partial(WAYS.get(path.suffix, delimited), path, fields, definition.dialect.encoding)
    names, size, _, _ = read()
    broken = [(key, bad) for key in names if fields[key].repeat is None and (bad := bad_value(fields[key])) is not None]
    assert broken
    for some in batched(broken, size - 1):
        _, _, change, written = read()
        for row, (key, (value, _)) in enumerate(some, 1):
            change(row, key, value)
        text, lines = written()
        target = tmp_path / f"feed{path.suffix}"
        target.write_text(text, "utf-8")
        _, issues = linted(target, path.parent.name, **market_of(path))
        told = {(issue.place.row, issue.field, issue.code) for issue in issues}
        assert [
            (key, lines[row]) for row, (key, (_, codes)) in enumerate(some, 1)
            if not any((lines[row], key, code) in told for code in codes)
        ] == []  # fmt: skip


def batched(values, size):
    return [values[at : at + size] for at in range(0, len(values), size)]
