"""A node that is asked for more than it has says so, and goes on with the rest."""

import asyncio
from dataclasses import replace

import httpx

from bigpicture.api.application import build
from bigpicture.viewing.tiles import Tiles
from published import OPEN, image_name

TILE = f"/tiles/{image_name(OPEN, 0)}/0/1_2"


def test_past_the_limit_clients_are_told_to_come_again(node, frames, monkeypatch):
    settings = node.settings.model_copy(update={"requests_at_once": 3})
    small = replace(node, stores=replace(node.stores, settings=settings))
    gate = asyncio.Event()
    read = Tiles.read

    async def slowly(*given):
        await gate.wait()
        return await read(*given)

    monkeypatch.setattr(Tiles, "read", slowly)

    async def ask():
        transport = httpx.ASGITransport(build(small))
        async with httpx.AsyncClient(transport=transport, base_url="http://node.test") as client:
            asked = [asyncio.ensure_future(client.get(TILE)) for _ in range(5)]
            async with asyncio.timeout(60):
                first_two = asyncio.as_completed(asked)
                await next(first_two)
                await next(first_two)
                health = await client.get("/healthz")
                gate.set()
                answers = await asyncio.gather(*asked)
                return health, answers, await client.get(TILE)

    health, answers, later = asyncio.run(ask())
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json()["detail"] == "this node has its hands full."
    assert refused.headers["retry-after"] == "2"
    assert health.status_code == 200
    assert later.status_code == 200


def test_what_is_kept_and_how_often_it_helped_is_told(client, frames):
    for _ in range(3):
        client.get(TILE)
    lines = client.get("/metrics").text.splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if line.startswith("bigpicture_memory"))
    asked = 'bigpicture_memory_asked_total{found="%s",memory="tiles",slot="0"}'
    assert (told[asked % "hit"], told[asked % "miss"]) == ("2.0", "1.0")
    names = {line.split('memory="')[1].split('"')[0] for line in told}
    assert names == {
        "images",
        "levels",
        "tiles",
        "pixels",
        "pictures",
        "segments",
        "overlays",
        "overlay_tiles",
    }
    assert float(told['bigpicture_memory_held{memory="segments",slot="0"}']) > 0
    assert told['bigpicture_memory_most{memory="tiles",slot="0"}'] == f"{256 << 20:.1f}".replace(
        "268435456.0", "2.68435456e+08"
    )
