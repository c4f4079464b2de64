"""What a dataset's landing page tells programs: in its HTML, its headers, and beside it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from lxml import etree
from sqlalchemy import insert, update

from bigpicture.api import crawlers
from bigpicture.api.application import build
from bigpicture.api.landing_page import LandingPages, fill
from bigpicture.api.portal import Portal
from bigpicture.catalogue.face.json_ld import json_ld
from bigpicture.ledger.record import record
from bigpicture.model.errors import StorageError
from bigpicture.storage.records import tables as t
from faces import TITLE, face
from places import REPOSITORY
from published import CONTROLLED, OPEN, PUBLISHED, UNKNOWN, Client, add_person, dataset_row, grant

HTML = {"Accept": "text/html,*/*"}
INDEX = (REPOSITORY / "web/index.html").read_text()
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
EVIL = '</script><script>alert("x")</script>'


class Page(HTMLParser):
    """The page as a browser's parser sees it."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.links, self.metas, self.title = [], {}, {}, ""
        self._in = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        if tag == "script":
            self.scripts.append([held, ""])
        if tag == "link":
            self.links[held.get("rel")] = held.get("href")
        if tag == "meta":
            self.metas[held.get("name") or held.get("property")] = held.get("content")
        self._in = tag

    def handle_endtag(self, tag):
        self._in = None

    def handle_data(self, data):
        if self._in == "script":
            self.scripts[-1][1] += data
        if self._in == "title":
            self.title += data

    @property
    def described(self):
        (told,) = [text for held, text in self.scripts if held.get("type") == "application/ld+json"]
        return json.loads(told)


@pytest.fixture
def portal(node, tmp_path):
    """The portal around the page that it is built from."""
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "index.html").write_text(INDEX)
    with Client(Portal(tmp_path / "portal", LandingPages(node))) as made:
        yield made


def rename(stores, **values):
    with stores.records.write() as connection:
        changed = update(t.datasets).where(t.datasets.c.accession == OPEN)
        connection.execute(changed.values(seq=99, **values))


def test_the_page_tells_harvesters_what_the_dataset_is(portal):
    answer = portal.get(f"/datasets/{OPEN}", headers=HTML)
    page = Page(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.title == "The open set of livers and lungs · Test node"
    assert page.links["canonical"] == f"http://node.test/datasets/{OPEN}"
    assert page.metas["description"] == "Invented tissue"
    assert page.described["name"] == "The open set of livers and lungs"
    assert page.described["url"]["@id"] == f"http://node.test/datasets/{OPEN}"
    assert "Test node. (Dataset)." in answer.text  # for people without scripts


def test_scripts_of_the_portal_are_untouched(portal):
    """What stood in the page still stands, and only data was added."""
    page = Page(portal.get(f"/datasets/{OPEN}", headers=HTML).text)
    kinds = [held.get("type") for held, _ in page.scripts]
    assert kinds == ["application/ld+json", None, "module"]


def test_a_hostile_title_stays_a_title(portal, stores):
    rename(stores, title=EVIL, description=f'{EVIL} " onload="x', policy={"title": EVIL})
    page = Page(portal.get(f"/datasets/{OPEN}", headers=HTML).text)
    assert len(page.scripts) == 3
    assert page.title.startswith(EVIL)
    assert page.described["name"] == EVIL
    assert page.described["license"]["name"] == EVIL
    assert page.metas["description"] == f'{EVIL} " onload="x'


def test_a_face_of_everything_hostile_comes_back_whole():
    told = face()
    page = Page(fill(INDEX, told))
    assert page.described == json.loads(json.dumps(json_ld(told)))
    assert page.title == f"{TITLE} · Northern & Sons node"


def test_a_host_that_is_no_host_breaks_nothing(portal):
    answer = portal.get(f"/datasets/{OPEN}", headers={**HTML, "Host": 'x>; rel="evil'})
    assert 'rel="evil' not in answer.headers["link"]
    assert Page(answer.text).described["name"]


def test_the_page_comes_whatever_is_accepted_and_with_its_signposts(portal):
    for accept in ("*/*", "application/json", "text/html"):
        answer = portal.get(f"/datasets/{OPEN}", headers={"Accept": accept})
        assert answer.status_code == 200
        assert f'<http://node.test/datasets/{OPEN}>; rel="cite-as"' in answer.headers["link"]
    assert portal.ask("HEAD", f"/datasets/{OPEN}").headers["link"] == answer.headers["link"]
    assert portal.ask("POST", f"/datasets/{OPEN}").status_code == 405


def test_every_signpost_leads_somewhere(client, portal):
    links = portal.get(f"/datasets/{OPEN}").headers["link"]
    for target, relation in re.findall(r'<http://node\.test([^>]*)>; rel="([^"]+)"', links):
        asked = portal if target.startswith("/datasets/") else client
        answer = asked.get(target.partition("#")[0])
        assert answer.status_code == 200, target
        if relation in ("describedby", "linkset"):
            (kind,) = re.findall(rf'{re.escape(target)}>; rel="{relation}"; type="([^"]+)"', links)
            assert answer.headers["content-type"].partition(";")[0] == kind
            assert 'rel="describes"' in answer.headers["link"]
        if relation == "item":
            assert 'rel="collection"' in answer.headers["link"]


@pytest.mark.parametrize("path", [f"/datasets/{UNKNOWN}", "/datasets/x", "/datasets/%3Cb%3E"])
def test_an_unknown_dataset_is_the_page_with_404(portal, path):
    answer = portal.get(path, headers=HTML)
    assert answer.status_code == 404
    assert answer.text == INDEX
    assert "link" not in answer.headers
    assert portal.get(path, headers={"Accept": "*/*"}).json()["status"] == 404


def test_other_pages_stay_as_they_are(portal):
    for path in ("/", "/datasets", f"/datasets/{OPEN}/images", "/images/x"):
        assert portal.get(path, headers=HTML).text == INDEX


def test_when_the_records_do_not_answer_the_page_comes_without(portal, node, monkeypatch):
    def fail(*_):
        raise StorageError("no answer")

    monkeypatch.setattr(type(node.catalogue), "dataset", fail)
    answer = portal.get(f"/datasets/{OPEN}", headers=HTML)
    assert (answer.status_code, answer.text) == (200, INDEX)


def test_the_address_of_the_settings_wins(stores, frames):
    from bigpicture.api.node import Node

    settings = stores.settings.model_copy(update={"public_url": "https://slides.example/"})
    node = Node.open(
        type(stores)(
            settings=settings,
            records=stores.records,
            vault=stores.vault,
            pseudonyms=stores.pseudonyms,
        ),
        start_work=lambda _: None,
    )
    with Client(build(node)) as client:
        told = client.get(f"/api/v1/datasets/{OPEN}/metadata.jsonld").json()
        assert told["@id"] == f"https://slides.example/datasets/{OPEN}"
        assert "https://slides.example/datasets/" in client.get("/sitemap.xml").text


def test_what_everybody_is_told_does_not_depend_on_who_asks(client, stores):
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    path = f"/api/v1/datasets/{CONTROLLED}/metadata.jsonld"
    assert client.get(path).content == client.get(path, token=token).content
    told = client.get(path).json()
    assert told["size"] == "Whole-slide images of <5 beings"
    assert "public" in client.get(path).headers["cache-control"]


def test_quality_is_exact_for_who_may_open_the_dataset(client, stores):
    path = f"/api/v1/datasets/{CONTROLLED}"
    world = client.get(path).json()["quality"]
    assert world["images"] == "of <5 beings"
    assert world["is_withheld"]
    assert {each["percent"] for each in world["shares"]} == {None}
    ada, token = add_person(stores, "ada")
    grant(stores, ada)
    shown = client.get(path, token=token).json()["quality"]
    assert (shown["images"], shown["is_withheld"]) == ("2", False)
    shares = {each["field"]: each["percent"] for each in shown["shares"]}
    assert (shares["organ"], shares["annotated"]) == (100, 0)
    (diagnosis,) = [each for each in shown["spreads"] if each["field"] == "diagnosis"]
    assert diagnosis["groups"] == [
        {"label": "Confirmed", "percent": 50},
        {"label": "Candidate", "percent": 50},
    ]


def test_versions_come_with_counts_and_words(client, stores):
    with stores.records.write() as connection:
        details = {"version": "1.0.0", "images": 3, "beings": 1}
        record(connection, actor="node", action="dataset:publish", subject=OPEN, details=details)
    (version,) = client.get(f"/api/v1/datasets/{OPEN}").json()["versions"]
    assert (version["what"], version["version"], version["note"]) == ("published", "1.0.0", "first")
    assert version["counts"] == {"images": "3", "beings": "1"}


def test_the_site_map_lists_every_landing_page(client):
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml"
    root = etree.fromstring(answer.content)
    listed = {each.findtext(f"{MAP}loc"): each.findtext(f"{MAP}lastmod") for each in root}
    day = PUBLISHED.date().isoformat()
    pages = (f"http://node.test/datasets/{name}" for name in (CONTROLLED, OPEN))
    assert listed == dict.fromkeys(pages, day)
    assert client.get("/robots.txt").text.endswith("Sitemap: http://node.test/sitemap.xml\n")


def test_very_many_pages_are_listed_in_parts(client, stores, monkeypatch):
    monkeypatch.setattr(crawlers, "MOST", 2)
    third = {**dataset_row("bb-dataset-thirdz-thirdz", "open", 3), "alias": "third"}
    with stores.records.write() as connection:
        connection.execute(insert(t.datasets).values(third))
    places = [
        each.text for each in etree.fromstring(client.get("/sitemap.xml").content).iter(f"{MAP}loc")
    ]
    assert places == [f"http://node.test/sitemap.xml?part={part}" for part in range(2)]
    pages = [
        each.text
        for place in places
        for each in etree.fromstring(client.get(place).content).iter(f"{MAP}loc")
    ]
    assert len(pages) == len(set(pages)) == 3
    assert client.get("/sitemap.xml?part=2").status_code == 404
    assert client.get("/sitemap.xml?part=-1").status_code == 422
