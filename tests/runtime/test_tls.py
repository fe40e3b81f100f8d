"""TLS: certificates are verified, and loaded only for the first connection that needs them."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from acme_client._runtime.errors import APIConnectionError, APITimeoutError
from acme_client.client import Acme
from acme_support.adapter import KEY
from acme_support.server import Reply, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl creates the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that is not trusted by default, with its key beside it."""
    folder = tmp_path_factory.mktemp("certificate")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", *words, *files, *names], check=True, capture_output=True)
    return folder / "certificate.pem"


@pytest.fixture
def secure(certificate: Path) -> Iterator[str]:
    """The origin of a server that speaks TLS."""
    with serving() as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        running.use_tls(context)
        running.on("/v1/fox-1.5", Reply(body=b"x"))
        running.on("/v1/slow", Reply(body=b"x" * 500, drip=0.02))
        yield f"https://localhost:{running.port}"


def test_an_untrusted_certificate_is_refused(acme: Any, secure: str) -> None:
    client = acme.client(base_url=secure, max_retries=0)
    with pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        acme.run(client.fox_1_5.generate(prompt="a"))


def test_the_certificate_file_of_the_environment_is_trusted(
    acme: Any, secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = acme.client(base_url=secure, max_retries=0)
    assert acme.run(client.fox_1_5.generate(prompt="a")).content == b"x"


def test_a_certificate_for_another_host_is_refused(
    acme: Any, secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = acme.client(base_url=secure.replace("localhost", "127.0.0.1"), max_retries=0)
    with pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        acme.run(client.fox_1_5.generate(prompt="a"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_makes_its_own_connections(
    secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Acme(KEY, base_url=secure, max_retries=0) as client:
        client.fox_1_5.generate(prompt="a")
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                client.fox_1_5.generate(prompt="a")
                client.close()
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        assert client.fox_1_5.generate(prompt="a").content == b"x"


@pytest.mark.parametrize("derive", [lambda client: client, lambda client: client.with_options(timeout=9)])
def test_certificate_errors_are_not_retried(acme: Any, secure: str, clock: Any, derive: Any) -> None:
    client = derive(acme.client(base_url=secure, clock=clock))
    with pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        acme.run(client.fox_1_5.generate(prompt="a"))
    with pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        acme.run(client.job("j").wait())
    assert clock.slept == []


def test_a_deadline_bounds_a_response_over_tls(
    acme: Any, secure: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = acme.client(base_url=secure, total_timeout=0.2)
    acme.run(client.load())
    started = time.monotonic()
    with pytest.raises(APITimeoutError, match="total timeout"):
        acme.run(client.run_sync("slow"))
    assert time.monotonic() - started < 2


def test_certificates_are_not_loaded_without_tls(
    acme: Any, server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "does-not-exist"))
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    assert acme.run(acme.client().fox_1_5.generate(prompt="a")).content == b"x"
