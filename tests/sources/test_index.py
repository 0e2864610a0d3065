"""Rows by key on disk: what SQLite finds is what a dict would."""

from hypothesis import given
from hypothesis import strategies as st

from feedsmith.sources.index import ASKED, IndexReader, write_index

KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=3)
CELL = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
ROWS = st.lists(st.tuples(KEYS, st.sampled_from(["", "a", "b"]), st.lists(CELL, min_size=2, max_size=2)), max_size=40)


def indexed(folder, rows, *, keep_last=False):
    path = folder / "rows.sqlite"
    path.unlink(missing_ok=True)
    return write_index(
        path, [(key, which, 10 * n, cells) for n, (key, which, cells) in enumerate(rows)], keep_last=keep_last
    )


@given(ROWS, st.booleans(), st.sets(KEYS, max_size=5))
def test_an_index_answers_as_a_dict_does(tmp_path_factory, rows, keep_last, others):
    wanted = {}
    for number, (key, which, cells) in enumerate(rows):
        if keep_last or (key, which) not in wanted:
            wanted[key, which] = (10 * number, cells)
    index = indexed(tmp_path_factory.getbasetemp(), rows, keep_last=keep_last)
    reader = IndexReader(index.path)
    hits = list(reader.find({key for key, _ in wanted} | others))
    assert {(hit.key, hit.qualifier): (hit.line, hit.cells) for hit in hits} == wanted
    assert len(hits) == len(wanted) == len(rows) - index.removed
    reader.close()


@given(ROWS, st.data())
def test_unused_rows_are_those_that_nobody_found(tmp_path_factory, rows, data):
    index = indexed(tmp_path_factory.getbasetemp(), rows)
    keys = {key for key, _, _ in rows}
    asked = data.draw(st.sets(st.sampled_from(sorted(keys)))) if keys else set()
    reader = IndexReader(index.path)
    used = bytearray(index.highest + 1)
    for hit in reader.find(asked):
        used[hit.number] = 1
    count, first = reader.unused(used)
    left = dict.fromkeys((key, which) for key, which, _ in rows if key not in asked)
    assert count == len(left)
    assert [key for key, _ in first] == [key for key, _ in left][:3]
    reader.close()


def test_more_keys_than_one_question_holds(tmp_path):
    rows = [(str(number), "", [str(number)]) for number in range(2 * ASKED + 1)]
    reader = IndexReader(indexed(tmp_path, rows).path)
    assert len(list(reader.find(key for key, _, _ in rows))) == len(rows)


def test_repeated_keys_name_the_row_that_counts(tmp_path):
    rows = [("k", "", ["1"]), ("k", "", ["2"]), ("k", "store", ["3"]), ("k", "", ["4"])]
    first, last = indexed(tmp_path, rows), indexed(tmp_path, rows, keep_last=True)
    assert [(one.kept, one.other) for one in first.repeated] == [(0, 10), (0, 30)]
    assert [(one.kept, one.other) for one in last.repeated] == [(30, 0), (30, 10)]
    assert (first.removed, last.removed) == (2, 2)
