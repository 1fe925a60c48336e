"""What can go wrong with a process as a whole."""


class DataInUse(Exception):
    """Another process runs this platform from the same directory."""


class PlatformFailed(Exception):
    """A platform has stopped that should run; the process must be started anew."""
