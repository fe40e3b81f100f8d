"""The invented API."""

from __future__ import annotations

from ._core.api import Api, Cancel, ErrorStatus, HeaderMeaning, JobState, JobSurface, SyncSurface
from ._core.auth import ApiKey
from ._core.places import Places

API = Api(
    id="acme",
    title="Acme",
    package="acme_client",
    distribution="acme-client",
    command="acme",
    client="Acme",
    version="1.2.3",
    base_url="https://api.acme.test",
    auth=ApiKey("header", "x-acme-key", description="A key from the account page."),
    env_api_key="ACME_KEY",
    env_base_url="ACME_URL",
    env_log="ACME_LOG",
    sync=SyncSurface("/v1/{slug}"),
    jobs=JobSurface(
        submit="/v2/{slug}",
        status="/v2/requests/{id}/status",
        result="/v2/requests/{id}",
        cancel=Cancel("/v2/requests/{id}/cancel", "PUT"),
        states=(
            JobState("QUEUED", "waiting"),
            JobState("PROCESSING", "running"),
            JobState("COMPLETED", "succeeded"),
            JobState("FAILED", "failed", http_status=422),
            JobState("CANCELED", "canceled"),
        ),
        deadline=600,
        interval=1.0,
        retention=3600,
    ),
    places=Places(
        sync={"base64": (("picture",),), "media": ((),)},
        result={"state": (("status",),), "output": (("output",),), "cost": (("metrics", "cost"),)},
    ),
    headers=(
        HeaderMeaning("x-request-id", "request_id"),
        HeaderMeaning("x-cost", "cost", "number"),
        HeaderMeaning("x-seed", "seed", "integer"),
        HeaderMeaning("x-reset", "rate_limit_reset"),
    ),
    errors=(
        ErrorStatus(400, "Bad Request", exception="BadRequestError"),
        ErrorStatus(401, "Unauthorized", exception="AuthenticationError"),
        ErrorStatus(404, "Not Found", exception="NotFoundError"),
        ErrorStatus(429, "Rate Limited", exception="RateLimitError", rejected_unprocessed=True),
        ErrorStatus(500, "Server Error", exception="InternalServerError"),
        ErrorStatus(502, "Bad Gateway"),
        ErrorStatus(503, "Service Unavailable", rejected_unprocessed=True),
    ),
)
