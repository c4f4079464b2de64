import pytest

from bigpicture.api.portal import Portal
from published import Client

HTML = {"Accept": "text/html,*/*"}


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "portal"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>portal</title>")
    (folder / "assets" / "main-abc123.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    with Client(Portal(folder)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/datasets/x", "/images/y?view=1"])
def test_every_address_a_person_may_type_gives_the_page(built, path):
    answer = built.get(path, headers=HTML)
    assert answer.text == "<title>portal</title>"
    assert answer.headers["cache-control"] == "no-cache"


def test_files_with_a_digest_in_their_name_are_kept_forever(built):
    answer = built.get("/assets/main-abc123.js")
    assert answer.text == "1"
    assert "immutable" in answer.headers["cache-control"]
    assert "javascript" in answer.headers["content-type"]


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/api/v9/x", "/dicomweb/studies", "/iiif/3/x", "/ga4gh/drs/v1/x"]
)
def test_what_programs_ask_for_in_vain_is_a_problem_and_no_page(built, path):
    headers = {} if path.startswith("/assets") else HTML
    answer = built.get(path, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt"]
)
def test_nothing_outside_the_folder_is_served(built, path):
    assert "secret" not in built.get(path).text


def test_an_unbuilt_portal_says_how_to_build_it(tmp_path):
    with Client(Portal(tmp_path / "none")) as client:
        answer = client.get("/", headers=HTML)
    assert answer.status_code == 503
    assert "make env" in answer.text
