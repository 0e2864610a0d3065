"""Delivery to a folder of this computer, or one that is mounted: as feeds are published, by renaming."""

from pathlib import Path

from feedsmith.errors import DeliveryError, OutputError
from feedsmith.issues import Place
from feedsmith.publish.folder import Staging
from feedsmith.publish.kinds import Address
from feedsmith.publish.refusals import refusals
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Budget, Parcel, Placed


class FolderTarget:
    """A folder; a relative path begins in the project's."""

    def __init__(self, settings: TargetSettings, address: Address, project: Path) -> None:
        self._folder = project / Path(address.path).expanduser()
        self._mode = int(settings.mode, 8) if settings.mode else None

    def put(self, parcel: Parcel) -> Placed:
        """Copy a file, then rename it over the old one."""
        try:
            with parcel.local.open("rb") as file, Staging(self._folder, parcel.name) as staging:
                for block in parcel.blocks(file, Place(str(self._folder / parcel.name))):
                    staging.file.write(block)
                if self._mode is not None:
                    with refusals(staging.label):
                        staging.path.chmod(self._mode)
                staging.commit(parcel.name)
        except OutputError as error:
            raise DeliveryError(error.place, error.problem, error.hint) from error
        return Placed()

    def remove(self, name: str, budget: Budget) -> str:  # noqa: ARG002 - as every target is called
        """Remove a file that we delivered before."""
        try:
            with refusals(self._folder / name):
                (self._folder / name).unlink(missing_ok=True)
        except OutputError as error:
            raise DeliveryError(error.place, error.problem, error.hint) from error
        return ""

    def close(self) -> None:
        """Nothing is kept open."""


TARGET = FolderTarget
