"""https: a certificate authority that exists only while the emulator runs. Its private key is never written."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

import trustme

from speccast.errors import SpeccastError
from speccast.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

OWN_NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """A new authority, and a server's context with a certificate for some names and addresses."""

    def __init__(self, names: Iterable[str]) -> None:
        """
        Raises:
            SpeccastError: a name is not a host name.
        """
        authority = trustme.CA(organization_name="Speccast emulator")
        self.certificate = authority.cert_pem.bytes()
        """What clients must trust, as PEM."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names = tuple(names)
        try:
            certificate = authority.issue_cert(*names)
        except ValueError as error:
            raise SpeccastError(f"cannot create a certificate for {', '.join(names)}: {error}") from error
        certificate.configure_cert(self.context)


@contextmanager
def make_authority(hosts: Iterable[str]) -> Iterator[tuple[Authority, Path]]:
    """Make an authority for this machine and other hosts, and a file with its certificate, which is deleted afterwards.

    Raises:
        SpeccastError: a host is not a host name, or the file cannot be written.
    """
    with temporary_folder() as folder:
        authority = Authority(sorted({*OWN_NAMES, *hosts}))
        path = folder / "ca.pem"
        path.write_bytes(authority.certificate)
        yield authority, path
