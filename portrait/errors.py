"""The one exception that is meant for the user's eyes."""


class PortraitError(Exception):
    """A failure the user can act on: one clear sentence, shown without a traceback."""
