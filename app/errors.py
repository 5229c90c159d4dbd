"""Errors a person can act on; each message is one line with the value and the remedy."""


class AppError(Exception):
    """Base of every error that is shown as one line without a traceback."""


class SettingsError(AppError, ValueError):
    """A setting has a value that cannot be used."""


class CameraUnavailable(AppError, OSError):
    """A source cannot be opened, or stopped delivering for good."""


class CameraHangs(AppError, OSError):
    """A device keeps the thread that asked it waiting for good."""


class UnreadableMedia(AppError, ValueError):
    """A file is no picture or video, or is damaged."""


class ModelError(AppError, ValueError):
    """A model file is missing, altered, or does not fit its card."""


class DetectorUnavailable(AppError, ValueError):
    """The asked-for face detector cannot be loaded."""


class UnknownView(AppError, ValueError):
    """A `show` value names something that cannot be shown."""


class TooManyViews(AppError, RuntimeError):
    """More different views are asked for than are drawn at a time."""


class SessionError(AppError, RuntimeError):
    """A session cannot be started, stopped, renamed or found."""


class PortTaken(AppError, OSError):
    """The port to serve on is in use."""
