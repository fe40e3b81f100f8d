"""The invented API as data."""

from ._core.api import Api, Cancel, ErrorStatus, HeaderMeaning, JobState, JobSurface, SyncSurface
from ._core.auth import ApiKey
from ._core.places import Places

API = Api(
    id="acme",
    title="Acme",
    package="acme_client",
    distribution="acme-client",
    command="acme-client",
    client="Acme",
    version="1.2.3",
    base_url="https://api.acme.example",
    auth=ApiKey(
        location="header", name="x-acme-key", scheme=None, description="Keys are on acme.example/keys"
    ),
    env_api_key="ACME_API_KEY",
    env_base_url="ACME_BASE_URL",
    sync=SyncSurface(path="/v1/{slug}"),
    places=Places(
        sync={"base64": (("image",),), "media": ((),)},
        result={"state": (("status",),), "output": (("output",),), "cost": (("metrics", "cost"),)},
    ),
    jobs=JobSurface(
        submit="/v2/{slug}",
        status="/v2/requests/{id}/status",
        result="/v2/requests/{id}",
        cancel=Cancel("/v2/requests/{id}/cancel", "DELETE"),
        states=(
            JobState("QUEUED", "waiting", 200, "Accepted"),
            JobState("PROCESSING", "running", 200, "Running"),
            JobState("COMPLETED", "succeeded", 200, "Done"),
            JobState("FAILED", "failed", 422, "Errored"),
            JobState("CANCELED", "canceled", 200, "Canceled"),
        ),
        deadline=600.0,
        interval=1.0,
        retention=3600.0,
    ),
    request_headers={"X-Acme-Version": "2024-11-06"},
    headers=(
        HeaderMeaning("x-request-id", "request_id", "string"),
        HeaderMeaning("x-cost", "cost", "number"),
        HeaderMeaning("x-credits", "remaining_credits", "number"),
        HeaderMeaning("x-seed", "seed", "integer"),
        HeaderMeaning("x-reset", "rate_limit_reset", "string"),
    ),
    errors=(
        ErrorStatus(400, "Bad Request", "Invalid parameters", "BadRequestError", False),
        ErrorStatus(401, "Unauthorized", "Missing or invalid key", "AuthenticationError", False),
        ErrorStatus(404, "Not Found", "Model or endpoint not found", None, False),
        ErrorStatus(406, "No Credits", "Not enough credits to process the request", "CreditsError", False),
        ErrorStatus(429, "Rate Limited", "Too many requests", "RateLimitError", True),
        ErrorStatus(500, "Server Error", "Internal server error", None, False),
    ),
)
