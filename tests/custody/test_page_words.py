"""The page's verifier says what is wrong in the very words of Basira's own."""

from __future__ import annotations

import re

import pytest

from basira.custody.findings import WRONG
from tests.custody.page_judge import PAGE

# What only `basira verify` can check: it has c2pa's reader and OpenSSL.
_NOT_IN_A_BROWSER = {"c2pa_invalid", "timestamp_invalid"}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_pages_words_are_those_of_the_verifier(language: str) -> None:
    source = (PAGE / "src" / "words" / f"{language}.verify.ts").read_text("utf-8")
    wrong = source[source.index("  wrong: {") : source.index("  notice: {")]
    said = dict(re.findall(r'(\w+):\s+"([^"]*)"', wrong))
    assert said.keys() == WRONG.keys() - _NOT_IN_A_BROWSER
    for code, text in said.items():
        expected = WRONG[code][0 if language == "ar" else 1]
        assert text.replace("’", "'").lower() == expected.lower()
