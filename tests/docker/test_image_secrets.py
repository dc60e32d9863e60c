"""An image is published: nothing of its builder's keys, environment and proxy is in its history or files."""

import mmap

import pytest

from tests.security import planted

IMAGE = "rehearsal/bare:searched"


@pytest.fixture
def image(engine, bare, build, monkeypatch):
    """The worker's image, built by somebody whose environment is full of secrets, behind a proxy."""
    for name, value in planted.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    build(bare, IMAGE)
    yield engine.images.get(IMAGE)
    engine.images.remove(IMAGE, force=True)


def proxy_lines(folder):
    """Lines of the proxy's certificates that tell them from others; none where there is no proxy."""
    lines = [line for path in folder.glob("build*/proxy.pem") for line in path.read_text().splitlines()]
    return [line for line in lines if len(line) == 64][5:8]


def test_history_settings_and_files_hold_no_secret(image, tmp_path_factory, tmp_path):
    secrets = [*planted.SECRETS, *proxy_lines(tmp_path_factory.getbasetemp())]
    told = [("history", str(image.history()).encode()), ("settings", str(image.attrs).encode())]
    assert planted.found_in(told, secrets) == []
    assert planted.found_in(told, ["/opt/distributed-something"]), "the search finds what is there"
    assert "CA_CERTIFICATES" not in str(image.history())

    saved = tmp_path / "image.tar"
    with saved.open("wb") as out:
        for chunk in image.save():
            out.write(chunk)
    with saved.open("rb") as whole, mmap.mmap(whole.fileno(), 0, access=mmap.ACCESS_READ) as content:
        assert planted.found_in([("files", content)], secrets) == []
        assert content.find(b"class Poller") >= 0, "layers are not compressed"
    print(f"{len(secrets)} secrets, {saved.stat().st_size:,} bytes searched")
