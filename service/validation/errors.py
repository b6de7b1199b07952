"""What can be wrong with the files of a validation, each told in one line."""


class KeyFileError(Exception):
    """A key cannot be used; the message names file, line and column."""


class ResultsError(Exception):
    """The results of a screening cannot be used as they are."""


class ReportError(Exception):
    """A file is no report on agreement of this version."""
