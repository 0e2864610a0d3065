"""What rules cost: `python benchmarks/rules.py [--products N] [--rounds N] [--workers N]`.

Exports Google's feed of a catalog without rules and with 200 of them, in turns, and prints the medians and their ratio;
ends with 1 when the run with rules takes twice as long or more. Then prints what one value of `{{ brand }} {{ title }}`
costs within a batch; ends with 1 above 1.5 microseconds.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from measure import SCRATCH, catalog, feedsmith, seconds

from feedsmith.definitions.node import Node
from feedsmith.issues import Place
from feedsmith.mapping.expression import compile_text
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column

RULES = 200
MOST_RATIO = 2.0
MOST_MICROSECONDS = 1.5
BATCH = 1_000
PLAIN: dict[str, Any] = {
    "version": 1,
    "catalog": {"source": {"path": "catalog.csv"}},
    "market": {"country": "NL", "language": "en", "currency": "EUR", "vat": 21, "site": "https://www.veerhuis.example"},
    "feeds": {"google": {"channel": "google"}},
}


def with_rules() -> dict[str, Any]:
    """The same project with 200 rules: own fields, cases of labels, exclusions, checks, and rules of fields."""
    own = {f"own_{n}": {"calc": f"round(price * {100 + n} / 100 + {n}, 2)"} for n in range(20)}
    own |= {f"text_{n}": f"{{{{ brand }}}} {{{{ color }}}} {n}" for n in range(20)}
    labels = {
        f"custom_label_{label}": [
            *(
                {
                    "when": f'own_{n} > {n * 5 + label * 40} and brand != "Brand {n}"',
                    "value": f"{{{{ text_{n} }}}} {label}",
                }
                for n in range(20)
            ),
            {"value": "other"},
        ]
        for label in range(5)
    }
    where = {f"reason {n}": f'starts_with(title, "No {n}") or quantity > {100_000 + n}' for n in range(30)}
    checks = {
        f"own-check-{n}": {"when": f'contains(title, "unlikely {n}")', "message": f"{{{{ title }}}} {n}"}
        for n in range(20)
    }
    fields = {
        "title": {"parts": ["brand", "title", "color", "size"], "drop": ["size", "color"]},
        "description": {
            "from": "description",
            "steps": ["strip_html", "collapse", {"replace": {"wash": "Wash"}}, "cut"],
        },
        "link": {"from": "link", "steps": [{"add_query": "utm_source=google&utm_medium=cpc"}]},
        "color": {"from": "color", "steps": [{"map": {"navy": "blue", "charcoal": "grey"}}]},
        "size": {"from": "size", "steps": [{"regex": {"^W([0-9]+)$": r"\1 inch"}}]},
        "product_highlight": {"list": ["Made of {{ material }}", "From {{ brand }}", "In {{ color }}"]},
        "short_title": {"value": "{{ brand }} {{ title }}", "steps": ["unique_words", {"cut": 65}]},
        "shipping_label": [{"when": "price > 100", "value": "free"}, {"value": "paid"}],
        "mpn": {"from": "mpn", "steps": ["trim", "upper"]},
        "material": {"from": "material", "steps": ["sentence_case"]},
    }
    whole = {**PLAIN, "fields": {**labels, **fields}, "exclude": where, "checks": checks}
    whole["catalog"] = {**PLAIN["catalog"], "fields": own}
    made = len(own) + sum(map(len, labels.values())) - len(labels) + len(where) + len(checks) + len(fields)
    if made != RULES:
        raise ValueError(made)
    return whole


def project(folder: Path, definition: dict[str, Any], source: Path) -> Path:
    """The folder of a project with that catalog."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(definition, sort_keys=False)
    (folder / "feedsmith.yaml").write_text(text.replace("catalog.csv", str(source)), "utf-8")
    return folder


def microseconds(rounds: int) -> float:
    """What a value of a plain text costs in a batch; the median of so many rounds."""
    place = Place("rule")
    compiled = compile_text(
        Node("{{ brand }} {{ title }}", place, place), Scope({"brand": Type.TEXT, "title": Type.TEXT})
    )
    columns = {
        "brand": [f"Brand {n % 9}" for n in range(BATCH)],
        "title": [f"A product {n} of ours" for n in range(BATCH)],
    }
    taken = []
    for _ in range(rounds):
        rows = Rows(BATCH, lambda name: Column(columns[name]), {})
        start = time.perf_counter()
        rows.run(compiled)
        taken.append((time.perf_counter() - start) / BATCH * 1e6)
    return statistics.median(taken)


def main() -> int:
    """Measures both; 1 when one of them takes longer than it may."""
    parser = argparse.ArgumentParser(description="What rules cost.")
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    source = catalog(options.products)
    folders = {
        "without": project(SCRATCH / "no-rules", PLAIN, source),
        "with": project(SCRATCH / "rules", with_rules(), source),
    }
    taken: dict[str, list[float]] = {name: [] for name in folders}
    for _ in range(options.rounds):
        for name, folder in folders.items():
            words = ("export", "--project", folder, "--force", "--quiet", "--fail-on", "never", "--workers")
            taken[name].append(seconds([feedsmith(*words, str(options.workers))]))
    middle = {name: statistics.median(times) for name, times in taken.items()}
    ratio = middle["with"] / middle["without"]
    print(f"{options.products:,} products: {middle['without']:.1f} s, with {RULES} rules {middle['with']:.1f} s")
    print(f"ratio {ratio:.2f}, limit {MOST_RATIO}")
    value = microseconds(50)
    print(f"{value:.2f} microseconds a value of {{{{ brand }}}} {{{{ title }}}}, limit {MOST_MICROSECONDS}")
    return 0 if ratio < MOST_RATIO and value < MOST_MICROSECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
