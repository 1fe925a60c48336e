"""The table of usage."""

from sqlalchemy import Column, Integer, String, Table

from prorata.control.columns import metadata, whole

usage = Table(
    "control_usage",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),
    whole("calls"),
    whole("events"),
)
"""`month`: 202611 is November 2026, UTC."""
