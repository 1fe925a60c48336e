"""Where documents lie, as the settings say it."""

from pathlib import Path

import msgspec


class DocumentTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Documents are encrypted before they get there."""

    url: str = ""
    """s3://bucket or s3://bucket/folder; "": a folder in the data directory"""
    endpoint: str = ""
    """address of a store that speaks S3; "": Amazon's"""
    region: str = "us-east-1"
    credentials: Path | None = None
    """TOML file with access_key_id and secret_access_key; None: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"""
