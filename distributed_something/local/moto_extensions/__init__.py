"""What moto's server lacks for a rehearsal, one file per service. Made for one version of moto."""

from __future__ import annotations

from . import iam, logs, lookups, machine_images, object_names, services, spot_fleet, sqs, tasks

MOTO_VERSION = "5.2.5"


def apply() -> None:
    """Extend moto in this process. Raises RuntimeError for any other version of moto."""
    import moto

    if moto.__version__ != MOTO_VERSION:
        raise RuntimeError(
            f"moto {moto.__version__} is installed, but the emulated AWS extends moto {MOTO_VERSION}: "
            f'pip install "moto[server]=={MOTO_VERSION}"'
        )
    lookups.apply()
    iam.apply()
    logs.apply()
    sqs.apply()
    spot_fleet.apply()
    services.apply()
    tasks.apply()
    machine_images.apply()
    object_names.apply()
