"""Tells apart what can go wrong with S3: its fault, our configuration's, or an object that is not there.

In: what boto3 raised. Out: our error, its message saying what to do. Never quotes a credential.
"""

from __future__ import annotations

from botocore.exceptions import (
    ClientError,
    ConfigParseError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    UnknownEndpointError,
)

from pipeline.errors import StoreRefused, StoreUnavailable

_SERVER_SIDE = 500
_TRY_LATER_STATUSES = frozenset({408, 429})

# Source: Amazon S3 API reference, "Error responses". Those below 500 where the same request may work soon.
_TRY_LATER = frozenset(
    {
        "BadDigest",
        "ExpectedChecksumMismatch",
        "IncompleteBody",
        "OperationAborted",
        "RequestLimitExceeded",
        "RequestTimeout",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
        "XAmzContentChecksumMismatch",
        "XAmzContentSHA256Mismatch",
    }
)

_RIGHTS = (
    "allow s3:GetObject, s3:PutObject and s3:DeleteObject on the objects and s3:ListBucket on the bucket "
    "(without the last, a missing object looks like a refusal)"
)
_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_RENEW = "renew the temporary credentials"
_REGION = "set AWS_REGION to the bucket's region"
_REMEDIES = {
    "AccessDenied": _RIGHTS,
    "403": _RIGHTS,
    "AccountProblem": "settle the account with the provider",
    "AllAccessDisabled": "ask the provider why access to the bucket is switched off",
    "AuthorizationHeaderMalformed": _REGION,
    "ExpiredToken": _RENEW,
    "ExpiredTokenException": _RENEW,
    "InvalidAccessKeyId": _KEYS,
    "InvalidBucketName": "correct the bucket in PRAMAN_STORE_URL",
    "InvalidToken": _RENEW,
    "KMS.DisabledException": "enable the bucket's KMS key",
    "NoSuchBucket": "create the bucket or correct PRAMAN_STORE_URL",
    "PermanentRedirect": _REGION,
    "RequestTimeTooSkewed": "set this machine's clock (NTP)",
    "SignatureDoesNotMatch": _KEYS,
}
_ASK = "ask whoever runs the store"

_MISCONFIGURED = {
    NoCredentialsError: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role",
    PartialCredentialsError: "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    NoRegionError: "set AWS_REGION",
    InvalidRegionError: "correct AWS_REGION",
    ProfileNotFound: "correct AWS_PROFILE",
    ConfigParseError: "correct the AWS configuration file",
    ParamValidationError: "correct PRAMAN_STORE_URL",
    UnknownEndpointError: "correct AWS_REGION or PRAMAN_S3_ENDPOINT_URL",
    ValueError: "correct PRAMAN_S3_ENDPOINT_URL",
}


def is_absent(error: ClientError) -> bool:
    """Tell whether the object is not there, the bucket being fine."""
    return error.response["Error"].get("Code") in {"NoSuchKey", "404", "NoSuchVersion"}


def branch(error: Exception, *, place: str) -> StoreUnavailable | StoreRefused:
    """Return our error for what boto3 raised while talking to `place`."""
    if isinstance(error, ClientError):
        return _answered(error, place)
    for kind, remedy in _MISCONFIGURED.items():
        if isinstance(error, kind):
            return StoreRefused(f"{place} cannot be used: {error}; {remedy}")
    return StoreUnavailable(f"{place} did not answer properly: {error}; try later")


def _answered(error: ClientError, place: str) -> StoreUnavailable | StoreRefused:
    code = error.response["Error"].get("Code", "")
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    said = f"HTTP {status} {code}".strip()
    if status >= _SERVER_SIDE or status in _TRY_LATER_STATUSES or code in _TRY_LATER:
        return StoreUnavailable(f"{place} failed on its side ({said}); try later")
    return StoreRefused(f"{place} refused us ({said}); {_REMEDIES.get(code, _ASK)}")
