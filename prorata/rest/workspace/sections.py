"""Which paths are the workspace's. It stands alone: whoever only asks this need not import the workspace."""

ROOT = "/api/v1"
SECTIONS = ("auth", "me", "organizations", "invitations", "outbox", "workspace")
_WHOLE = frozenset(f"{ROOT}/{section}" for section in SECTIONS)
_BELOW = tuple(f"{ROOT}/{section}/" for section in SECTIONS)


def serves(path: str) -> bool:
    """Say whether a path is the workspace's."""
    return path.startswith(_BELOW) or path in _WHOLE
