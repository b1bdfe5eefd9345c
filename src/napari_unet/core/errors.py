"""The one error that is meant for the user's eyes."""


class UserError(ValueError):
    """Something the user can put right, told in one plain sentence.

    The command line prints the sentence and exits with code 2; the viewer shows it as an error
    notification.
    """
