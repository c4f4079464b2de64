"""A DICOMweb request: who asks for what, the images that they may have, how the answer is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.access.decide import Decision, Purpose
from bigpicture.api.asking import read_secret
from bigpicture.api.looking import CACHING, origin_of, read_tags
from bigpicture.api.media import MediaRange, read_accept
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import HeaderList, send_whole
from bigpicture.api.problem import RefusedError
from bigpicture.api.still import Still
from bigpicture.model.errors import UnknownError
from bigpicture.model.person import Person
from bigpicture.viewing.named import NamedImage, Names
from bigpicture.viewing.stored import StoredImage, StoredLevel

ROOT = "/dicomweb"
VARY = b"accept, cookie, authorization"
FOREIGN: HeaderList = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"content-range, etag, warning"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""Viewers live on other sites. A browser sends them no cookie of ours: they bring a token."""


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """An image that may be had, by whom, and the decision that says so."""

    named: NamedImage
    person: Person | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class DicomRequest:
    """`names` are those of its path, `rest` is what follows them."""

    node: Node
    metrics: Metrics
    scope: Scope
    receive: Receive
    send: Send
    headers: Headers
    query: Mapping[str, str]
    names: Names
    rest: str

    @property
    def is_head(self) -> bool:
        return self.scope["method"] == "HEAD"

    @property
    def accepted(self) -> list[MediaRange]:
        return read_accept(self.headers.get("accept"), self.query)

    @property
    def root(self) -> str:
        """How the world reaches this door."""
        return origin_of(self.node, self.scope, self.headers) + ROOT

    def address(self, *names: str) -> str:
        """Where a study, a series, an instance lies."""
        parts = zip(("studies", "series", "instances"), names, strict=False)
        return "/".join((self.root, *(f"{kind}/{name}" for kind, name in parts)))

    async def who(self) -> Person | None:
        secret = read_secret(self.headers)
        session = await self.node.sessions.awaited(secret) if secret else None
        return session.person if session else None

    async def open(self, purpose: Purpose = Purpose.VIEW) -> list[OpenedImage]:
        """The images of these names that may be had, one of each series.

        Raises `UnknownError` where there is none, `RefusedError` where none may be had.
        """
        person = await self.who()
        refusal: RefusedError | None = None
        opened: dict[str, OpenedImage] = {}
        for named in await self.node.named.find(self.names):
            if named.series in opened:
                continue
            try:
                decision = await self.node.decisions.awaited(person, named.dataset, purpose)
            except UnknownError:  # withdrawn meanwhile
                continue
            if decision.allowed:
                opened[named.series] = OpenedImage(named, person, decision)
            else:
                refusal = refusal or RefusedError(decision)
        if opened:
            return list(opened.values())
        raise refusal or UnknownError("there is nothing of this name.", rule=f"{ROOT}/studies")

    async def open_level(
        self, purpose: Purpose = Purpose.VIEW
    ) -> tuple[OpenedImage, StoredImage, StoredLevel]:
        """The one instance that is asked for, its event durable where it needs one."""
        opened = (await self.open(purpose))[0]
        image = await self.read(opened)
        return opened, image, self.level_of(image)

    async def read(self, opened: OpenedImage) -> StoredImage:
        """Where an image lies, once the event of this read is durable."""
        named, person = opened.named, opened.person
        if opened.decision.grant and person:
            await self.node.reads.awaited(
                person=person.id,
                image=named.accession,
                dataset=named.dataset,
                grant=opened.decision.grant,
            )
        return await self.node.tiles.image(named.accession)

    def stills(
        self, opened: Sequence[OpenedImage], purpose: Purpose = Purpose.VIEW
    ) -> Mapping[str, Still]:
        """By dataset: what a long answer asks before each piece."""
        datasets = {each.named.dataset for each in opened}
        return {each: Still(self.node, self.headers, each, purpose) for each in datasets}

    def levels_of(self, image: StoredImage) -> Sequence[StoredLevel]:
        """Of an image, the instances that are asked for."""
        wanted = self.names.instance
        return [one for one in image.levels if wanted in (None, one.instance_uid)]

    def level_of(self, image: StoredImage) -> StoredLevel:
        return self.levels_of(image)[0]

    def is_known(self, tag: str) -> bool:
        """Whether the client has what bears this entity tag."""
        return tag in read_tags(self.headers.get("if-none-match"))

    async def answer(
        self,
        status: int,
        media_type: str = "",
        body: bytes = b"",
        *,
        tag: str = "",
        warning: str = "",
    ) -> None:
        """Send a whole answer."""
        await send_whole(
            self.send,
            status,
            [
                *self.shared(media_type, tag=tag, warning=warning),
                *([] if status == 304 else [(b"content-length", str(len(body)).encode())]),
            ],
            b"" if self.is_head else body,
        )

    def shared(self, media_type: str = "", *, tag: str = "", warning: str = "") -> HeaderList:
        """The headers of an answer, without its length."""
        headers: HeaderList = [(b"cache-control", CACHING), (b"vary", VARY), *FOREIGN]
        for name, value in (
            (b"content-type", media_type),
            (b"etag", tag),
            (b"warning", warning and f'299 bigpicture "{warning}"'),
        ):
            if value:
                headers.append((name, value.encode()))
        return headers
