"""`feedsmith feedback` as it is typed."""

import json

import pytest


@pytest.fixture
def report(shop):
    (shop / "issues.csv").write_text("Item ID,Issue title,Attribute\nSKU-1,Bad picture,image_link\nOLD,Gone,\n")


def test_it_is_a_report_as_any_other(run, shop, report):
    ended = run("feedback", "issues.csv", "--channel", "google", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert (
        "error[google-bad-picture] image_link: Bad picture (1 issue)\n  --> catalog.csv:2:image_link  SKU-1"
        in ended.out
    )
    assert (
        "warning[feedback-unknown-id] the report names the id 'OLD', which the catalog does not hold: Gone" in ended.out
    )
    assert ended.out.endswith("3 products read; 1 error, 1 warning\n")
    found = json.loads(run("feedback", "issues.csv", "--channel", "google", "--format", "json", cwd=shop).out)
    assert [one["source"]["path"] for one in found["issues"]] == ["catalog.csv", "issues.csv"]
    assert found["catalog"]["sources"][0]["rows"] == 2


def test_errors_end_it_with_1_where_that_is_asked_for(run, shop, report):
    words = ("feedback", "issues.csv", "--channel", "google", "--quiet")
    assert run(*words, "--fail-on", "error", cwd=shop).code == 1
    assert run(*words, "--baseline", "known.json", "--write-baseline", "--fail-on", "error", cwd=shop).code == 0
    assert run(*words, "--baseline", "known.json", "--fail-on", "warning", cwd=shop).code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("issues.csv",), 2, "feedback needs one channel"),
        (("missing.csv", "--channel", "google"), 5, "missing.csv: cannot be read"),
        (("issues.csv", "--channel", "nonsense"), 2, "there is no channel 'nonsense'"),
        (("issues.csv", "--channel", "google", "--column", "ids=Item ID"), 2, "did you mean id?"),
        (("issues.csv", "--channel", "google", "--column", "Item ID"), 2, "for example --column id=SKU"),
    ],
)
def test_what_is_wrong_with_the_command_is_told(run, shop, report, words, code, told):
    ended = run("feedback", *words, cwd=shop)
    assert (ended.code, ended.out, told in ended.err) == (code, "", True), ended.err
