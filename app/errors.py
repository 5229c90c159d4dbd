"""Errors that a user can act on. Each message is one line with the value and the remedy."""


class AppError(Exception):
    """Base class of errors that are shown as one line without a traceback."""


class SettingsError(AppError, ValueError):
    """A setting has an invalid value."""


class CameraUnavailable(AppError, OSError):
    """A source cannot be opened, or stopped delivering frames."""


class NoBrowserCamera(CameraUnavailable):
    """No browser gives its camera at present; one may at any time."""


class CameraUnresponsive(AppError, OSError):
    """A call to a video device never returns."""


class UnreadableMedia(AppError, ValueError):
    """A file is neither an image nor a video, or is damaged.

    Attributes:
        reason: A few words without the path, by which files are counted.
    """

    def __init__(self, message: str, reason: str = "damaged") -> None:
        super().__init__(message)
        self.reason = reason


class ModelError(AppError, ValueError):
    """A model file is missing, modified, or does not match its card."""


class DetectorUnavailable(AppError, ValueError):
    """The requested face detector cannot be loaded."""


class UnknownView(AppError, ValueError):
    """A `show` value contains a word that cannot be drawn."""


class TooManyViews(AppError, RuntimeError):
    """More distinct views are requested than are drawn at a time."""


class NoPicture(AppError, RuntimeError):
    """There is no picture to save or record now."""


class SessionError(AppError, RuntimeError):
    """A session cannot be started, stopped, renamed or found."""


class NotOffered(AppError, LookupError):
    """This kind of server does not do what is asked for; another one does."""


class UnknownText(AppError, LookupError):
    """A text is in no dictionary of `app/translations`, or a parameter of it is missing."""


class PortInUse(AppError, OSError):
    """The port to listen on is in use."""


class InvalidRequest(AppError, ValueError):
    """A request has a value that is malformed, or contradicts the session."""


class UnreadableArchive(AppError, ValueError):
    """A file is no exported session, is damaged, or comes from another version of the app."""


class UnknownItem(AppError, LookupError):
    """There is no session, person or marker of this number."""


class EditConflict(AppError, RuntimeError):
    """The session is not in a state in which this edit is possible."""
