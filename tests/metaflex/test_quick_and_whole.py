"""Read object by object or whole, a submission has the same findings: in text, order and place."""

import re
from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from bigpicture.metaflex import submission
from bigpicture.metaflex.members import LARGE, NotPlainError
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.standard.check import check
from examples import EXAMPLES
from invented_everything import everything
from mutation import mutate

Documents = dict[str, bytes]
SAMPLES, IMAGES = "METADATA/sample.xml", "METADATA/image.xml"
VALUES = [
    b"", b" ", b"7", b"-0.5", b"1e3", b"many", b"Female", b"SNOMED-CT", b"mm", b"P93Y",
    b"Erika Mustermann", b"born 1948-03-17", b"010180-1234", b"a > b", b'say "no"', b" 12 ", b"12 ",
    b"a\nb", b"H&amp;E", b"<![CDATA[5]]>", b"&#xE000;0&#xE001;", "\ue0000\ue001".encode(),
    "Sjögren".encode(), b"slide-1",
]  # fmt: skip


@pytest.fixture
def ways(monkeypatch) -> Callable[[Documents], list[object]]:
    """What is read and found: the whole document, object by object, and of nouns where plain."""

    def refused(*_, **__):
        raise NotPlainError

    def read(documents: Documents) -> list[object]:
        found = [_told(documents)]
        with monkeypatch.context() as patch:
            patch.setattr(submission, "LARGE", 0)
            for window in (211, 1 << 20):
                patch.setattr("bigpicture.metaflex.plain.WINDOW", window)
                found.append(_told(documents))
            patch.setattr(submission, "plain_members", refused)
            found.append(_told(documents))
        return found

    return read


def _told(documents: Documents) -> object:
    study = read_submission(documents)
    entities = [repr(each) for each in study.entities]
    places = [(str(each), file.place) for each, file in study.files]
    return entities, places, study.unread, repr(study.asides), check(study)


def written(*, is_clinical: bool, times: int = 4) -> Documents:
    documents = {n: write_document(d) for n, d in everything(is_clinical=is_clinical).items()}
    for name in (SAMPLES, IMAGES, "METADATA/observation.xml"):
        documents[name] = many(documents[name], times)
    return documents


def many(document: bytes, times: int) -> bytes:
    found = re.fullmatch(rb"(.*?<\w+_SET[^>]*>)(.*)(</\w+_SET>\s*)", document, re.DOTALL)
    assert found is not None
    renamed = (re.sub(rb'alias="([^"]*)"', rb'alias="\1-%d"' % at, found[2]) for at in range(times))
    return found[1] + b"".join(renamed) + found[3]


def value(random: Random, data: bytes) -> bytes:
    return _at(random, data, rb">([^<>\s][^<>]*)<", random.choice(VALUES))


def name(random: Random, data: bytes) -> bytes:
    return _at(random, data, rb'="([^"]*)"', random.choice(VALUES).replace(b'"', b""))


def taken_out(random: Random, data: bytes) -> bytes:
    return _at(random, data, rb"(<(\w+)[^<>]*>[^<>]*</\2>|<\w+[^<>]*/>)", b"")


def said_nil(random: Random, data: bytes) -> bytes:
    return _at(random, data, rb"<VALUE(>[^<>]*</VALUE>)", b' xsi:nil="true"/>')


def said_twice(random: Random, data: bytes) -> bytes:
    start, end = _span(random, data, rb"(<(\w+)[^<>]*>[^<>]*</\2>|<\w+[^<>]*/>)")
    return data[:end] + data[start:end] + data[end:]


def otherwise_called(random: Random, data: bytes) -> bytes:
    start, end = _span(random, data, rb"<(\w+)>[^<>]*</\1>")
    of, to = (
        data[start:end],
        random.choice([b"WHO", b"TAG", b"VALUE", b"CODE", b"STRING_ATTRIBUTE"]),
    )
    return data[:start] + to + data[end:].replace(b"</" + of, b"</" + to, 1)


def damaged(random: Random, data: bytes) -> bytes:
    return mutate(random, {"it": data}, {"other": data[::-1]})["it"]


def _at(random: Random, data: bytes, pattern: bytes, new: bytes) -> bytes:
    start, end = _span(random, data, pattern)
    return data[:start] + new + data[end:]


def _span(random: Random, data: bytes, pattern: bytes) -> tuple[int, int]:
    found = [each.span(1) for each in re.finditer(pattern, data)]
    return random.choice(found) if found else (0, 0)


CHANGES = [value, value, value, name, name, taken_out, said_nil, said_twice, otherwise_called]


@pytest.mark.parametrize("seed", range(60))
def test_changed_values_and_elements_are_found_alike(seed, ways):
    random = Random(seed)
    documents = written(is_clinical=seed % 2 == 0)
    for _ in range(random.choice([1, 3, 12])):
        where = random.choice(sorted(documents))
        documents[where] = random.choice(CHANGES)(random, documents[where])
    whole, *others = ways(documents)
    assert all(each == whole for each in others)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_documents_are_refused_alike(seed, ways):
    random = Random(seed)
    documents = written(is_clinical=seed % 2 == 0, times=2)
    where = random.choice([each for each in sorted(documents) if "dataset" not in each])
    documents[where] = damaged(random, documents[where])
    whole, *others = ways(documents)
    assert all(each == whole for each in others)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_the_published_examples_are_found_alike(example, ways):
    whole, *others = ways(example.documents)
    assert all(each == whole for each in others)


def test_a_document_that_is_truly_large_is_found_alike(monkeypatch):
    random = Random(7)
    documents = written(is_clinical=True, times=40)
    documents[IMAGES] = many(documents[IMAGES], 16)
    for change in [*CHANGES, *CHANGES]:
        for where in (SAMPLES, IMAGES):
            documents[where] = change(random, documents[where])
    assert len(documents[IMAGES]) > LARGE
    quick = _told(documents)
    monkeypatch.setattr(submission, "LARGE", 1 << 40)
    assert quick == _told(documents)


FORBIDDEN = {
    "a control character": lambda data: data.replace(b"Optics", b"Op\x01tics"),
    "a null": lambda data: data.replace(b"Optics", b"Op\0tics"),
    "U+FFFE": lambda data: data.replace(b"Optics", "Op\ufffetics".encode()),
    "a surrogate": lambda data: data.replace(b"Optics", b"Op\xed\xa0\x80tics"),
    "bytes of no character": lambda data: data.replace(b"Optics", b"Op\xfftics"),
    "the end of a marked section": lambda data: data.replace(b"Optics", b"Op]]>tics"),
    "a comment among objects": lambda data: data.replace(b"<IMAGE ", b"<!-- --><IMAGE ", 1),
    "a comment in an object": lambda data: data.replace(b"<FILES>", b"<!-- > --><FILES>", 1),
    "a comment that ends an object": lambda data: data.replace(
        b"<FILES>", b"<!-- </IMAGE> --><FILES>", 1
    ),
    "an instruction in an object": lambda data: data.replace(b"<FILES>", b"<?a b?><FILES>", 1),
    "a comment after the end": lambda data: data + b"<!-- bye -->",
    "blanks after the end": lambda data: data + b" \n" * 9000,
    "words after the end": lambda data: data + b"bye",
    "another end": lambda data: data.replace(b"</IMAGE_SET>", b"</IMAGE_SETS>"),
    "no end": lambda data: data.replace(b"</IMAGE_SET>", b""),
    "an undeclared prefix": lambda data: data.replace(b"<IMAGE ", b'<IMAGE a:b="c" ', 1),
    "a number of a mark": lambda data: data.replace(
        b"<VALUE>256<", b"<VALUE>&#xE000;1&#xE001;<", 1
    ),
    "a language": lambda data: data.replace(b"<VALUE>256", b'<VALUE xml:lang="en">256'),
    "blanks after values": lambda data: re.sub(rb"</(TAG|VALUE|UNITS|CODE)>", rb" </\1>", data),
    "an accession": lambda data: data.replace(b"<IMAGE ", b'<IMAGE accession="no" '),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_no_plain_document_holds_is_found_alike(what, ways):
    documents = written(is_clinical=True)
    documents[IMAGES] = FORBIDDEN[what](documents[IMAGES])
    whole, *others = ways(documents)
    assert all(each == whole for each in others)


def test_sound_objects_come_as_nouns(monkeypatch):
    made = []
    real = submission.read_entity
    monkeypatch.setattr(submission, "LARGE", 0)
    monkeypatch.setattr(submission, "read_entity", lambda *a, **k: made.append(1) or real(*a, **k))
    few = partial(written, is_clinical=True)
    read_submission(few(times=3))
    of_three = len(made)
    read_submission(few(times=30))
    assert len(made) == 2 * of_three
