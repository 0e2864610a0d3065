# ruff: noqa: SIM905 words in one text read better than 250 quoted ones
"""Codes of countries (ISO 3166-1 alpha-2) and languages (ISO 639-1), with each country's currency and main language.

The tables are as of November 2026; a test compares them with CLDR. Each is written as text, which loads fast.
"""

from feedsmith.values.problem import Problem

COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
    "BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI "
    "FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN "
    "IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
    "MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF "
    "PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE "
    "YT ZA ZM ZW".split()
)
"""The officially assigned codes of ISO 3166-1 alpha-2."""

LANGUAGES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io "
    "is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn "
    "mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se "
    "sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo "
    "wa wo xh yi yo za zh zu".split()
)
"""The codes of ISO 639-1."""

_CURRENCY = {
    "AED": "AE",
    "AFN": "AF",
    "ALL": "AL",
    "AMD": "AM",
    "AOA": "AO",
    "ARS": "AR",
    "AUD": "AU CC CX HM KI NF NR TV",
    "AWG": "AW",
    "AZN": "AZ",
    "BAM": "BA",
    "BBD": "BB",
    "BDT": "BD",
    "BHD": "BH",
    "BIF": "BI",
    "BMD": "BM",
    "BND": "BN",
    "BOB": "BO",
    "BRL": "BR",
    "BSD": "BS",
    "BTN": "BT",
    "BWP": "BW",
    "BYN": "BY",
    "BZD": "BZ",
    "CAD": "CA",
    "CDF": "CD",
    "CHF": "CH LI",
    "CLP": "CL",
    "CNY": "CN",
    "COP": "CO",
    "CRC": "CR",
    "CUP": "CU",
    "CVE": "CV",
    "CZK": "CZ",
    "DJF": "DJ",
    "DKK": "DK FO GL",
    "DOP": "DO",
    "DZD": "DZ",
    "EGP": "EG",
    "ERN": "ER",
    "ETB": "ET",
    "EUR": (
        "AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA YT"
    ),
    "FJD": "FJ",
    "FKP": "FK",
    "GBP": "GB GG GS IM JE",
    "GEL": "GE",
    "GHS": "GH",
    "GIP": "GI",
    "GMD": "GM",
    "GNF": "GN",
    "GTQ": "GT",
    "GYD": "GY",
    "HKD": "HK",
    "HNL": "HN",
    "HTG": "HT",
    "HUF": "HU",
    "IDR": "ID",
    "ILS": "IL PS",
    "INR": "IN",
    "IQD": "IQ",
    "IRR": "IR",
    "ISK": "IS",
    "JMD": "JM",
    "JOD": "JO",
    "JPY": "JP",
    "KES": "KE",
    "KGS": "KG",
    "KHR": "KH",
    "KMF": "KM",
    "KPW": "KP",
    "KRW": "KR",
    "KWD": "KW",
    "KYD": "KY",
    "KZT": "KZ",
    "LAK": "LA",
    "LBP": "LB",
    "LKR": "LK",
    "LRD": "LR",
    "LSL": "LS",
    "LYD": "LY",
    "MAD": "EH MA",
    "MDL": "MD",
    "MGA": "MG",
    "MKD": "MK",
    "MMK": "MM",
    "MNT": "MN",
    "MOP": "MO",
    "MRU": "MR",
    "MUR": "MU",
    "MVR": "MV",
    "MWK": "MW",
    "MXN": "MX",
    "MYR": "MY",
    "MZN": "MZ",
    "NAD": "NA",
    "NGN": "NG",
    "NIO": "NI",
    "NOK": "BV NO SJ",
    "NPR": "NP",
    "NZD": "CK NU NZ PN TK",
    "OMR": "OM",
    "PAB": "PA",
    "PEN": "PE",
    "PGK": "PG",
    "PHP": "PH",
    "PKR": "PK",
    "PLN": "PL",
    "PYG": "PY",
    "QAR": "QA",
    "RON": "RO",
    "RSD": "RS",
    "RUB": "RU",
    "RWF": "RW",
    "SAR": "SA",
    "SBD": "SB",
    "SCR": "SC",
    "SDG": "SD",
    "SEK": "SE",
    "SGD": "SG",
    "SHP": "SH",
    "SLE": "SL",
    "SOS": "SO",
    "SRD": "SR",
    "SSP": "SS",
    "STN": "ST",
    "SYP": "SY",
    "SZL": "SZ",
    "THB": "TH",
    "TJS": "TJ",
    "TMT": "TM",
    "TND": "TN",
    "TOP": "TO",
    "TRY": "TR",
    "TTD": "TT",
    "TWD": "TW",
    "TZS": "TZ",
    "UAH": "UA",
    "UGX": "UG",
    "USD": "AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI ZW",
    "UYU": "UY",
    "UZS": "UZ",
    "VES": "VE",
    "VND": "VN",
    "VUV": "VU",
    "WST": "WS",
    "XAF": "CF CG CM GA GQ TD",
    "XCD": "AG AI DM GD KN LC MS VC",
    "XCG": "CW SX",
    "XOF": "BF BJ CI GW ML NE SN TG",
    "XPF": "NC PF WF",
    "YER": "YE",
    "ZAR": "ZA",
    "ZMW": "ZM",
}

COUNTRY_CURRENCY = {country: currency for currency, countries in _CURRENCY.items() for country in countries.split()}
"""The currency in which a country's shops name prices, by country; Antarctica has none."""

COUNTRY_VAT = dict(
    pair.split("=")
    for pair in (
        "AT=20 BE=21 BG=20 CH=8.1 CY=19 CZ=21 DE=19 DK=25 EE=24 ES=21 FI=25.5 FR=20 GB=20 GR=24 HR=25 HU=27 IE=23 "
        "IT=22 LT=21 LU=17 LV=21 MT=18 NL=21 NO=25 PL=23 PT=23 RO=21 SE=25 SI=22 SK=23"
    ).split()
)
"""The standard rate of VAT in per cent, by country, where it is known; in 2026."""

_LANGUAGE = {
    "am": "ET",
    "ar": "AE BH DZ EG EH IQ JO KM KW LB LY MA MR OM PS QA SA SD SY TD TN YE",
    "az": "AZ",
    "be": "BY",
    "bg": "BG",
    "bn": "BD",
    "bs": "BA",
    "ca": "AD",
    "cs": "CZ",
    "da": "DK",
    "de": "AT CH DE LI",
    "dv": "MV",
    "dz": "BT",
    "el": "CY GR",
    "en": (
        "AG AI AS AU BB BM BS BW BZ CA CC CK CX DM FJ FK FM GB GD GG GH GI GM GS GU GY HM IE IM IO JE JM KE KI KN "
        "KY LC LR MH MP MS NA NF NG NR NU NZ PG PH PN PW SB SG SH SL SS SX SZ TC TK TT TV UG UM US VC VG VI VU ZA "
        "ZM ZW"
    ),
    "es": "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE",
    "et": "EE",
    "fa": "AF IR",
    "fi": "FI",
    "fo": "FO",
    "fr": "BF BJ BL CD CF CG CI CM DJ FR GA GF GN GP LU MC MF ML MQ MU NC NE PF PM RE SC SN TF TG WF YT",
    "he": "IL",
    "hi": "IN",
    "hr": "HR",
    "ht": "HT",
    "hu": "HU",
    "hy": "AM",
    "id": "ID",
    "is": "IS",
    "it": "IT SM VA",
    "ja": "JP",
    "ka": "GE",
    "kl": "GL",
    "km": "KH",
    "ko": "KP KR",
    "ky": "KG",
    "lo": "LA",
    "lt": "LT",
    "lv": "LV",
    "mg": "MG",
    "mk": "MK",
    "mn": "MN",
    "ms": "BN MY",
    "mt": "MT",
    "my": "MM",
    "ne": "NP",
    "nl": "AW BE BQ CW NL SR",
    "no": "BV NO SJ",
    "ny": "MW",
    "pl": "PL",
    "pt": "AO BR CV GW MZ PT ST TL",
    "rn": "BI",
    "ro": "MD RO",
    "ru": "KZ RU",
    "rw": "RW",
    "si": "LK",
    "sk": "SK",
    "sl": "SI",
    "sm": "WS",
    "so": "SO",
    "sq": "AL",
    "sr": "ME RS",
    "st": "LS",
    "sv": "AX SE",
    "sw": "TZ",
    "tg": "TJ",
    "th": "TH",
    "ti": "ER",
    "tk": "TM",
    "to": "TO",
    "tr": "TR",
    "uk": "UA",
    "ur": "PK",
    "uz": "UZ",
    "vi": "VN",
    "zh": "CN HK MO TW",
}

COUNTRY_LANGUAGE = {country: language for language, countries in _LANGUAGE.items() for country in countries.split()}
"""The first official language of a country, for defaults; Antarctica has none."""

_MISTAKEN = {"UK": "GB", "EL": "GR"}


def country_problem(text: str) -> Problem | None:
    """Why `text` is no country code in capitals (code `not-in-list`), or None if it is one."""
    if text in COUNTRIES:
        return None
    meant = _MISTAKEN.get(text.strip().upper(), text.strip().upper())
    advice = f"write {meant}" if meant in COUNTRIES else "write two capitals, such as NL"
    return Problem("not-in-list", f'"{text}" is not a country code of ISO 3166-1', advice)
