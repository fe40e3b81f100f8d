"""https: a certificate authority that exists only while the emulator runs. Its private key is never written."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import trustme

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterable


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
            raise SpeccastError(f"no certificate can name {', '.join(names)}: {error}") from error
        certificate.configure_cert(self.context)
