"""The animated picture of README: a PNG whose frames a browser shows one after the other."""

import struct
import zlib

import pytest
from playwright.sync_api import Browser

from tests.browser.apng import SIGNATURE, animated
from tests.browser.pictures import FOLDER


def plain(shade: int, width: int = 4) -> bytes:
    """Return a PNG of one grey, four rows high."""
    rows = (b"\0" + bytes([shade]) * width) * 4
    head = struct.pack(">IIBBBBB", width, 4, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    written = (
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
    return SIGNATURE + b"".join(written)


def test_a_browser_shows_the_frames(browser: Browser, service: str) -> None:
    """As many as there were, each for its time."""
    page = browser.new_page()
    page.goto(f"{service}/health")  # the decoder is there on a page that came safely
    found = page.evaluate(
        """async bytes => {
            const decoder = new ImageDecoder({ data: new Uint8Array(bytes), type: "image/png" });
            await decoder.tracks.ready;
            await decoder.completed;
            const seen = [];
            for (let at = 0; at < decoder.tracks.selectedTrack.frameCount; at += 1) {
                const { image } = await decoder.decode({ frameIndex: at });
                seen.push([image.displayWidth, image.displayHeight, image.duration]);
            }
            return seen;
        }""",
        list(animated([(plain(0), 100), (plain(120), 200), (plain(255), 300)])),
    )
    page.close()
    assert found == [[4, 4, 100_000], [4, 4, 200_000], [4, 4, 300_000]]


def test_frames_of_another_size_are_refused() -> None:
    """They could not be shown in the same place."""
    with pytest.raises(ValueError, match="one size"):
        animated([(plain(0), 100), (plain(0, width=5), 100)])


@pytest.mark.parametrize("name", ["card", "timeline", "tour"])
def test_the_pictures_are_there(name: str) -> None:
    """As README names them; the tour moves."""
    picture = (FOLDER / f"{name}.png").read_bytes()
    assert picture.startswith(SIGNATURE)
    assert (b"acTL" in picture) is (name == "tour")
