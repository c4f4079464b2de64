"""A mapping file is read strictly: what is wrong in it is told by line, key, rule and remedy."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.columns import COLUMNS
from bigpicture.preparation.sources.mapping import Several
from bigpicture.preparation.sources.mapping_file import default_fhir, parse_mapping, read_mapping
from bigpicture.preparation.sources.trial import run_tests

BEGIN = 'format = 1\nsource = "lis"\n\n[[rows]]\nlist = "slides"\nname = "slide"\n\n'


def parse(text):
    return parse_mapping(text, "m.toml")


def test_the_one_that_comes_with_the_package():
    mapping = parse(default_fhir())
    assert {rule.name for rule in mapping.columns} <= set(COLUMNS)
    assert [each.failures for each in run_tests(mapping)] == [()]


def test_a_column_in_full():
    text = BEGIN + (
        '[columns.stain]\npath = ["slide.a", "slide.b"]\nseveral = "join"\n'
        'values = { he = "H&E" }\ndefault = "x"\nmatch = "^(..)"\n'
    )
    (rule,) = parse(text).columns
    assert [path.text for path in rule.paths] == ["slide.a", "slide.b"]
    assert (rule.several, rule.values, rule.default) == (Several.JOIN, {"he": "H&E"}, "x")
    assert rule.place == "m.toml:8 [columns.stain]"


@pytest.mark.parametrize(
    ("text", "told", "place"),
    [
        ("a = ", "no TOML", "m.toml"),
        ('source = "lis"', "'format' is not", "m.toml"),
        ("format = 2", "'format' is not", "m.toml"),
        ("format = 1", "'source' is not", "m.toml"),
        ('format = 1\nsource = "hl7"', "'source' is not", "m.toml"),
        (BEGIN, "'columns' is not", "m.toml"),
        ('format = 1\nsource = "lis"\n[columns.sex]\nconstant = "x"', "'rows' is not", "m.toml"),
        (
            BEGIN.replace('"lis"', '"fhir"') + '[columns.sex]\nconstant = "x"',
            "'rows' is not",
            "m.toml",
        ),
        (BEGIN + "[columns.gender]\npath = 'slide.x'", "no column 'gender'", "m.toml:8"),
        (BEGIN + "[columns.stian]\npath = 'slide.x'", "Did you mean 'stain'", "m.toml:8"),
        (BEGIN + "[columns.sex]\npth = 'slide.x'", "Did you mean 'path'", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'slide..x'", "no path expression", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = ['slide.x', 3]", "'path' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\n", "'path' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'x.y'\nconstant = 'z'", "'path' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'x.y'\nseveral = 'all'", "'several' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'x.y'\nvalues = ['a']", "'values' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'x.y'\nvalues = { a = 1 }", "'values' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'x.y'\nmatch = '('", "'match' is not", "m.toml:8"),
        (BEGIN + "[columns.sex]\npath = 'x.y'\nmatch = 'a'", "'match' is not", "m.toml:8"),
        (
            BEGIN + "[columns.sex]\npath = 'x.y'\nallow_free_text = 1",
            "'allow_free_text'",
            "m.toml:8",
        ),
        (BEGIN + "[columns.age]\nbirth = 'x.y'", "'birth' is not", "m.toml:8"),
        (BEGIN + "[columns.age]\nbirth = 'x.y'\nat = 'x.z'\nband = 0", "'band' is not", "m.toml:8"),
        (
            BEGIN + "[columns.age]\nbirth='x.y'\nat='x.z'\nband=20\ntop=90",
            "'top' is not",
            "m.toml:8",
        ),
        (BEGIN + "[columns.age]\nnumber = 'x.y'\nunit = 'moons'", "'unit' is not", "m.toml:8"),
        (
            BEGIN + "[columns.age]\nnumber='x.y'\nbirth='x.y'\nat='x.z'",
            "'birth' is not",
            "m.toml:8",
        ),
        (BEGIN + "[columns.sex]\nconstant='x'\n[[join]]\nname='A b'", "'name' is not", "m.toml:10"),
        (BEGIN + "[columns.sex]\nconstant='x'\n[[join]]\nname='b'", "'from' is not", "m.toml:10"),
        (BEGIN + "[columns.sex]\nconstant='x'\n[[join]]\nname='b'\nfrom='a'", "'key' is not", "10"),
        (
            BEGIN + "[columns.sex]\nconstant='x'\n[[join]]\nname='slide'\nfrom='a'\nkey='b'",
            "'slide' is given twice",
            "",
        ),
        (BEGIN + "[columns.sex]\nconstant='x'\n[[test]]\ncontext='{}'", "'expect' is not", "10"),
        (BEGIN + "[columns.sex]\nconstant='x'\n[[test]]\n", "'context' is not", "10"),
        (BEGIN + "[[column]]\nname = 'x'", "the key 'column'", "m.toml"),
        (
            (
                "format=1\nsource='fhir'\n[columns.sex]\nconstant='x'\n[[join]]\nname='p'\n"
                "resource='Practitioner'\nfrom='slide.x'"
            ),
            "'resource' is not",
            "m.toml:5",
        ),
    ],
)
def test_what_is_wrong_is_told(text, told, place):
    with pytest.raises(InputError) as raised:
        parse(text)
    assert told in str(raised.value)
    assert place in raised.value.place
    assert raised.value.remedy or raised.value.rule


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")
    path = tmp_path / "m.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_mapping(path)
