# ruff: noqa: RUF001, SIM905 signs that look like others are meant; words in one text read better
"""Tables about currencies: the current codes of ISO 4217, their places, and the signs and words in price cells."""

CURRENCIES = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF "
    "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split()
)
"""Codes of money that is legal tender somewhere; no funds codes, no metals, no withdrawn codes."""

EXPONENTS = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0) | dict.fromkeys(
    "BHD IQD JOD KWD LYD OMR TND".split(), 3
)
"""Places after the mark, where they are not 2. Source: ISO 4217, list one, "minor unit"."""

SIGNS: dict[str, tuple[str, ...]] = {
    "€": ("EUR",),
    "euro": ("EUR",),
    "euros": ("EUR",),
    "$": (
        "USD",
        "AUD",
        "CAD",
        "NZD",
        "SGD",
        "HKD",
        "MXN",
        "CLP",
        "COP",
        "ARS",
        "TWD",
        "BBD",
        "BSD",
        "BMD",
        "BZD",
        "FJD",
        "GYD",
        "JMD",
        "KYD",
        "LRD",
        "NAD",
        "SBD",
        "SRD",
        "TTD",
        "UYU",
        "XCD",
        "BND",
        "CUP",
        "DOP",
    ),
    "us$": ("USD",),
    "ca$": ("CAD",),
    "c$": ("CAD",),
    "a$": ("AUD",),
    "au$": ("AUD",),
    "nz$": ("NZD",),
    "hk$": ("HKD",),
    "s$": ("SGD",),
    "nt$": ("TWD",),
    "mx$": ("MXN",),
    "r$": ("BRL",),
    "r": ("ZAR",),
    "£": ("GBP", "EGP", "FKP", "GIP", "SHP", "LBP", "SYP", "SDG", "SSP"),
    "¥": ("JPY", "CNY"),
    "￥": ("JPY", "CNY"),
    "円": ("JPY",),
    "元": ("CNY",),
    "kr": ("", "SEK", "NOK", "DKK", "ISK"),
    "zł": ("PLN",),
    "zl": ("PLN",),
    "kč": ("CZK",),
    "ft": ("HUF",),
    "lei": ("RON", "MDL"),
    "leu": ("RON", "MDL"),
    "fr": ("CHF",),
    "sfr": ("CHF",),
    "fcfa": ("", "XOF", "XAF"),
    "cfa": ("", "XOF", "XAF"),
    "din": ("RSD",),
    "дин": ("RSD",),
    "ден": ("MKD",),
    "₺": ("TRY",),
    "tl": ("TRY",),
    "₽": ("RUB",),
    "руб": ("RUB",),
    "₴": ("UAH",),
    "грн": ("UAH",),
    "₹": ("INR",),
    "rs": ("", "INR", "PKR", "LKR", "NPR", "MUR", "SCR"),
    "₨": ("", "INR", "PKR", "LKR", "NPR", "MUR", "SCR"),
    "₩": ("KRW", "KPW"),
    "₫": ("VND",),
    "฿": ("THB",),
    "₪": ("ILS",),
    "₦": ("NGN",),
    "₱": ("PHP", "CUP"),
    "₡": ("CRC",),
    "₲": ("PYG",),
    "₸": ("KZT",),
    "₾": ("GEL",),
    "₼": ("AZN",),
    "₵": ("GHS",),
    "₮": ("MNT",),
    "៛": ("KHR",),
    "rp": ("IDR",),
    "rm": ("MYR",),
    "dh": ("", "AED", "MAD"),
    "dhs": ("", "AED", "MAD"),
}
"""Sign or word, in folded case, to the currencies it may stand for. The first one is meant unless another of them is
expected; "" says that none is more usual than the others."""

PRICE_WORDS = frozenset(
    " incl inkl inc including inclusive inclus incluye tax taxes btw mwst ust vat tva iva moms mva alv dph áfa ttc "
    "tvac gst".split(" ")
)
"""Words beside a price that change nothing, in folded case: it includes tax. "" is among them."""
