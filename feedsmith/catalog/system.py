"""Systems that write catalogs: how their files are recognised, and how their columns and rows are to be understood.

Each is a file `systems/NAME.yaml`, of this package or of the project.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field

from feedsmith.definitions.model import Strict, validated
from feedsmith.definitions.node import Node, load_yaml

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

FOLDER = "systems"
NO_SYSTEM = "none"
"""What a source says where its file is to be read as it is."""


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_list, json_schema_input_type=str | list[str])]
Part = Literal["product", "variant", "parent", "image", "more", "facts", "codes", "skip"]
BESIDE = frozenset({"codes", "skip"})
"""Parts of files that say nothing of one product: no file is recognised by them alone."""


class GivesDefinition(Strict):
    """What a row of a further file says about a product."""

    key: str = Field(description="The field, such as `quantity` or `stock[{location}]`; `{column}` is a cell.")
    value: str = Field("", description="The column with its value.")
    says: str = Field("", description="The value itself, where it stands in no column.")
    when: dict[str, Names] = Field({}, description="Column: the values it must have; of one value the first entry.")
    none: Names = Field([], description="Values that say nothing.")


class AssignsDefinition(Strict):
    """Facts: the categories that rows put their product and its variants into."""

    value: str = Field(description="The column with a category's code.")
    first: dict[str, Names] = Field({}, description="Column: the values by which a row counts before the others.")


class WindowDefinition(Strict):
    """From when until when a row of facts holds. One that is over, or not yet there, says nothing."""

    start: Names = Field(description="Columns with the moments from which it holds.")
    end: Names = Field(description="Columns with the moments until which it holds.")


class BookDefinition(Strict):
    """Lists of which one takes what it lacks from another, such as price books."""

    own: str = Field(description="The column that names the row's list.")
    parent: str = Field(description="The column that names the list above it.")


class CodesDefinition(Strict):
    """What the codes in cells of products stand for. Each row tells of a code."""

    code: Names = Field(description="The columns with the code, or with several names of the same.")
    label: Names = Field(description="Columns with its word; `label` stands for `label-nl_NL` too, in that language.")
    of: Names = Field([], description="The columns of products that hold such codes.")
    within: str | None = Field(None, description="In place of `of`: the column that names the products' column.")
    between: Names = Field([","], description="What parts several codes of a cell; the first that a cell holds counts.")
    parent: str | None = Field(None, description="The column with the code above it: the codes are categories.")
    root: bool = Field(default=False, description="Whether paths begin with a category that shoppers never see.")
    group: str | None = Field(None, description="The column that names the attribute which the word is a value of.")
    several: bool = Field(default=False, description="Whether a code stands for the words of all columns together.")
    options: bool = Field(default=False, description="Whether the codes are those of attributes: names of options.")


class FileDefinition(Strict):
    """One kind of file that the system writes."""

    when: list[list[str]] = Field(description="Sets of headings; a file that has all of one set is of this kind.")
    only: Names = Field([], description="All headings that such a file may have; `*` is a pattern.")
    item: Names = Field([], description="XML: paths at which such elements stand in files that hold others too.")
    part: Part | None = Field(None, description="What each of its rows is; default: as `rows` says.")
    because: str = Field("", description="What rows are that are skipped, for the message.")
    own: str | None = Field(None, description="The column with a row's own key, where it differs from `shape: own`.")
    up: Names = Field([], description="Columns that name a row's parent, where they differ from `shape: up`.")
    codes: CodesDefinition | None = Field(None, description="Codes: what they stand for.")
    skip: dict[str, Names] = Field({}, description="Column: values of rows that say nothing, such as removals.")
    window: WindowDefinition | None = Field(None, description="Facts: from when until when a row holds.")
    assigns: AssignsDefinition | None = Field(None, description="Facts: categories.")
    by: Names = Field([], description="Facts: the columns that name the product together, here and in its own row.")
    gives: list[GivesDefinition] = Field([], description="Facts: the fields that a row gives.")
    lacking: list[GivesDefinition] = Field(
        [], description="Facts: what holds of a product that no row names; the first entry that fits any row counts."
    )
    book: BookDefinition | None = Field(None, description="Facts: lists that take what they lack from another.")


class NestedDefinition(Strict):
    """A column that stands inside another one, as XML files have them."""

    column: str = Field(description="The column with the nested elements.")
    path: str = Field("", description="The way to the values, parted by points.")
    first: bool = Field(default=False, description="Whether only the first of several values counts.")
    names: str = Field("", description="The way to the names of attributes, whose values the path leads to.")
    groups: str = Field("", description="Pictures: the element of a group; those of the first one's kind count.")
    kind: str = Field("", description="The group's attribute with its kind, such as the size of its pictures.")
    only: str = Field("", description="The element by which a group is only for variants with that attribute's value.")


class RowDefinition(Strict):
    """What a row is, by its cells. All that is said must hold; the first entry that fits counts."""

    part: Part = Field(description="What the row is.")
    when: dict[str, Names] = Field({}, description="Column: the values it may have; `*` stands for any characters.")
    empty: Names = Field([], description="Columns that hold nothing.")
    filled: Names = Field([], description="Columns that all hold something.")
    because: str = Field("", description="What such rows are, for the message that they are not sold.")


class OptionsDefinition(Strict):
    """What tells a variant from its siblings: columns in pairs, two lists, or one column of codes or of a pattern."""

    name: str = Field("", description="The column with an option's name; `{n}` counts from 1. Without it: a list.")
    value: str = Field("", description="The column with its value, in the same way.")
    part: str = Field("", description="Lists: what stands before further facts of an entry, as in `Blue:0`.")
    column: Names = Field([], description="Columns with all options of a variant in one cell.")
    pattern: str = Field("", description="Their form: a regular expression with the groups `name` and `value`.")
    none: Names = Field([], description="Values that stand for no option.")


class PairsDefinition(Strict):
    """A column that holds several attributes as `code=value`, parted by commas."""

    column: str = Field(description="The column.")


class ChildrenDefinition(Strict):
    """A parent's column that lists its variants: `sku=A,size=XS|sku=B,size=S`."""

    column: str = Field(description="The column.")
    key: str = Field("", description="The name before the variant's key; without it the column lists keys.")
    between: str = Field("|", description="What parts two variants.")
    ignore: Names = Field([], description="Names that are no options.")


class ImagesDefinition(Strict):
    """Where pictures stand."""

    own: Names = Field([], description="Columns with a variant's own pictures, before those of the article.")
    shared: Names = Field([], description="Columns with pictures of the article, on any of its rows.")
    position: str | None = Field(None, description="The column that numbers them.")
    none: Names = Field([], description="Values that stand for no picture.")
    base: str = Field("", description="What comes before a picture without a host; `{site}` is the shop's address.")
    most: int = Field(50, ge=1, description="Most pictures of a product.")


class IdDefinition(Strict):
    """What identifies a product."""

    columns: Names = Field(description="Columns that hold it; the first that is filled and stands only once counts.")
    otherwise: Names = Field([], description="Columns that, with the options, make it where none of those does.")


class LinkDefinition(Strict):
    """The page of a product."""

    to: str = Field(description="The address; `{site}` is the shop's, `{column}` the value of a column.")
    parent: bool = Field(default=False, description="Whether a variant has its parent's page.")


class AvailabilityDefinition(Strict):
    """How stock becomes availability."""

    quantity: str = Field(description="The column with the pieces.")
    backorder: dict[str, Names] = Field({}, description="Column: the values by which it is sold without stock.")
    untracked: dict[str, Names] = Field({}, description="Column: the values by which stock is not counted.")
    assume: str | None = Field(None, description="What holds where the file has no stock at all; it is told.")


class CategoriesDefinition(Strict):
    """A column with the paths of categories; the longest path is the product's."""

    column: str = Field(description="The column.")
    between: Names = Field([","], description="What parts two paths; the first that a cell holds counts.")
    levels: str = Field("/", description="What parts two levels of a path.")
    root: bool = Field(default=False, description="Whether each path begins with a root that shoppers never see.")


class ViewsDefinition(Strict):
    """Rows that hold the texts of one product for a store view or a language."""

    column: str = Field(description="The column that names the view.")
    default: Names = Field([], description="Views that hold the values for all.")


class ShapeDefinition(Strict):
    """How rows belong together."""

    own: str = Field(description="The column with a row's own key, or the key that the rows of an article share.")
    names: Names = Field([], description="Further names that others call a row by, such as `id:{id}`.")
    up: Names = Field([], description="Columns that name a row's parent; the first filled one counts.")
    no_parent: Names = Field([], description="Values there that stand for none.")
    children: ChildrenDefinition | None = Field(None, description="A parent's column that lists its variants.")
    follows: bool = Field(default=False, description="A row that is no product belongs to the last product above it.")
    deep: bool = Field(default=False, description="Whether parents have parents.")
    rows: list[RowDefinition] = Field([], description="What rows are, by their cells.")
    default: Part = Field("product", description="What a row is that no entry of `rows` fits.")
    keep: Names = Field([], description="Columns that a variant does not take from its parent; `*` is a pattern.")
    hidden: dict[str, Names] = Field({}, description="Column: values of a parent that hold for its variants too.")
    options: OptionsDefinition | None = Field(None, description="Columns that say what tells variants apart.")
    categories: CategoriesDefinition | None = Field(None, description="The column with category paths.")
    pairs: PairsDefinition | None = Field(None, description="A column with attributes in pairs.")
    images: ImagesDefinition | None = Field(None, description="Where pictures stand.")
    id: IdDefinition | None = Field(None, description="What identifies a product.")
    link: LinkDefinition | None = Field(None, description="A product's page.")
    availability: AvailabilityDefinition | None = Field(None, description="How stock becomes availability.")
    views: ViewsDefinition | None = Field(None, description="Rows with the texts of store views.")
    languages: Names = Field([], description="Columns with texts in languages that `COLUMN_lang` names.")
    axes: Names = Field([], description="Columns of a parent that name the attributes its variants differ in.")
    more: Names = Field([], description="Columns that rows of the part `more` say of the row above with the same id.")
    adds: dict[str, str] = Field({}, description="Column, such as the price: that with what a variant has above it.")
    recipe: str | None = Field(None, description="A column with variants that have no rows; it is told.")

    @property
    def linked(self) -> bool:
        """Whether the file must be read once before, to know which row belongs to which."""
        return self.children is not None or bool(self.names) or self.deep


class SystemDefinition(Strict):
    """A system that writes catalogs. Headings are written as they are compared: small letters, `_` for all else."""

    title: str = Field(description="The system's name for messages.")
    files: dict[str, FileDefinition] = Field(description="The kinds of file it writes; the first one holds products.")
    columns: dict[str, Names] = Field({}, description="Names for `shape`, each with its headings; the first counts.")
    nested: dict[str, NestedDefinition] = Field({}, description="Names for `shape` of what stands inside columns.")
    fields: dict[str, Names] = Field({}, description="Canonical field: its headings here, the strongest first.")
    fallbacks: Names = Field([], description="Fields whose empty rows take the next of their columns.")
    ignore: Names = Field([], description="Headings that look like ours and are not.")
    shape: ShapeDefinition | None = Field(None, description="How rows belong together.")


@dataclass(frozen=True)
class System:
    """A system by its name, and what its definition says."""

    name: str
    definition: SystemDefinition

    @property
    def title(self) -> str:
        """The system's name for messages."""
        return self.definition.title

    def kind_of(self, names: Collection[str]) -> str | None:
        """Which of the system's files has these normalised headings: the one that asks for most of them."""
        files = self.definition.files.items()
        found = [(fit, kind) for kind, one in files if (fit := _fit(one.when, one.only, set(names)))]
        return max(found, key=lambda each: each[0])[1] if found else None


@dataclass(frozen=True)
class Systems:
    """The systems that count for a project: its own before the bundled ones."""

    raw: Mapping[str, Mapping[str, Any]]
    own: Mapping[str, System]

    def __getitem__(self, name: str) -> System:
        """The system of that name.

        Raises:
            KeyError: there is none.
        """
        return self.own.get(name) or _bundled(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def recognise(self, names: Collection[str]) -> System | None:
        """The system that wrote a file with these normalised headings: the one that asks for most of them."""
        present = set(names)
        best, fit = "", 0
        for name, facts in self.raw.items():
            files = [one for one in facts["files"].values() if one.get("part") not in BESIDE]
            own = max((_fit(one["when"], one.get("only", ()), present) for one in files), default=0)
            if own > fit:
                best, fit = name, own
        return self[best] if best else None


def _fit(when: list[list[str]], only: Sequence[str], present: set[str]) -> int:
    """How many headings of a set are asked for and there; 0 where no set is whole, or another heading is there."""
    fit = max((len(together) for together in when if present.issuperset(together)), default=0)
    if fit and only:
        patterns = [one for one in only if "*" in one]
        if any(not any(fnmatchcase(name, one) for one in patterns) for name in present.difference(only)):
            return 0
    return fit


@cache
def _raw() -> dict[str, dict[str, Any]]:
    """The bundled definitions as they are written."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(files(__package__).joinpath(FOLDER).iterdir(), key=lambda one: one.name):
        with file.open(encoding="utf-8") as text:
            found[file.name.removesuffix(".yaml")] = yaml.load(text, Loader=_LOADER)  # noqa: S506  (text only)
    return found


@cache
def _bundled(name: str) -> System:
    return System(name, SystemDefinition.model_validate(_raw()[name]))


def systems(folder: Path | None = None) -> Systems:
    """The bundled systems, and those that the project in `folder` has in `systems/`.

    Raises:
        DefinitionError: a file of the project is wrong, with its place.
    """
    own: dict[str, System] = {}
    raw: dict[str, Mapping[str, Any]] = {}
    for path in sorted((folder / FOLDER).glob("*.yaml")) if folder else ():
        node: Node = load_yaml(path, f"{FOLDER}/{path.name}")
        own[path.stem] = System(path.stem, validated(SystemDefinition, node))
        raw[path.stem] = node.plain()
    return Systems({**raw, **{name: facts for name, facts in _raw().items() if name not in raw}}, own)
