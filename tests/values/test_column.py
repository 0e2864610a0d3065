import subprocess
import sys

from feedsmith.values.column import Column
from feedsmith.values.problem import Problem


def test_facts_of_a_column():
    column = Column(["a", None, "bcd", "a"])
    assert (column.full, column.blank, column.filled, column.joined) == (False, False, ["a", "bcd", "a"], "a\nbcd\na")
    assert (column.longest, column.distinct, list(column.rows())) == (3, {"a", "bcd"}, [(0, "a"), (2, "bcd"), (3, "a")])
    assert column.keep([True, True, False, False]).values == ["a", None]
    assert column.without([0]).values == [None, None, "bcd", "a"]
    assert column.values == ["a", None, "bcd", "a"]
    assert Column([None]).blank
    assert Column([]).longest == 0


def test_a_problem_is_a_value():
    assert Problem("invalid-price", "x") == Problem("invalid-price", "x", "")


def test_values_need_no_babel_and_little_time():
    """The tables are in the code; babel is only for the tests."""
    code = (
        "import sys\n"
        "from feedsmith.values import codes, dates, gtin, measure, money, text, url\n"
        "assert 'babel' not in sys.modules and 'lxml' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
