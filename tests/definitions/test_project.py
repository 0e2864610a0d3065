"""Projects: what is read, what is refused, and how files lie over each other."""

from datetime import date
from decimal import Decimal

import pytest

from feedsmith.definitions.load import (
    channel_files,
    find_project,
    load_channel,
    load_project,
    project_file,
    template_file,
)
from feedsmith.definitions.origin import origins
from feedsmith.definitions.resolve import chosen, resolve_feeds
from feedsmith.errors import DefinitionError, DefinitionErrors, UsageError
from tests.helpers import ROOT, write_tree

TODAY = date(2026, 11, 22)


@pytest.fixture
def project(tmp_path):
    """Loads a project from the text of its file, and others beside it."""

    def load(text, env=None, **files):
        write_tree(
            tmp_path,
            {"feedsmith.yaml": text} | {name.replace("__", "/") + ".yaml": body for name, body in files.items()},
        )
        return load_project(tmp_path / "feedsmith.yaml", env)

    return load


def mistakes(load):
    with pytest.raises(DefinitionError) as caught:
        load()
    return [str(error) for error in getattr(caught.value, "errors", (caught.value,))]


def only(project, name="google"):
    return next(spec for spec in resolve_feeds(project, TODAY) if spec.name == name)


def written(rule):
    return rule.node.plain()


# Reading


def test_a_small_project(project):
    small = project("catalog: products.csv\nfields: {title: '{{ brand }}'}\nfeeds: {google: {channel: google}}\n")
    spec = only(small)
    assert small.definition.catalog.source.path == ["products.csv"]
    assert written(spec.fields["title"]) == "{{ brand }}"
    assert (spec.market.name, spec.market.zone, spec.title) == ("", "UTC", "google")


def test_an_empty_file_is_a_project_without_feeds(project):
    assert resolve_feeds(project(""), TODAY) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[a.csv, {path: b/c.xlsx, sheet: x}]", ["a", "c"]),
        ("[a/x.csv, b/x.csv]", ["x", "x_2"]),
        ("{one: a.csv}", ["one"]),
    ],
)
def test_sources_as_a_list_bear_their_files_names(project, text, names):
    assert list(project(f"catalog: {{sources: {text}}}").definition.catalog.sources) == names


def test_several_files_of_one_source(project):
    assert project("catalog: [a.csv, b.csv]").definition.catalog.source.path == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cataloog: a.csv", "feedsmith.yaml:1:1: unknown key 'cataloog'\n  hint: did you mean catalog?"),
        ("catalog: {sources: {a: {pth: x}}}", "1:25: unknown key 'pth'\n  hint: did you mean path?"),
        ("markets:\n  nl: {contry: NL}", "2:8: unknown key 'contry'\n  hint: did you mean country?"),
        ("rules: {a: {feilds: {}}}", "1:13: unknown key 'feilds'\n  hint: did you mean fields?"),
        ("rules: {a: {market: {curency: EUR}}}", "1:22: unknown key 'curency'\n  hint: did you mean currency?"),
        ("feeds: {a: {channel: google, market: nl, extend: x}}", "1:42: unknown key 'extend'\n  hint: did you mean extends"),
        ("feeds: {a: {markets: [nl]}}", "1:9: the key 'channel' is missing here"),
        ("checks: {a: {when: x, message: y, severty: error}}", "1:35: unknown key 'severty'\n  hint: did you mean severity?"),
        ("checks: {a: loud}", "1:13: checks.a"),
        ("version: 2", "1:10: version: "),
        ("fields: {title: {form: x}}", "1:18: unknown key 'form'\n  hint: did you mean from or"),
        ("rules: {a: {fields: {title: {from: x, calc: y}}}}", "1:29: a rule takes its value from one source"),
        ("feeds: {a: {channel: x, fields: {title: [{}, {wen: x}]}}}", "1:47: unknown key 'wen'\n  hint: did you mean when?"),
        ("catalog: {fields: {margin: {calk: price}}}", "1:29: unknown key 'calk'\n  hint: did you mean calc"),
        ("rules: {a: {from: soon}}", "1:19: rules.a.from"),
        ("a", "1:1: a project file is a mapping"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place_and_a_hint(project, text, told):
    assert any(told in mistake for mistake in mistakes(lambda: project(text)))


def test_all_mistakes_are_told_in_one_go(project):
    text = "cataloog: a\nmarkets: {nl: {contry: NL}}\nfields: {title: {form: x}}\nfeeds: {a: {channel: google, fields: {id: {from: x, calc: y}}}}\n"
    with pytest.raises(DefinitionErrors) as caught:
        project(text)
    assert sorted(error.place.row for error in caught.value.errors) == [1, 2, 3, 4]


def test_a_value_that_may_have_two_forms_is_told_once(project):
    assert len(mistakes(lambda: project("checks: {a: {when: x, message: y, severty: error}}"))) == 1
    assert len(mistakes(lambda: project("checks: {a: loud}"))) == 1


# Channels


def test_every_channel_can_be_read(tmp_path):
    for name, files in ((name, channel_files(tmp_path)) for name in channel_files(tmp_path)):
        channel = load_channel(name, files)
        assert template_file(channel, tmp_path).is_file()


def test_the_own_channel_goes_before_the_bundled_one(tmp_path):
    write_tree(tmp_path, {"channels/google.yaml": "x: 1", "templates/google.xml.j2": ""})
    files = channel_files(tmp_path)
    assert files["google"] == tmp_path / "channels/google.yaml"
    assert "meta" in files


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields: {id: {max: {lenght: 3}}}", "unknown key 'lenght'\n  hint: did you mean length or"),
        ("fields: {id: {typ: text}}", "unknown key 'typ'\n  hint: did you mean type?"),
        (
            "fields: {id: {type: group, group: {a: {requird: true}}}}",
            "unknown key 'requird'\n  hint: did you mean required?",
        ),
        ("fields: {id: {from: id, rule: {from: id}}}", "`rule:` is the whole default rule"),
        ("fields: {id: {required: {wen: x}}}", "unknown key 'wen'\n  hint: did you mean when?"),
        ("checks: {a: {cod: x}}", "unknown key 'cod'\n  hint: did you mean code?"),
        ("dialect: {delimeter: x}", "unknown key 'delimeter'\n  hint: did you mean delimiter?"),
        ("fields: {id: {type: choice}}", "needs `values:`"),
        ("fields: {id: {type: group}}", "needs `group:`"),
        ("format: pdf", "format: input should be 'xml', 'json', 'csv' or 'xlsx', found 'pdf'"),
    ],
)
def test_a_channel_with_a_mistake(tmp_path, text, told):
    write_tree(tmp_path, {"channels/own.yaml": f"title: x\nowner: y\nreference: z\nread: 2026-01-01\n{text}\n"})
    found = mistakes(lambda: load_channel("own", channel_files(tmp_path)))
    assert any(told in mistake and mistake.startswith("channels/own.yaml:5:") for mistake in found)


def test_an_unknown_channel_names_the_nearest(tmp_path):
    with pytest.raises(DefinitionError, match="did you mean google"):
        load_channel("gogle", channel_files(tmp_path))


# Finding


def test_the_nearest_project_upwards_within_a_repository(tmp_path):
    write_tree(tmp_path, {"feedsmith.yaml": "", "a/b/c.txt": "", "r/.git/x": "", "r/s/t.txt": ""})
    assert find_project(tmp_path / "a/b") == tmp_path / "feedsmith.yaml"
    assert find_project(tmp_path / "r/s") is None
    write_tree(tmp_path, {"r/feedsmith.yaml": ""})
    assert find_project(tmp_path / "r/s") == tmp_path / "r/feedsmith.yaml"


def test_a_named_project_may_be_a_folder_or_a_file(tmp_path):
    write_tree(tmp_path, {"feedsmith.yaml": "", "other.yaml": ""})
    assert project_file(tmp_path, tmp_path / "x") == tmp_path / "feedsmith.yaml"
    assert project_file(tmp_path / "other.yaml", tmp_path) == tmp_path / "other.yaml"
    with pytest.raises(UsageError):
        project_file(tmp_path / "x", tmp_path)


# Files over files


def test_includes_lie_under_the_project(project):
    read = project(
        "include: [rules/*.yaml]\nrules: {shop: {fields: {title: mine}, where: price > 2}}\n",
        rules__a="rules: {shop: {fields: {title: theirs, brand: theirs}, where: price > 1, exclude: [x, y]}}\n",
    )
    shop = read.root.map["rules"].map["shop"].plain()
    assert shop["fields"] == {"title": "mine", "brand": "theirs"}
    assert shop["where"] == {"price > 1": "price > 1", "price > 2": "price > 2"}
    assert read.root.map["rules"].map["shop"].map["fields"].map["brand"].place.path == "rules/a.yaml"


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("none/*.yaml", "no file matches"),
        ("/etc/*.yaml", "no relative path"),
        ("''", "no relative path"),
        ("feedsmith*.yaml", "no file matches"),
    ],
)
def test_an_include_that_finds_nothing(project, pattern, told):
    assert told in mistakes(lambda: project(f"include: [{pattern}]"))[0]


def test_included_files_are_mappings_and_include_nothing(project):
    assert "a mapping" in mistakes(lambda: project("include: a.yaml", a="- x"))[0]
    assert mistakes(lambda: project("include: a.yaml", a="include: b.yaml"))[0].startswith(
        "a.yaml:1:1: only the project"
    )


def test_an_environment_lies_over_the_project(project):
    base = "vars: {label: a, other: b}\nfields: {title: x, brand: y}\nwhere: price > 1\nsegments: {s: price > 1, t: price > 2}\nfeeds: {google: {channel: google}}\n"
    read = project(
        base,
        env="prod",
        **{"feedsmith.prod": "vars: {label: c}\nfields: {title: ~}\nwhere: price < 9\nsegments: {s: ~}\n"},
    )
    spec = only(read)
    assert {name: node.plain() for name, node in spec.vars.items()} == {"label": "c", "other": "b"}
    assert spec.fields["title"].cases == ()
    assert [one.name for one in spec.where] == ["price > 1", "price < 9"]
    assert read.definition.segments == {"t": "price > 2"}
    with pytest.raises(UsageError, match="no environment 'stage'"):
        project(base, env="stage")


# Layers of a feed

LAYERS = """
fields: {title: from project, brand: from project, color: from project, size: from project, link: from project}
where: price > 1
exclude: {cheap: price < 5, old: price < 6}
checks: {insecure-url: error, own: {when: price < 1, message: low}}
vars: {label: project}
rules:
  shop:
    fields: {brand: from shop, color: from shop, size: from shop, link: {steps: [upper]}}
    where: {shop: price > 2}
    exclude: {old: ~}
    vars: {label: shop}
  ads: {fields: {color: from ads}, checks: {insecure-url: off}}
  dutch: {fields: {size: from dutch}, market: {vat: 9}}
  past: {until: 2026-11-21, fields: {color: past}}
  coming: {from: 2026-11-23, fields: {color: coming}}
  now: {from: 2026-11-22, until: 2026-11-22, when: price > 9, fields: {gtin: now}}
markets:
  nl: {country: NL, vat: 21, extends: dutch, fields: {mpn: from market}}
feeds:
  google: {channel: google, markets: nl, extends: [shop, ads, past, coming, now], fields: {mpn: from feed, brand: ~}}
"""


@pytest.fixture
def spec(project):
    return only(project(LAYERS), "google_nl")


def test_the_upper_layer_wins(spec):
    assert {name: rule.origin for name, rule in spec.fields.items()} == {
        "title": "project", "brand": "feed google", "color": "rules ads", "size": "rules dutch", "link": "rules shop",
        "gtin": "rules now", "mpn": "feed google",
    }  # fmt: skip
    assert spec.fields["brand"].cases == ()


def test_a_rule_without_a_source_or_with_a_condition_goes_on(spec):
    assert spec.fields["link"].goes_on
    assert spec.fields["link"].below.origin == "project"
    assert spec.fields["gtin"].goes_on
    assert spec.fields["gtin"].when.text == "price > 9"
    assert not spec.fields["size"].goes_on
    assert not spec.fields["brand"].goes_on


def test_conditions_add_up_and_are_removed_by_name(spec):
    assert [(one.name, one.origin) for one in spec.where] == [("price > 1", "project"), ("shop", "rules shop")]
    assert list(spec.exclude) == ["cheap"]


def test_checks_variables_and_market(spec):
    assert spec.checks["insecure-url"][0] == "off"
    assert spec.checks["own"][0].message == "low"
    assert spec.vars["label"].text == "shop"
    assert (spec.market.country, spec.market.language, spec.market.currency) == ("NL", "nl", "EUR")
    assert spec.market.vat == Decimal(21)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("markets: {nl: {}}\nfeeds: {a: {channel: x, markets: [be, nl]}}", "2:35: there is no market 'be'"),
        ("feeds: {a: {channel: x, markets: [be]}}", "1:35: there is no market 'be'"),
        ("rules: {shop: {}}\nfeeds: {a: {channel: x, extends: shp}}", "2:34: there is no rule set 'shp'\n  hint: did you mean shop?"),
        ("market: {country: UK}\nfeeds: {a: {channel: x}}", "1:19: 'UK' is no ISO country code"),
        ("market: {currency: eur}\nfeeds: {a: {channel: x}}", "1:20: 'eur' is no ISO currency code"),
        ("market: {language: xx}\nfeeds: {a: {channel: x}}", "1:20: 'xx' is no ISO language code"),
        ("market: {zone: Europe}\nfeeds: {a: {channel: x}}", "1:16: 'Europe' is no time zone"),
        ("market: {zone: ../x}\nfeeds: {a: {channel: x}}", "1:16: '../x' is no time zone"),
        ("market: {vat: NaN}\nfeeds: {a: {channel: x}}", "1:15: 'NaN' is no rate"),
        ("market: {vat: -5}\nfeeds: {a: {channel: x}}", "1:15: '-5' is no rate"),
        ("markets: {nl: {}}\nfeeds: {a: {channel: x, markets: nl}, a_nl: {channel: x}}", "2:55: two feeds have the name 'a_nl'"),
        ("markets: {nl: {}, be: {}}\nfeeds: {a: {channel: x, markets: [nl, be], output: a.xml}}", "two feeds have the file 'a.xml'"),
    ],
)  # fmt: skip
def test_a_feed_that_cannot_be_resolved(project, text, told):
    read = project(text)
    assert told in mistakes(lambda: resolve_feeds(read, TODAY))[0]


def test_an_empty_setting_of_a_market_removes_it(project):
    read = project("market: {country: NL, vat: 21}\nfeeds: {a: {channel: x, market: {vat: ~}}}")
    assert only(read, "a").market.vat is None


def test_feeds_are_chosen_by_name_channel_and_market(project):
    specs = resolve_feeds(
        project("markets: {nl: {}, de: {}}\nfeeds: {a: {channel: x, markets: [nl, de]}, b: {channel: y}}"), TODAY
    )
    assert [spec.name for spec in chosen(specs, [], [], [])] == ["a_nl", "a_de", "b"]
    assert [spec.name for spec in chosen(specs, ["a_*"], [], ["de"])] == ["a_de"]
    assert [spec.name for spec in chosen(specs, [], ["y"], [])] == ["b"]


# Origins


def test_origins_name_every_entry_with_its_layer(project):
    read = project(LAYERS)
    found = list(origins(read, only(read, "google_nl")))
    by_path = {}
    for path, value, place, layer in found:
        by_path.setdefault(path, []).append((value, place.path, place.row, layer))
    google = "channels/google.yaml"
    assert by_path["market.country"] == [("NL", "feedsmith.yaml", 19, "market nl")]
    assert by_path["market.currency"] == [("EUR", "feedsmith.yaml", 19, "country NL")]
    assert by_path["fields.color"] == [("from ads", "feedsmith.yaml", 13, "rules ads")]
    assert by_path["fields.brand"] == [("~", "feedsmith.yaml", 21, "feed google")]
    assert by_path["fields.link"][:2] == [
        ("{steps: [upper]}", "feedsmith.yaml", 9, "rules shop"), ("from project", "feedsmith.yaml", 2, "project"),
    ]  # fmt: skip
    assert [entry[3] for entry in by_path["fields.gtin"]] == ["rules now", "channel google"]
    assert by_path["fields.condition"][0][1::2] == (google, "channel google")
    assert by_path["where.shop"] == [("price > 2", "feedsmith.yaml", 10, "rules shop")]
    assert by_path["exclude.cheap"] == [("price < 5", "feedsmith.yaml", 4, "project")]
    assert "exclude.old" not in by_path
    assert by_path["checks.insecure-url"] == [("off", "feedsmith.yaml", 13, "rules ads")]
    assert by_path["vars.label"] == [("shop", "feedsmith.yaml", 12, "rules shop")]
    channel = load_channel("google", read.channels)
    assert {path for path in by_path if path.startswith("fields.")} == {
        f"fields.{name}" for name in channel.definition.fields
    }


@pytest.mark.parametrize("name", ["shop", "five-lines", "mistakes"])
def test_the_samples_can_be_resolved(name):
    read = load_project(ROOT / "samples" / name / "feedsmith.yaml")
    for spec in resolve_feeds(read, TODAY):
        assert list(origins(read, spec))
