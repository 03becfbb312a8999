"""The one exception that a user may see: a line of plain text, never a traceback."""


class UserError(Exception):
    """Something that the user can mend: names the file or key, what is wrong, what was expected."""
