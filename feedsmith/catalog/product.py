"""The canonical product: one sellable variant, its fields named as Google names them where Google has a name.

The model is the one place that says which fields there are. Docs, the JSON Schema, the reading of headings and
the typing of columns are made from it, by `FIELDS`. No field is required here: what is needed is a channel's word.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from feedsmith.catalog.fields import (
    CHOICE,
    LANGUAGE,
    MARKET,
    Category,
    Codes,
    Country,
    Currency,
    Flag,
    Groups,
    Gtin,
    Html,
    Identifier,
    Measure,
    Moment,
    MomentEnd,
    Money,
    Number,
    Quantity,
    Stock,
    Text,
    Texts,
    Url,
    Urls,
    Whole,
    canonical_fields,
)
from feedsmith.catalog.fields import about as _f

Availability = Annotated[Literal["in_stock", "out_of_stock", "preorder", "backorder", "discontinued"] | None, CHOICE]
Condition = Annotated[Literal["new", "refurbished", "used"] | None, CHOICE]
Gender = Annotated[Literal["male", "female", "unisex"] | None, CHOICE]
AgeGroup = Annotated[Literal["newborn", "infant", "toddler", "kids", "adult"] | None, CHOICE]
SizeSystem = Annotated[Literal["AU", "BR", "CN", "DE", "EU", "FR", "IT", "JP", "MEX", "UK", "US"] | None, CHOICE]
EnergyClass = Annotated[Literal["A+++", "A++", "A+", "A", "B", "C", "D", "E", "F", "G"] | None, CHOICE]
Status = Annotated[Literal["active", "draft", "archived"] | None, CHOICE]
Pause = Annotated[Literal["ads", "all"] | None, CHOICE]
PickupMethod = Annotated[Literal["buy", "reserve", "ship to store", "not supported"] | None, CHOICE]


class Product(BaseModel):
    """One sellable variant (one SKU). Variants of one article share `item_group_id`."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # built for the schema and for docs only

    # what it is
    id: Identifier = _f("The product's own key: unique in the catalog, stable between runs, never used again.")
    title: Text = _f("Name of the variant, plain text.", LANGUAGE)
    short_title: Text = _f("A shorter name for places with little room.", LANGUAGE)
    item_group_title: Text = _f("Name of the article, without what tells its variants apart.", LANGUAGE)
    description: Text = _f("Plain text. Where empty it is `description_html` without its tags.", LANGUAGE)
    description_html: Html = _f("The description as the source has it, with tags.", LANGUAGE)
    short_description: Text = _f("One or two sentences.", LANGUAGE)
    structured_title: Groups = _f("A generated title and how it was made.", parts="digital_source_type:content")
    structured_description: Groups = _f("A generated text and how it was made.", parts="digital_source_type:content")
    product_highlight: Texts = _f("Selling points, one short sentence each; split at `|`, `;` or a line end.", LANGUAGE)
    product_detail: Groups = _f("Technical facts.", LANGUAGE, parts="section_name:attribute_name:attribute_value")
    question_and_answer: Groups = _f("Questions with answers.", LANGUAGE, parts="question:answer")
    item_group_id: Identifier = _f("Key of the article that the variants share; empty without variants.")
    variant_option: Groups = _f("What tells the variant from its siblings.", LANGUAGE, parts="name:value")
    status: Status = _f("Whether the shop sells it: active, draft or archived.")
    season: Text = _f("Season or collection, as the shop names it.")
    supplier: Text = _f("Who delivers it to the shop.")

    # identifiers
    brand: Text = _f("Brand on the product, not the shop's name.")
    gtin: Gtin = _f("EAN, UPC, ISBN or ITF-14 as digits; wrappers and blanks are taken off, nothing is repaired.")
    mpn: Identifier = _f("The manufacturer's part number; never filled from the product's own id.")
    identifier_exists: Flag = _f("No: the product has neither GTIN nor MPN by nature.")
    merchant_item_id: Identifier = _f("Key of the same product in another system of the merchant.")
    external_seller_id: Identifier = _f("The seller's key in a marketplace account.")

    # pages and pictures
    link: Url = _f("Page of the variant in the shop, absolute.", MARKET)
    mobile_link: Url = _f("The page for phones, where it differs.", MARKET)
    canonical_link: Url = _f("The page that search engines should index.", MARKET)
    link_template: Url = _f("Page with a place for the store's code.", MARKET)
    mobile_link_template: Url = _f("The same for phones.", MARKET)
    ads_redirect: Url = _f("Where a click on an ad goes, on the same domain as `link`.", MARKET)
    image_link: Url = _f("Main picture, absolute.")
    image_width: Whole = _f("Width of the main picture.", unit="px")
    image_height: Whole = _f("Height of the main picture.", unit="px")
    additional_image_link: Urls = _f("Further pictures in order; split at `,` `;` `|` or a blank.")
    lifestyle_image_link: Url = _f("Picture of the product in use.")
    video_link: Urls = _f("Videos.")
    virtual_model_link: Url = _f("3D model.")
    document_link: Urls = _f("Manuals and data sheets.")

    # price
    price: Money = _f("What it costs without a sale, tax as the market shows it.", MARKET)
    sale_price: Money = _f("What it costs during a sale; lower than `price`.", MARKET)
    sale_price_start: Moment = _f("When the sale price begins.", MARKET)
    sale_price_end: MomentEnd = _f("When the sale price ends; a bare date counts to its last second.", MARKET)
    compare_at_price: Money = _f("The crossed-out price of sources whose price is what is paid now.", MARKET)
    currency: Currency = _f("ISO 4217 code of the row's prices.")
    lowest_price_30d: Money = _f("Lowest price of the 30 days before a reduction.", MARKET)
    recommended_price: Money = _f("The manufacturer's recommended price.", MARKET)
    maximum_retail_price: Money = _f("Highest price the law allows (MRP).", MARKET)
    auto_pricing_min_price: Money = _f("Lowest price that automated discounts may set.", MARKET)
    cost_of_goods_sold: Money = _f("Purchase price without tax.", MARKET)
    vat_rate: Number = _f("Rate of value added tax: 21 for 21 %.", MARKET, unit="%")
    unit_pricing_measure: Measure = _f("Content, for a price per unit: 750 ml.")
    unit_pricing_base_measure: Measure = _f("The unit of that price: 1 l.")
    installment: Groups = _f("Payment in parts.", MARKET, parts="months:amount:downpayment:credit_type:apr")
    subscription_cost: Groups = _f("A contract that goes with it.", MARKET, parts="period:period_length:amount")
    loyalty_program: Groups = _f(
        "Prices and points for members.",
        MARKET,
        parts="program_label:tier_label:price:cashback_for_future_use:loyalty_points:member_price_effective_date:shipping_label",
    )
    promotion_id: Codes = _f("Promotions that cover the product.", MARKET)

    # stock
    availability: Availability = _f("Whether it can be bought. Where empty: in_stock if `quantity` is above 0.", MARKET)
    availability_date: Moment = _f("From when a preorder or backorder is sent.", MARKET)
    quantity: Quantity = _f("Pieces for sale; negative counts as 0. Where empty it is the sum of `stock`.", MARKET)
    stock: Stock = _f("Pieces per store, by the store's code.", "store")
    min_order_quantity: Whole = _f("Fewest pieces of an order.")
    max_order_quantity: Whole = _f("Most pieces of an order.")
    leadtime_to_ship: Whole = _f("Days from order to dispatch.", unit="days")
    expiration_date: MomentEnd = _f("When channels should stop to show it.")
    disclosure_date: Moment = _f("When channels may begin to show it.")
    pause: Pause = _f("Stops ads, or all, for a while.")

    # category
    product_type: Category = _f("The shop's own category as a path, root first: Women > Dresses.", LANGUAGE)
    google_product_category: Category = _f("Google's category: number or full path.")

    # apparel and variants
    color: Text = _f("Colour as shoppers know it; several with `/`.", LANGUAGE)
    size: Text = _f("Size as on the label.", LANGUAGE)
    size_type: Codes = _f("Cut: regular, petite, maternity, big, tall, plus; two at most.")
    size_system: SizeSystem = _f("Country whose sizes these are.")
    gender: Gender = _f("For whom.")
    age_group: AgeGroup = _f("Age of who uses it.")
    material: Text = _f("Main material; several with `/`.", LANGUAGE)
    pattern: Text = _f("Pattern or print.", LANGUAGE)
    condition: Condition = _f("New, refurbished or used.")
    adult: Flag = _f("For adults only.")
    multipack: Whole = _f("How many equal products the merchant packed together.")
    is_bundle: Flag = _f("A set of different products, put together by the merchant.")

    # measures
    product_length: Measure = _f("Length without packaging.", unit="cm")
    product_width: Measure = _f("Width without packaging.", unit="cm")
    product_height: Measure = _f("Height without packaging.", unit="cm")
    product_weight: Measure = _f("Weight without packaging.")
    shipping_weight: Measure = _f("Weight of the parcel.")
    shipping_length: Measure = _f("Length of the parcel.", unit="cm")
    shipping_width: Measure = _f("Width of the parcel.", unit="cm")
    shipping_height: Measure = _f("Height of the parcel.", unit="cm")

    # delivery
    shipping: Groups = _f(
        "Delivery cost and time.",
        MARKET,
        parts="country:region:service:price:min_handling_time:max_handling_time:min_transit_time:max_transit_time",
    )
    shipping_label: Text = _f("Label that the channel's delivery settings ask for.")
    ships_from_country: Country = _f("Country it is sent from, two letters.")
    transit_time_label: Text = _f("Label for transit times.")
    min_handling_time: Whole = _f("Fewest working days before dispatch.", unit="days")
    max_handling_time: Whole = _f("Most working days before dispatch.", unit="days")
    free_shipping_threshold: Groups = _f(
        "Order value from which delivery is free.", MARKET, parts="country:price_threshold"
    )
    minimum_order_value: Groups = _f(
        "Order value below which nothing is sent.", MARKET, parts="country:service:surface:price"
    )
    pickup_method: PickupMethod = _f("How it is collected in a store.")
    pickup_SLA: Text = _f("When it can be collected: same day, next day, 2-day.")  # noqa: N815  (Google's spelling)
    pickup_cost: Groups = _f("Cost of collecting.", MARKET, parts="pickup_cost_flat_rate:pickup_cost_free_threshold")
    carrier_shipping: Groups = _f(
        "Delivery cost by a carrier's rates.",
        MARKET,
        parts="country:postal_code:carrier_price:min_handling_time:max_handling_time:carrier_transit_time",
    )
    handling_cutoff_time: Groups = _f(
        "Until when an order is handled the same day.",
        MARKET,
        parts="country:cutoff_time:cutoff_timezone:disable_delivery_after_cutoff",
    )
    shipping_transit_business_days: Groups = _f("Days of transport.", MARKET, parts="country:business_days")
    shipping_handling_business_days: Groups = _f("Days of handling.", MARKET, parts="country:business_days")
    return_address_label: Text = _f("Label of a return address.")
    tax: Groups = _f("Sales tax (US).", MARKET, parts="country:region:rate:tax_ship")
    tax_category: Text = _f("Label that the channel's tax settings ask for.")
    sell_on_google_quantity: Whole = _f("Pieces kept for sale on Google itself.")
    return_policy_label: Text = _f("Label that the channel's return settings ask for.")

    # rules of law
    energy_efficiency_class: EnergyClass = _f("Energy class.")
    min_energy_efficiency_class: EnergyClass = _f("Worst class of the scale.")
    max_energy_efficiency_class: EnergyClass = _f("Best class of the scale.")
    certification: Groups = _f(
        "Certificates such as EPREL.",
        parts="certification_authority:certification_name:certification_code:certification_value",
    )
    country_of_origin: Country = _f("Country it was made in, two letters.")
    hs_code: Identifier = _f("Customs tariff number.")
    manufacturer_name: Text = _f("Manufacturer, for product safety (GPSR).")
    manufacturer_address: Text = _f("The manufacturer's postal address.")
    manufacturer_email: Text = _f("The manufacturer's mail address or contact page.")
    eu_responsible_person: Text = _f("Who answers for the product in the EU (GPSR).")
    eu_responsible_person_address: Text = _f("That person's postal address.")
    eu_responsible_person_email: Text = _f("That person's mail address or contact page.")
    consumer_notice: Groups = _f("Warnings that must be shown.", parts="consumer_notice_type:consumer_notice_message")
    safety_information: Text = _f("Warnings and safety advice (GPSR).", LANGUAGE)

    # ads and reviews
    custom_label_0: Text = _f("Own grouping for campaigns.", MARKET)
    custom_label_1: Text = _f("Own grouping for campaigns.", MARKET)
    custom_label_2: Text = _f("Own grouping for campaigns.", MARKET)
    custom_label_3: Text = _f("Own grouping for campaigns.", MARKET)
    custom_label_4: Text = _f("Own grouping for campaigns.", MARKET)
    ads_grouping: Text = _f("One grouping for ads.")
    ads_labels: Codes = _f("Several groupings for ads.")
    excluded_destination: Codes = _f("Places of the channel where it must not show.", MARKET)
    included_destination: Codes = _f("Places of the channel where it may show.", MARKET)
    shopping_ads_excluded_country: Codes = _f("Countries without ads for it.")
    display_ads_id: Identifier = _f("Key in dynamic remarketing, where it differs.")
    display_ads_similar_id: Codes = _f("Keys of similar products in remarketing.")
    display_ads_title: Text = _f("Title in remarketing.", LANGUAGE)
    display_ads_link: Url = _f("Page in remarketing.", MARKET)
    display_ads_value: Number = _f("Margin in remarketing, 0 to 1.")
    related_product: Groups = _f("Parts and accessories.", parts="relationship_type:identifier_type:identifier")
    popularity_rank: Number = _f("How well it sells, 0 to 100.")
    rating: Number = _f("Mean of its reviews.")
    review_count: Whole = _f("How many reviews.")
    tags: Codes = _f("The shop's keywords.", LANGUAGE)


FIELDS = canonical_fields(Product)
"""Every canonical field by name, in the model's order."""
