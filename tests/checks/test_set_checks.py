"""Checks over all items: by cases, and against a plain implementation for any split into parts."""

from array import array
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.checks import sets
from feedsmith.checks.sets import SetDecider, Spot, digests, keys_of
from feedsmith.definitions.channel import SetCheck
from feedsmith.mapping.rows import Rows
from feedsmith.values.column import Column
from tests.checks.helpers import definition, node, shaped
from tests.helpers import cases

GTINS = frozenset({"gtin"})


def check_of(written):
    return SetCheck.model_validate(node({"code": "own", "message": "m", **written}).plain())


def decide(parts, checks):
    """Runs checks over parts of rows; items are numbered through all parts in what comes back."""
    rows = [Rows(len(part), lambda name, part=part: Column([row.get(name) for row in part]), {}) for part in parts]
    starts = [sum(map(len, parts[:number])) for number in range(len(parts))]

    def number(spot):
        return starts[spot.part] + spot.item

    decider = SetDecider(len(parts), lambda part, key: array("q", digests(key, rows[part])).tobytes())
    decision = decider.run({name: check_of(check) for name, check in checks.items()}, GTINS)
    found = [
        (one.name, number(one.spot), number(one.other) if one.other is not None else one.number)
        for one in decision.findings
    ]
    return found, sorted(map(number, decision.removed))


@pytest.mark.parametrize(("kind", "case"), list(cases("tests/checks/cases/sets")))
def test_set(kind, case):
    found, removed = decide(case["parts"], {"one": case["check"]})
    assert [list(one[1:]) for one in found] == case["found"]
    assert removed == case["removed"]


CHECKS = {
    "count": {"check": "count", "by": "group", "min": 2, "max": 3},
    "same": {"check": "same", "by": "group", "fields": ["brand"]},
    "ids": {"check": "unique", "key": "id", "else": "keep_first"},
    "capitals": {"check": "unique", "key": "id", "fold": True},
    "variants": {"check": "unique", "key": ["group", "brand"], "else": "drop_all"},
    "parents": {"check": "not_in", "key": "group", "other": "id"},
    "members": {"check": "in", "key": "brand", "other": "id"},
    "labels": {"check": "distinct", "key": "brand", "max": 2},
}


def groups(items, key, gone=frozenset()):
    """The numbers of the items that share a key, in order; `gone` ones and those without it do not count."""
    by = {}
    for number, item in enumerate(items):
        if number not in gone and key(item) is not None:
            by.setdefault(key(item), []).append(number)
    return by


def naive_removals(items):
    """What the two removing checks come to, in their order."""
    found, gone = [], set()
    for numbers in groups(items, lambda item: item["id"]).values():
        found += [("ids", number, numbers[0]) for number in numbers[1:]]
        gone |= set(numbers[1:])
    variants = groups(items, lambda item: (item["group"], item["brand"]) if item["group"] else None, gone)
    for numbers in variants.values():
        if len(numbers) > 1:
            found += [("variants", numbers[0], numbers[1]), *(("variants", n, numbers[0]) for n in numbers[1:])]
            gone |= set(numbers)
    return found, gone


def naive(items):
    """What the checks above come to, said plainly."""
    found, gone = naive_removals(items)
    by_group = groups(items, lambda item: item["group"], gone)
    for first, *others in by_group.values():
        if not 2 <= len(others) + 1 <= 3:
            found.append(("count", first, len(others) + 1))
        found += [("same", n, first) for n in others if items[n]["brand"] != items[first]["brand"]][:1]
    for first, *others in groups(items, lambda item: item["id"] and item["id"].casefold(), gone).values():
        found += [("capitals", n, first) for n in others if items[n]["id"] != items[first]["id"]]
    ids = groups(items, lambda item: item["id"], gone)
    found += [("parents", numbers[0], ids[group][0]) for group, numbers in by_group.items() if group in ids]
    brands = groups(items, lambda item: item["brand"], gone)
    found += [("members", n, 0) for brand, numbers in brands.items() if brand not in ids for n in numbers]
    if len(brands) > 2:
        found.append(("labels", min(numbers[0] for numbers in brands.values()), len(brands)))
    return sorted(found), sorted(gone)


WORDS = st.sampled_from([None, "a", "A", "b", "c"])
ITEMS = st.lists(st.fixed_dictionaries({"id": WORDS, "group": WORDS, "brand": WORDS}), max_size=14)


@settings(max_examples=150, deadline=None)
@given(items=ITEMS, borders=st.lists(st.integers(0, 14), max_size=3), at_once=st.sampled_from([1, 2, 5, 100]))
def test_any_split_and_any_number_of_passes_give_the_plain_answer(items, borders, at_once):
    edges = [0, *sorted(min(border, len(items)) for border in borders), len(items)]
    parts = [items[start:end] for start, end in pairwise(edges)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "AT_ONCE", at_once)
        patch.setattr(sets, "KEPT", at_once)
        patch.setattr(sets, "FEW", at_once // 2)
        found, removed = decide(parts, CHECKS)
    assert (sorted(found), removed) == naive(items)
    assert [one[1] for one in found] == sorted(one[1] for one in found)


def test_removed_items_are_no_longer_counted():
    found, removed = decide(
        [[{"id": "a", "group": "g"}, {"id": "a", "group": "g"}]],
        {
            "size": {"check": "count", "by": "group", "max": 1},
            "ids": {"check": "unique", "key": "id", "else": "keep_first"},
        },
    )
    assert (found, removed) == ([("ids", 1, 0)], [1])


def test_spots_of_a_decision_are_part_and_item():
    rows = Rows(1, lambda name: Column(["a"]), {})
    check = check_of({"check": "unique", "key": "id", "else": "drop_all"})
    decider = SetDecider(2, lambda part, key: array("q", digests(key, rows)).tobytes())
    assert decider.run({"ids": check}, frozenset()).removed == {Spot(0, 0), Spot(1, 0)}


def test_digests_are_of_what_is_printed():
    prices = shaped(["1.50", "1.5", None], definition({"type": "number"})).column
    lists = Column([["a"], ["a", "b"], None])
    rows = Rows(3, lambda name: {"price": prices, "text": Column(["1.50", "1.5", None]), "list": lists}[name], {})
    one, two = (keys_of(check_of({"check": "unique", "key": key}), GTINS)[0] for key in ("price", "text"))
    assert digests(one, rows).values == digests(two, rows).values
    made = digests(keys_of(check_of({"check": "unique", "key": "list"}), GTINS)[0], rows).values
    assert len(set(made)) == 3
    assert made[2] == 0
