"""Accept headers as RFC 9110 and PS3.18 have them."""

from __future__ import annotations

import pytest

from bigpicture.api.media import Offer, choose, read_accept, read_query
from bigpicture.api.problem import MalformedError, NotAcceptableError

JPEG, LITTLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1"
STORED = Offer("image/jpeg", is_multipart=True, transfer_syntax=JPEG)
DECODED = Offer("application/octet-stream", is_multipart=True, transfer_syntax=LITTLE)
ALONE = Offer("image/jpeg", transfer_syntax=JPEG)
OFFERS = (STORED, DECODED, ALONE)


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, STORED),
        ("*/*", STORED),
        ("multipart/related", STORED),
        ('multipart/related; type="image/jpeg"', STORED),
        ('multipart/related; type="image/*"; transfer-syntax=*', STORED),
        ("multipart/related;type=image/jpeg;transfer-syntax=1.2.840.10008.1.2.4.50", STORED),
        ('multipart/related; type="application/octet-stream"', DECODED),
        (f'multipart/related; type="*/*"; transfer-syntax={LITTLE}', DECODED),
        ("image/jpeg", ALONE),
        ("IMAGE/JPEG", ALONE),
        ("image/*", ALONE),
        ("text/html, image/jpeg;q=0.5, multipart/related;q=0.4", ALONE),
        ("image/jpeg;q=0.5, multipart/related;q=0.5", STORED),
        ("*/*, multipart/related;q=0", ALONE),
        ('*/*;q=0.1, multipart/related; type="application/octet-stream"', DECODED),
        ('multipart/related; q=0, multipart/related; type="application/octet-stream"', DECODED),
    ],
)
def test_the_best_that_is_accepted(accept, wanted):
    assert choose(OFFERS, read_accept(accept, {})) == wanted


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/png",
        "image/jpeg;q=0",
        'multipart/related; type="image/jp2"',
        'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.70',
    ],
)
def test_what_is_not_there_is_named(accept):
    with pytest.raises(NotAcceptableError) as told:
        choose(OFFERS, read_accept(accept, {}))
    assert 'multipart/related; type="image/jpeg"' in told.value.rule


@pytest.mark.parametrize("accept", ["jpeg", "image/", "/", "image/jpeg, <>"])
def test_what_cannot_be_read(accept):
    with pytest.raises(MalformedError):
        read_accept(accept, {})


def test_the_query_goes_before_the_header():
    query = read_query(b"accept=application/dicom+json&limit=3")
    assert query["limit"] == "3"
    (asked,) = read_accept("image/png", query)
    assert asked.type == "application/dicom+json"


def test_other_names_of_stored_frames():
    offer = Offer("image/jp2", transfer_syntax="1.2.840.10008.1.2.4.90")
    for name in ("image/j2k", "image/j2c", "image/jp2"):
        assert choose([offer], read_accept(name, {})) == offer
