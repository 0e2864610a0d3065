import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.column import Column
from feedsmith.values.url import encode_url, insecure_rows, ip_rows, registered_domain, url_problems

GOOD = [
    "https://www.shop.example",
    "http://shop.example/",
    "HTTPS://SHOP.example:8443/a/b.html?x=1&y=%20#z",
    "https://shop.example?x[]=1;2",
    "https://xn--9ca.example/~a/!$&'()*+,;=:@",
    "https://127.0.0.1/x",
    "https://my_shop.example/",
]
BAD = {
    "//shop.example/x": "names no scheme",
    "www.shop.example/x": "not an absolute",
    "/p/1": "not an absolute",
    "https:/shop.example": "not an absolute",
    "shop.example:8080/x": "not an absolute",
    "ftp://shop.example/x": "not an http",
    "javascript:alert(1)": "not an http",
    "mailto:a@shop.example": "not an http",
    "https://shop.example/a b": "blank",
    "https://shop.example/\n": "blank",
    "https://shop.example/é": "outside ASCII",
    "https://é.example/": "outside ASCII",
    "https://user:pw@shop.example/": "user name",
    "https://localhost/": "no host with a dot",
    "https:///x": "no host with a dot",
    "https://": "no host with a dot",
    "https://shop.example/100%": "encodes nothing",
    "https://shop.example/%zz": "encodes nothing",
    "https://shop..example/": "no valid host",
    "https://.shop.example/": "no valid host",
    "https://shop.example:x/": "no valid host",
    "https://shop.example:123456/": "no valid host",
    "https://[::1]/": "no valid host",
    "https://shop.example\\x": "no valid host",
    "https://shop.example/<x>": "must not have",
    "https://shop.example/\x00": "must not have",
    'https://shop.example/"': "must not have",
    "https://shop.example/{id}": "must not have",
    "": "not an absolute",
}


def test_good():
    assert url_problems(Column(GOOD)) == {}
    assert url_problems(Column([None, *GOOD])) == {}
    assert url_problems(Column([None])) == {}


@pytest.mark.parametrize(("text", "told"), BAD.items())
def test_bad(text, told):
    problems = url_problems(Column([GOOD[0], None, text]))
    assert set(problems) == {2}
    assert problems[2].code == "invalid-url"
    assert told in problems[2].message


def test_two_addresses_in_one_cell_are_no_address():
    assert url_problems(Column([f"{GOOD[0]}\n{GOOD[1]}"])) != {}
    assert url_problems(Column([f"{GOOD[0]},{GOOD[1]}"])) != {}


def test_rows():
    column = Column([None, "https://a.example/http:", "http://a.example", "HTTP://a.example", "HTTPS://a.example"])
    assert insecure_rows(column) == [2, 3]
    assert insecure_rows(Column(["https://a.example", None])) == []
    numbers = Column(
        [
            "https://1.2.3.4",
            "https://1.2.3.4.example/",
            "http://[::1]:80/",
            "https://a.example//1.2.3.4/",
            "http://2130706433/x",
            None,
        ]
    )
    assert ip_rows(numbers) == [0, 2, 4]
    assert ip_rows(Column(GOOD[:3])) == []


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.shop.example/p", "shop.example"),
        ("https://SHOP.example:8443", "shop.example"),
        ("https://a.b.shop.co.uk/p?x", "shop.co.uk"),
        ("https://shop.com.au", "shop.com.au"),
        ("https://co.uk", "co.uk"),
        ("https://shop.example./", "shop.example"),
        ("https://u:p@shop.example/", "shop.example"),
        ("https://127.0.0.1:80/x", "127.0.0.1"),
        ("https://[::1]:80/x", "[::1]"),
        ("//shop.example", ""),
        ("x", ""),
    ],
)
def test_registered_domain(url, domain):
    assert registered_domain(url) == domain


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("https://shop.example/a b", "https://shop.example/a%20b"),
        (" https://shop.example/é?q=ü ", "https://shop.example/%C3%A9?q=%C3%BC"),
        ("https://shop.example/a%20b", "https://shop.example/a%20b"),
        ("https://shop.example/100%", "https://shop.example/100%25"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://shop.example/{id}|\\", "https://shop.example/%7Bid%7D%7C%5C"),
        ("https://shop..é/", "https://shop..é/"),
        ("/p/é", "/p/é"),
    ],
)
def test_encode(text, encoded):
    assert encode_url(text) == encoded


@given(st.text(max_size=30))
def test_what_is_encoded_is_good_and_stays(rest):
    encoded = encode_url("https://shop.example/" + rest)
    assert url_problems(Column([encoded])) == {}
    assert encode_url(encoded) == encoded


@given(st.text(max_size=30))
def test_any_text_is_judged(text):
    problems = url_problems(Column([text]))
    assert set(problems) <= {0}
    assert registered_domain(text) == registered_domain(text).lower()
    assert isinstance(encode_url(text), str)
