"""Writes a catalog of any size for the benchmarks: `python benchmarks/make_catalog.py N FILE`.

24 columns with canonical names, about 775 bytes a row: descriptions of about 300 characters, three additional pictures,
a sale price on a quarter of the products, variants in groups of four to six, valid GTINs of the example range 952.
Five rows in a thousand are bad in one of several ways; `--bad 0` leaves them out. The same seed gives the same bytes.
"""

import argparse
import csv
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

HEADINGS = (
    "id,title,description,link,image_link,additional_image_link,availability,quantity,price,sale_price,brand,gtin,mpn,"
    "color,size,material,gender,age_group,item_group_id,product_type,google_product_category,condition,shipping_weight,"
    "custom_label_0"
).split(",")
BRANDS = ("Wadlinnen", "Tureluur Denim", "Zandloper", "Schorwol", "Touw & Tij", "Molenweef", "Kleiwerk", "Noordkaap")
KINDS = (  # noun, product type, Google's category, sizes
    ("T-shirt", "Clothing > T-shirts", "212", ("XS", "S", "M", "L", "XL", "XXL")),
    ("Jeans", "Clothing > Trousers > Jeans", "204", ("W28", "W30", "W31", "W32", "W34", "W36")),
    ("Trainer", "Shoes > Trainers", "187", ("38", "39", "40", "41", "42", "43")),
    ("Jumper", "Clothing > Jumpers", "212", ("XS", "S", "M", "L", "XL", "XXL")),
    ("Coat", "Clothing > Coats", "5598", ("34", "36", "38", "40", "42", "44")),
    ("Scarf", "Accessories > Scarves", "177", ("70 x 70", "90 x 90", "120 x 30", "140 x 35", "180 x 35", "200 x 50")),
)
COLORS = ("navy", "ecru", "moss green", "brick red", "charcoal", "sky blue", "ochre", "white", "black", "café au lait")
MATERIALS = ("organic cotton", "lambswool", "linen", "recycled polyester", "denim", "merino wool", "canvas")
GENDERS = ("male", "female", "unisex")
WORDS = (
    "Harbour",
    "Dune",
    "Ferry",
    "Marsh",
    "Beacon",
    "Quay",
    "Tide",
    "Meadow",
    "Lantern",
    "Mill",
    "Orchard",
    "Linden",
)
OPENINGS = (
    "Cut from {material} that was woven in small batches, with seams that are sewn twice for a long life, ",
    "A calm design in {material}, made for days that start early and end late, whatever the weather brings, ",
    "Our pattern makers worked for a year on this piece in {material}, which keeps its shape and its color, ",
    "Soft to the touch from the first day: {material} of long fibres, washed before it is cut and sewn, ",
)
MIDDLES = (
    "with deep pockets, a label that does not itch and buttons that are made of nut shells; ",
    "with a loop to hang it by, spare thread in the inside pocket and a hem you can let out; ",
    'with room for a layer underneath, 2" of extra length at the back and a collar that stands up; ',
    "with flat seams, a lining in the same shade and fastenings you can open with gloves on; ",
)
ENDINGS = (
    "machine washable at 30 degrees, dries flat overnight and needs no iron. Made in Portugal by a family firm.",
    "wash by hand and dry in the shade. Repairs are done in our own workshop for as long as you wear it.",
    "wipe with a damp cloth, let it dry slowly and feed it twice a year. Comes in a cotton bag without plastic.",
    "cold wash, no tumble drying. The fit is true to size; between two sizes we advise to take the larger one.",
)
CHECK_DIGITS = [[sum(map(int, f"{n:03d}"[::2])) + 3 * int(f"{n:03d}"[1]) for n in range(1000)],
                [3 * sum(map(int, f"{n:03d}"[::2])) + int(f"{n:03d}"[1]) for n in range(1000)]]  # fmt: skip
"""What three digits add to the weighted sum, when the first of them has weight 1 and when it has weight 3."""

Row = list[str]


def gtin(number: int) -> str:
    """The 13-digit GTIN of the example range with that running number."""
    first, second, third = number // 1_000_000 % 1000, number // 1000 % 1000, number % 1000
    total = CHECK_DIGITS[0][952] + CHECK_DIGITS[1][first] + CHECK_DIGITS[0][second] + CHECK_DIGITS[1][third]
    return f"952{number:09d}{-total % 10}"


def texts(templates: tuple[str, ...], material: str) -> list[str]:
    """The sentences with the material filled in."""
    return [template.format(material=material) for template in templates]


DESCRIPTIONS = {
    material: [a + b + c for a in texts(OPENINGS, material) for b in MIDDLES for c in ENDINGS] for material in MATERIALS
}


def products(seed: int) -> Iterator[Row]:
    """Rows without end, group by group."""
    chance = random.Random(seed)
    number = 0
    while True:
        group = group_rows(chance.getrandbits(64), number)
        yield from group
        number += len(group)


def group_rows(bits: int, number: int) -> list[Row]:
    """The four to six variants of one article; `bits` decides everything about it, `number` is its first product's."""
    noun, product_type, category, sizes = KINDS[bits % 6]
    brand, color, material = BRANDS[(bits >> 8) % 8], COLORS[(bits >> 12) % 10], MATERIALS[(bits >> 16) % 7]
    word, gender = WORDS[(bits >> 20) % 12], GENDERS[(bits >> 24) % 3]
    cents = 995 + 100 * ((bits >> 28) % 220)
    price = f"{cents // 100}.{cents % 100:02d} EUR"
    cut = cents * 7 // 10
    sale = f"{cut // 100}.{cut % 100:02d} EUR" if (bits >> 36) % 4 == 0 else ""
    description = DESCRIPTIONS[material][(bits >> 40) % 64]
    rows = []
    for at, size in enumerate(sizes[: 4 + (bits >> 48) % 3], number):
        path = f"{word.lower()}-{noun.lower()}-{at:08d}"
        picture = f"https://i.veerhuis.example/{path}"
        quantity = (bits >> (at % 40)) % 50
        rows.append([
            f"SKU-{at:08d}", f"{word} {noun} in {material} {at}", description, f"https://www.veerhuis.example/p/{path}",
            f"{picture}-1.jpg", f"{picture}-2.jpg,{picture}-3.jpg,{picture}-4.jpg",
            "in_stock" if quantity else "out_of_stock", str(quantity), price, sale, brand, gtin(at), f"MPN{at:08d}",
            color, size, material, gender, "adult", f"G-{number:08d}", product_type, category, "new", "0.45 kg",
            "season 26/27",
        ])  # fmt: skip
    return rows


def cell(heading: str, text: str) -> Callable[[Row], None]:
    """A change that puts `text` into one cell; `{}` stands for what is there."""
    at = HEADINGS.index(heading)

    def change(row: Row) -> None:
        row[at] = text.replace("{}", row[at])

    return change


MISTAKES = (
    cell("title", ""),
    cell("title", "<b>{}</b>"),
    cell("title", "FREE SHIPPING {}"),
    cell("description", "{} \x0b"),
    cell("price", "on request"),
    cell("price", "0.00 EUR"),
    cell("sale_price", "9999.00 EUR"),
    cell("gtin", "9520000000000"),
    cell("link", "www.veerhuis.example/{}"),
    cell("image_link", ""),
    cell("availability", "maybe"),
    cell("id", "SKU-00000000"),
)


def with_mistakes(rows: Iterator[Row], promille: int, seed: int) -> Iterator[Row]:
    """The rows, `promille` in a thousand of them with one mistake."""
    chance = random.Random(seed + 1)
    for row in rows:
        if chance.random() * 1000 < promille:
            chance.choice(MISTAKES)(row)
        yield row


def write_catalog(path: Path, count: int, bad: int = 5, seed: int = 1) -> None:
    """A CSV of `count` products in UTF-8, `bad` of a thousand with a mistake."""
    rows = islice(products(seed), count)
    if bad:
        rows = with_mistakes(rows, bad, seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(rows)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Writes a catalog for the benchmarks.")
    parser.add_argument("count", type=int, help="number of products")
    parser.add_argument("file", type=Path, help="the CSV to write")
    parser.add_argument("--bad", type=int, default=5, help="products in a thousand that have a mistake (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other products (default: 1)")
    options = parser.parse_args()
    write_catalog(options.file, options.count, options.bad, options.seed)


if __name__ == "__main__":
    main()
