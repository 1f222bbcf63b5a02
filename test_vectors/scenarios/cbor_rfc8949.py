"""Every example of RFC 8949, appendix A, with what specs/credential.md, section 1 makes of it."""

from typing import Final

from scenarios.scenario import ACCEPTED, Scenario

_FLOAT, _TAG, _SIMPLE, _INDEFINITE = (
    "no floating-point number",
    "a tag stands only at the very beginning, and only 18 or 98",
    "no other simple value than false, true and null",
    "definite lengths only",
)
_GOOD: Final = ""
_ONE_TO_25: Final = "".join(f"{number:02x}" for number in range(1, 24)) + "18181819"

# name, diagnostic notation, encoding, the rule that refuses it
_EXAMPLES: Final = (
    ("int_0", "0", "00", _GOOD),
    ("int_1", "1", "01", _GOOD),
    ("int_10", "10", "0a", _GOOD),
    ("int_23", "23", "17", _GOOD),
    ("int_24", "24", "1818", _GOOD),
    ("int_25", "25", "1819", _GOOD),
    ("int_100", "100", "1864", _GOOD),
    ("int_1000", "1000", "1903e8", _GOOD),
    ("int_1000000", "1000000", "1a000f4240", _GOOD),
    ("int_1000000000000", "1000000000000", "1b000000e8d4a51000", _GOOD),
    ("int_18446744073709551615", "18446744073709551615", "1bffffffffffffffff", _GOOD),
    ("bignum_18446744073709551616", "18446744073709551616", "c249010000000000000000", _TAG),
    ("int_minus_18446744073709551616", "-18446744073709551616", "3bffffffffffffffff", _GOOD),
    ("bignum_minus_18446744073709551617", "-18446744073709551617", "c349010000000000000000", _TAG),
    ("int_minus_1", "-1", "20", _GOOD),
    ("int_minus_10", "-10", "29", _GOOD),
    ("int_minus_100", "-100", "3863", _GOOD),
    ("int_minus_1000", "-1000", "3903e7", _GOOD),
    ("float16_0_0", "0.0", "f90000", _FLOAT),
    ("float16_minus_0_0", "-0.0", "f98000", _FLOAT),
    ("float16_1_0", "1.0", "f93c00", _FLOAT),
    ("float64_1_1", "1.1", "fb3ff199999999999a", _FLOAT),
    ("float16_1_5", "1.5", "f93e00", _FLOAT),
    ("float16_65504", "65504.0", "f97bff", _FLOAT),
    ("float32_100000", "100000.0", "fa47c35000", _FLOAT),
    ("float32_3_4e38", "3.4028234663852886e+38", "fa7f7fffff", _FLOAT),
    ("float64_1e300", "1.0e+300", "fb7e37e43c8800759c", _FLOAT),
    ("float16_5_9e_8", "5.960464477539063e-8", "f90001", _FLOAT),
    ("float16_6_1e_5", "0.00006103515625", "f90400", _FLOAT),
    ("float16_minus_4", "-4.0", "f9c400", _FLOAT),
    ("float64_minus_4_1", "-4.1", "fbc010666666666666", _FLOAT),
    ("float16_infinity", "Infinity", "f97c00", _FLOAT),
    ("float16_nan", "NaN", "f97e00", _FLOAT),
    ("float16_minus_infinity", "-Infinity", "f9fc00", _FLOAT),
    ("float32_infinity", "Infinity", "fa7f800000", _FLOAT),
    ("float32_nan", "NaN", "fa7fc00000", _FLOAT),
    ("float32_minus_infinity", "-Infinity", "faff800000", _FLOAT),
    ("float64_infinity", "Infinity", "fb7ff0000000000000", _FLOAT),
    ("float64_nan", "NaN", "fb7ff8000000000000", _FLOAT),
    ("float64_minus_infinity", "-Infinity", "fbfff0000000000000", _FLOAT),
    ("false", "false", "f4", _GOOD),
    ("true", "true", "f5", _GOOD),
    ("null", "null", "f6", _GOOD),
    ("undefined", "undefined", "f7", _SIMPLE),
    ("simple_16", "simple(16)", "f0", _SIMPLE),
    ("simple_255", "simple(255)", "f8ff", _SIMPLE),
    ("tag_0", '0("2013-03-21T20:04:00Z")', "c074323031332d30332d32315432303a30343a30305a", _TAG),
    ("tag_1_int", "1(1363896240)", "c11a514b67b0", _TAG),
    ("tag_1_float", "1(1363896240.5)", "c1fb41d452d9ec200000", _TAG),
    ("tag_23", "23(h'01020304')", "d74401020304", _TAG),
    ("tag_24", "24(h'6449455446')", "d818456449455446", _TAG),
    ("tag_32", '32("http://www.example.com")', "d82076687474703a2f2f7777772e6578616d706c652e636f6d", _TAG),
    ("bytes_empty", "h''", "40", _GOOD),
    ("bytes_4", "h'01020304'", "4401020304", _GOOD),
    ("text_empty", '""', "60", _GOOD),
    ("text_a", '"a"', "6161", _GOOD),
    ("text_ietf", '"IETF"', "6449455446", _GOOD),
    ("text_quote_backslash", '"\\"\\\\"', "62225c", _GOOD),
    ("text_u_umlaut", '"\\u00fc"', "62c3bc", _GOOD),
    ("text_water", '"\\u6c34"', "63e6b0b4", _GOOD),
    ("text_beyond_16_bits", '"\\ud800\\udd51"', "64f0908591", _GOOD),
    ("array_empty", "[]", "80", _GOOD),
    ("array_3", "[1, 2, 3]", "83010203", _GOOD),
    ("array_nested", "[1, [2, 3], [4, 5]]", "8301820203820405", _GOOD),
    ("array_25", "[1, 2, ... 25]", "9819" + _ONE_TO_25, _GOOD),
    ("map_empty", "{}", "a0", _GOOD),
    ("map_int_keys", "{1: 2, 3: 4}", "a201020304", _GOOD),
    ("map_text_keys", '{"a": 1, "b": [2, 3]}', "a26161016162820203", _GOOD),
    ("array_with_map", '["a", {"b": "c"}]', "826161a161626163", _GOOD),
    ("map_5", '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}', "a56161614161626142616361436164614461656145", _GOOD),
    ("indefinite_bytes", "(_ h'0102', h'030405')", "5f42010243030405ff", _INDEFINITE),
    ("indefinite_text", '(_ "strea", "ming")', "7f657374726561646d696e67ff", _INDEFINITE),
    ("indefinite_array_empty", "[_ ]", "9fff", _INDEFINITE),
    ("indefinite_array_outer_and_last", "[_ 1, [2, 3], [_ 4, 5]]", "9f018202039f0405ffff", _INDEFINITE),
    ("indefinite_array_outer", "[_ 1, [2, 3], [4, 5]]", "9f01820203820405ff", _INDEFINITE),
    ("indefinite_array_last", "[1, [2, 3], [_ 4, 5]]", "83018202039f0405ff", _INDEFINITE),
    ("indefinite_array_middle", "[1, [_ 2, 3], [4, 5]]", "83019f0203ff820405", _INDEFINITE),
    ("indefinite_array_25", "[_ 1, 2, ... 25]", "9f" + _ONE_TO_25 + "ff", _INDEFINITE),
    ("indefinite_map", '{_ "a": 1, "b": [_ 2, 3]}', "bf61610161629f0203ffff", _INDEFINITE),
    ("indefinite_map_in_array", '["a", {_ "b": "c"}]', "826161bf61626163ff", _INDEFINITE),
    ("indefinite_map_mixed", '{_ "Fun": true, "Amt": -2}', "bf6346756ef563416d7421ff", _INDEFINITE),
)


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [
        Scenario(
            f"cbor/rfc8949_{name}",
            f"RFC 8949, appendix A: {diagnostic}." + (f" Section 1: {rule}." if rule else ""),
            "malformed" if rule else ACCEPTED,
            {"cbor": encoding},
        )
        for name, diagnostic, encoding, rule in _EXAMPLES
    ]
