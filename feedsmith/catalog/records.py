"""The records besides products that a merchant has, and what is known about each kind of record.

Stores and regions say where products are sold; promotions and reviews are feeds of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from feedsmith.catalog.fields import (
    CHOICE,
    LANGUAGE,
    MARKET,
    CanonicalField,
    Category,
    Codes,
    Country,
    Currency,
    Flag,
    Identifier,
    Moment,
    MomentEnd,
    Money,
    Number,
    Quantity,
    Text,
    Url,
    Urls,
    Whole,
    canonical_fields,
)
from feedsmith.catalog.fields import about as _f
from feedsmith.catalog.product import FIELDS, PickupMethod

OfferType = Annotated[Literal["no_code", "generic_code"] | None, CHOICE]
ProductApplicability = Annotated[Literal["all_products", "specific_products"] | None, CHOICE]
StoreApplicability = Annotated[Literal["all_stores", "specific_stores"] | None, CHOICE]
UrlScope = Annotated[Literal["singleton", "group"] | None, CHOICE]
CollectionMethod = Annotated[Literal["unsolicited", "post_fulfillment"] | None, CHOICE]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # built for the schema and for docs only


class Store(_Record):
    """A shop that people visit, or a warehouse that sends."""

    code: Identifier = _f("The store's code as channels know it, such as that of the business profile.")
    till: Identifier = _f("What the till or the stock export calls the store; default: the code.")
    name: Text = _f("The store's name for shoppers.", LANGUAGE)
    country: Country = _f("Country it stands in, two letters; empty: it serves every market.")
    address: Text = _f("Street and number.")
    postal_code: Identifier = _f("Postal code.")
    city: Text = _f("Town.")
    pickup_method: PickupMethod = _f("How goods are collected there.")
    pickup_sla: Text = _f("When they can be collected: same day, next day, 2-day.")
    buffer: Quantity = _f("Pieces that are kept back from its stock.")


class Region(_Record):
    """A part of a country with prices or stock of its own."""

    code: Identifier = _f("The region's code as channels know it.")
    till: Identifier = _f("What the price columns call the region; default: the code.")
    name: Text = _f("The region's name.", LANGUAGE)
    country: Country = _f("Country it lies in, two letters; empty: it serves every market.")


class Promotion(_Record):
    """An offer that covers some or all products. Products name theirs in `promotion_id`."""

    id: Identifier = _f("The promotion's own key.")
    title: Text = _f("What is offered, with its value.", LANGUAGE)
    description: Text = _f("More about it.", LANGUAGE)
    fine_print: Text = _f("Its conditions in words.", LANGUAGE)
    link: Url = _f("Page about it.", MARKET)
    image_link: Url = _f("Picture of it.")
    start: Moment = _f("When it begins.", MARKET)
    end: MomentEnd = _f("When it ends; a bare date counts to its last second.", MARKET)
    display_start: Moment = _f("From when it is shown, where that differs.", MARKET)
    display_end: MomentEnd = _f("Until when it is shown, where that differs.", MARKET)
    currency: Currency = _f("ISO 4217 code of the row's amounts.")
    offer_type: OfferType = _f("Whether a code is needed.")
    code: Identifier = _f("The code that shoppers give.")
    product_applicability: ProductApplicability = _f("Whether it covers all products.")
    store_applicability: StoreApplicability = _f("Whether it holds in all stores.")
    redemption_channel: Codes = _f("Where it is taken: online, in_store.")
    destinations: Codes = _f("Places of the channel where it may show.")
    coupon_value_type: Identifier = _f("The form of the reduction, in the channel's words.")
    percent_off: Number = _f("Reduction in per cent: 20 for 20 %.")
    money_off_amount: Money = _f("Reduction in money.", MARKET)
    minimum_purchase_amount: Money = _f("Order value from which it holds.", MARKET)
    minimum_purchase_quantity: Whole = _f("Pieces from which it holds.")
    get_this_quantity_discounted: Whole = _f("Pieces that are cheaper or free.")
    limit_quantity: Whole = _f("Most pieces that it covers.")
    limit_value: Money = _f("Most money that it covers.", MARKET)
    max_discount_amount: Money = _f("Most money that shoppers save.", MARKET)
    min_percent_off: Number = _f("Least reduction in per cent.")
    max_percent_off: Number = _f("Highest reduction in per cent.")
    min_money_off: Money = _f("Least reduction in money.", MARKET)
    max_money_off: Money = _f("Highest reduction in money.", MARKET)
    free_gift_value: Money = _f("What the gift is worth.", MARKET)
    free_gift_description: Text = _f("What the gift is.", LANGUAGE)
    free_gift_item_id: Identifier = _f("The gift's own key in the catalog.")
    item_id: Codes = _f("Keys of the products it covers.")
    item_id_exclusion: Codes = _f("Keys of the products it does not cover.")
    item_group_id: Codes = _f("Item groups it covers.")
    item_group_id_exclusion: Codes = _f("Item groups it does not cover.")
    brand: Codes = _f("Brands it covers.")
    brand_exclusion: Codes = _f("Brands it does not cover.")
    product_type: Codes = _f("The shop's own categories it covers.")
    product_type_exclusion: Codes = _f("The shop's own categories it does not cover.")
    google_product_category: Category = _f("Google's category that it covers.")
    store_code: Codes = _f("Stores where it holds.")
    store_code_exclusion: Codes = _f("Stores where it does not hold.")
    redemption_restriction: Identifier = _f("Who may use it, in the channel's words.")
    custom_redemption_restriction: Text = _f("Who may use it, in own words.")
    audience: Identifier = _f("Whom it is for, in the channel's words.")
    regions: Codes = _f("Codes of the regions it is for.")
    tags: Codes = _f("Names of subsets that it belongs to.")


class Review(_Record):
    """What one shopper wrote about one product."""

    id: Identifier = _f("The review's own key, permanent.")
    product_id: Identifier = _f("Key of the product in the catalog.")
    gtin: Codes = _f("GTINs of the product and its variants.")
    mpn: Codes = _f("Part numbers of the product.")
    brand: Text = _f("Brand of the product.")
    product_name: Text = _f("Name of the product.")
    product_link: Url = _f("Page of the product.")
    reviewer: Text = _f("The reviewer's name as it may be shown; empty: anonymous.")
    reviewer_id: Identifier = _f("Key of the reviewer.")
    anonymous: Flag = _f("The name is not shown.")
    created: Moment = _f("When it was written.")
    title: Text = _f("Its heading.")
    content: Text = _f("Its text.")
    pros: Codes = _f("What the reviewer liked.")
    cons: Codes = _f("What the reviewer did not like.")
    link: Url = _f("Page on which it stands.")
    link_scope: UrlScope = _f("Whether that page holds this review alone (singleton) or many (group).")
    images: Urls = _f("Pictures that came with it.")
    rating: Number = _f("What the reviewer gave.")
    rating_min: Number = _f("Lowest rating there is; 1 where empty.")
    rating_max: Number = _f("Highest rating there is; 5 where empty.")
    spam: Flag = _f("It is known to be spam.")
    verified_purchase: Flag = _f("The reviewer bought the product.")
    incentivised: Flag = _f("The reviewer got something for it.")
    collection_method: CollectionMethod = _f("How it came to be written.")
    transaction_id: Identifier = _f("Key of the order.")
    country: Country = _f("Country of the reviewer's shop.")
    language: Identifier = _f("Language it is written in.")


@dataclass(frozen=True)
class Record:
    """A kind of record: `name` as definitions write it, `title` for messages, its fields by name.

    Only a product's fields can follow from others (`derives`): its availability from its quantity.
    """

    name: str
    title: str
    fields: Mapping[str, CanonicalField]
    derives: bool = False


PRODUCT = Record("product", "products", FIELDS, derives=True)
RECORDS: Mapping[str, Record] = {
    record.name: record
    for record in (
        PRODUCT,
        Record("store", "stores", canonical_fields(Store)),
        Record("region", "regions", canonical_fields(Region)),
        Record("promotion", "promotions", canonical_fields(Promotion)),
        Record("review", "reviews", canonical_fields(Review)),
    )
}
"""Every kind of record by name."""
