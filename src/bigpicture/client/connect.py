"""Connect: a node at hand, with all that it lets you read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bigpicture.client.cohort import FrozenCohort, SavedCohort, find_cohort, save_cohort
from bigpicture.client.node import Node
from bigpicture.client.query import Answer, ask
from bigpicture.client.run import Job, begin_run, find_job
from bigpicture.client.tables import FoundImages
from bigpicture.client.told import Told
from bigpicture.model.errors import SignInError
from bigpicture.model.question import Question

if TYPE_CHECKING:
    from bigpicture.client.slide import Slide
    from bigpicture.client.stream.stream import PatchStream

_PAGE = 500


class ConnectedNode(Told):
    """A node that answers, and the person whose token is shown. Use it with `with`, or close it."""

    def query(self, question: str | Question, *, most: int | None = None) -> FoundImages:
        """The images that a question asks for, of what you may open; the first `most` of them."""
        return FoundImages(tuple(self._found(question, most)))

    def count(self, question: str | Question, *facets: str) -> Answer:
        """How many images answer, and how many of them have each term of these facets."""
        return ask(self.node, question, facets=facets)

    def cohort(self, which: str) -> SavedCohort:
        """A cohort by its id, the address of its page, or its name."""
        return find_cohort(self.node, which)

    def save_cohort(self, name: str, question: str | Question) -> SavedCohort:
        """Keep a question as a cohort of yours."""
        return save_cohort(self.node, name, question)

    def run(
        self,
        algorithm: str,
        slides: SavedCohort | FrozenCohort | Sequence[str],
        *,
        version: str = "",
        **parameters: Any,  # noqa: ANN401 - as the algorithm's manifest says
    ) -> Job:
        """Run an algorithm over a cohort, or over images by accession; returns at once."""
        is_cohort = isinstance(slides, (SavedCohort, FrozenCohort))
        wanted: Any = {"cohort": slides} if is_cohort else {"images": slides}
        return begin_run(self.node, algorithm, version=version, parameters=parameters, **wanted)

    def job(self, which: str) -> Job:
        """A run of yours by its id, the first letters of it, or the address of its page."""
        return find_job(self.node, which)

    def dataset(self, accession: str) -> Mapping[str, Any]:
        """What you may know of a dataset: its counts, its terms, how to apply for it."""
        return self.node.get(f"/api/v1/datasets/{accession}")

    def slide(self, accession: str) -> Slide:
        """An image as a slide to read; needs the extra `slides`."""
        return import_module("bigpicture.client.remote_slide").open_remote(self.node, accession)

    def patches(self, slides: Any, **asked: Any) -> PatchStream:  # noqa: ANN401 - as of `patches`
        """Patches of a cohort, of found images, or of images by accession: `bigpicture.patches`."""
        stream = import_module("bigpicture.client.patches")
        return stream.patches(slides, node=self.node, **asked)

    def _found(self, question: str | Question, most: int | None) -> Iterator[Any]:
        after, given = "", 0
        while most is None or given < most:
            limit = _PAGE if most is None else min(_PAGE, most - given)
            answer = ask(self.node, question, after=after, limit=limit)
            given += len(answer.images)
            yield from answer.images
            if answer.next is None:
                return
            after = answer.next

    def __repr__(self) -> str:
        return f"<node {self.told.get('name', '')} at {self.node.url}>"


def connect(url: str, token: str | None = None) -> ConnectedNode:
    """Connect to a node by its address.

    `token` is a bearer token of the node (portal, Account), else BIGPICTURE_TOKEN; open datasets
    need none. Raises `UnreachedError` where nobody answers, `UnknownError` where it is no node,
    `SignInError` where the token is wrong or has ended.
    """
    node = Node(url, token=token)
    try:
        node.greet()
        _check_token(node)
        return ConnectedNode(node, node.get("/api/v1/node"))
    except BaseException:
        node.close()
        raise


def _check_token(node: Node) -> None:
    if node.token and node.get("/api/v1/sessions/current")["person"] is None:
        raise SignInError(
            "the token is wrong, or it has ended.",
            place=node.url,
            remedy="Make one in the portal (Account); open datasets need none.",
        )
