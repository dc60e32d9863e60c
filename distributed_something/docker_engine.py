"""The Docker engine of this computer, through the docker SDK (optional: pip install docker)."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from .errors import UserError

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image


def connect() -> DockerClient:
    """A client of the engine. Raises UserError if the engine does not answer."""
    if importlib.util.find_spec("docker") is None:
        raise UserError("Docker is spoken to through its Python package: pip install docker")
    import docker

    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        raise UserError(
            f"No Docker engine answers ({_first_line(error)}). Start Docker Desktop, or `sudo systemctl "
            "start docker`, and see that `docker ps` works"
        ) from None
    return client


def is_desktop(client: DockerClient) -> bool:
    """Whether the engine runs in its own virtual machine, without this computer's network."""
    return "desktop" in str(client.info().get("OperatingSystem", "")).lower()


def image(client: DockerClient, name: str) -> Image:
    """The image of this name, pulled if it is missing here. Raises UserError."""
    import docker

    try:
        return client.images.get(name)
    except docker.errors.ImageNotFound:
        pass
    try:
        return client.images.pull(name)
    except docker.errors.APIError as error:
        raise UserError(
            f"There is no image {name} here, and it cannot be pulled: {_first_line(error)}. Look at its name "
            "and tag, and at `docker login` if it is private"
        ) from None


def refuse_other_architecture(client: DockerClient, found: Image, name: str) -> None:
    """Raise UserError if the image is for another architecture than this engine's."""
    theirs, ours = found.attrs.get("Architecture", ""), client.version().get("Arch", "")
    if theirs and ours and theirs != ours:
        raise UserError(
            f"The image {name} is made for {theirs}, and this computer is {ours}; name an image for {ours}, "
            f"or work on a computer with {theirs}"
        )


def _first_line(error: Exception) -> str:
    return (str(getattr(error, "explanation", None) or error).splitlines() or [""])[0][:200]
