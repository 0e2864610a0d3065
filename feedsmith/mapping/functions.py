"""The functions of rules and conditions: each is a row of `FUNCTIONS`, called as `upper(title)` or `title | upper`.

A function is called only when its arguments have values; else its result is empty. An empty text is an empty result.
Every function's result is bounded (`bounds`), so that no rule can ask for more memory than its product's texts.
"""

from collections.abc import Mapping

from feedsmith.mapping.date_functions import DATE_FUNCTIONS
from feedsmith.mapping.function import Function
from feedsmith.mapping.list_functions import LIST_FUNCTIONS
from feedsmith.mapping.number_functions import NUMBER_FUNCTIONS
from feedsmith.mapping.taxonomy import Taxonomy
from feedsmith.mapping.text_functions import TEXT_FUNCTIONS
from feedsmith.mapping.types import Type

T = Type

CATEGORY_FUNCTIONS: Mapping[str, Function] = {
    "category_id": Function(Taxonomy.number, (T.TEXT,), T.TEXT, "the id of a Google category that is given as a path"),
    "category_level": Function(Taxonomy.level, (T.TEXT,), T.NUMBER, "how deep a Google category lies; 1 is the top"),
    "category_problem": Function(
        Taxonomy.problem,
        (T.TEXT,),
        T.TEXT,
        "what is wrong with a Google category: `unknown`, `language` (English in a feed of another language) or "
        "`unchecked` (no English name, and no list of the feed's language); empty when it is right",
    ),
    "known_category": Function(Taxonomy.known, (T.TEXT,), T.FLAG, "a Google category id or path that exists"),
    "under_category": Function(
        Taxonomy.under, (T.TEXT, T.NUMBER), T.FLAG, "a Google category that is one of these ids or below", more=True
    ),
}

FUNCTIONS: Mapping[str, Function] = {
    **TEXT_FUNCTIONS,
    **NUMBER_FUNCTIONS,
    **DATE_FUNCTIONS,
    **LIST_FUNCTIONS,
    **CATEGORY_FUNCTIONS,
}
"""All functions by name. `currency(price)` is put in by the compiler, since it is a column beside the amount's."""
