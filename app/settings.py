"""What can be set from outside: LIVEFIT_DATA_DIR, LIVEFIT_PORT and so on, or the options of `livefit serve`."""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.disk import read_units

_HERE = Path(__file__).resolve().parent
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def _beside(name: str) -> Path:
    # at the root of a checkout; inside the package in a wheel
    root = _HERE.parent / name
    return root if root.is_dir() and (_HERE.parent / "pyproject.toml").is_file() else _HERE / name


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """One server's settings; every field can be set by an environment variable that begins with LIVEFIT_."""

    model_config = SettingsConfigDict(env_prefix="LIVEFIT_", extra="ignore")

    data_dir: Path = Field(Path("data"), description="Where runs and the catalogue are kept; made when missing")
    host: str = Field("127.0.0.1", description="Address to listen on; any but loopback asks visitors to sign in")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    max_running: int = Field(default_factory=_cores, ge=1, description="Runs that train at once; the rest is queued")
    stop_within_s: float = Field(10.0, gt=0, description="Seconds a trainer has to save itself before it is killed")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names, separated by commas, under which the server may be addressed besides its own"
    )
    stalled_after_s: float = Field(60.0, gt=0, description="Seconds without a step until a run is called stalled")
    disk_budget: int | None = Field(None, description="What runs may take of the disk, as in 20 GB; none: all of it")
    upload_limit: int = Field(200 * 1000**2, ge=1, description="Bytes that one upload may have, as in 200 MB")
    database_url: str = Field("", description="The catalogue, when not SQLite in the data folder: an SQLAlchemy URL")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What the server writes down")
    static_dir: Path = Field(_beside("static"), description="Scripts and styles, when not those of this installation")
    templates_dir: Path = Field(_beside("templates"), description="Pages, when not those of this installation")
    lessons_dir: Path = Field(_beside("lessons"), description="Lessons, when not those of this installation")

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip().lower() for name in value.split(",") if name.strip())
        return value

    @field_validator("disk_budget", "upload_limit", mode="before")
    @classmethod
    def _bytes(cls, value: object) -> object:
        return (read_units(value) if value.strip() else None) if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:
            raise ValueError("nobody of that name has a home here") from None

    @property
    def runs_dir(self) -> Path:
        """Where the folders of the runs are."""
        return self.data_dir / "runs"

    @property
    def catalogue_url(self) -> str:
        """The catalogue's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'catalogue.db'}"

    @property
    def on_loopback(self) -> bool:
        """Whether the server listens where only programs of this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def asks_who_comes(self) -> bool:
        """Whether visitors sign in: others can come, straight or through a proxy that bears an allowed name."""
        return not self.on_loopback or not all(host_name(one) in LOOPBACK_NAMES for one in self.allowed_hosts)

    @property
    def own_names(self) -> frozenset[str]:
        """The names that this machine has by itself, as they stand in a Host header."""
        if self.on_loopback:
            return LOOPBACK_NAMES
        machine = socket.gethostname().lower()
        return LOOPBACK_NAMES | {machine, machine.partition(".")[0], in_url(self.host)}


def host_name(host: str) -> str:
    """Return a Host header without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def in_url(address: str) -> str:
    """Return an address as a URL has it: IPv6 in brackets, IPv4 that came over IPv6 plain."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address.lower()
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped) if known.ipv4_mapped else f"[{known}]"
    return str(known)
