"""The steps of rules: what can be done with a value on its way. `STEPS` is the list; docs are made from it.

A step is made once, from its argument, and gives a function of one value. Empty values pass through untouched, and
an empty result is an empty value.
"""

from collections.abc import Mapping

from feedsmith.mapping.list_steps import LIST_STEPS
from feedsmith.mapping.number_steps import NUMBER_STEPS
from feedsmith.mapping.step import StepKind
from feedsmith.mapping.text_steps import TEXT_STEPS

STEPS: Mapping[str, StepKind] = {**TEXT_STEPS, **NUMBER_STEPS, **LIST_STEPS}
"""All steps by name. What stands in for an empty value is no step, but the key `default` beside them."""
