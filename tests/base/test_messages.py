"""Every sentence is there in both languages and says the same things."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import basira
from basira.base.errors import BasiraError
from basira.base.messages import MESSAGES

_SOURCES = Path(basira.__file__).parent
_USED = re.compile(r"""(?:BasiraError|Condition|Advice\.of|alarms\.set)\(\s*"(\w+)\"""")


def _parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_a_message_speaks_both_languages_with_the_same_parameters(code: str) -> None:
    sentences = MESSAGES[code]
    assert set(sentences) == {"ar", "en"}
    assert re.search("[\u0600-\u06ff]", sentences["ar"])
    assert not re.search("[\u0600-\u06ff]", sentences["en"])
    assert _parameters(sentences["ar"]) == _parameters(sentences["en"])


def test_every_code_in_the_sources_has_a_message() -> None:
    used = {(code, path.name) for path in _SOURCES.rglob("*.py") for code in _USED.findall(path.read_text("utf-8"))}
    assert len(used) > 50
    assert [(code, where) for code, where in sorted(used) if code not in MESSAGES] == []


def test_every_error_gives_the_parameters_its_message_needs() -> None:
    lacking = []
    for path in sorted(_SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in ("BasiraError", "Advice.of")):
                continue
            if not (node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)):
                continue
            given = {keyword.arg for keyword in node.keywords}
            needed = _parameters(MESSAGES[node.args[0].value]["en"])
            if None not in given and not needed <= given:
                lacking.append((node.args[0].value, f"{path.name}:{node.lineno}", needed - given))
    assert lacking == []


def test_latin_words_in_an_arabic_sentence_are_isolated_from_it() -> None:
    error = BasiraError("footage_unreadable", path="000000.mp4", reason="Input/output error")
    assert "(\u2068000000.mp4\u2069: \u2068Input/output error\u2069)" in error.message("ar")
    assert "\u2068" not in error.message("en")
