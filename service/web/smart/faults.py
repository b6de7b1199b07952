"""What may keep the evidence view from being shown: a closed set of words, for pages, logs and counts."""

from enum import StrEnum
from http import HTTPStatus


class Fault(StrEnum):
    """Why there is no view; the sentence of each is in the wording table, under `launch`."""

    INCOMPLETE = "incomplete"
    UNKNOWN_EHR = "unknown-ehr"
    UNREACHABLE_EHR = "unreachable-ehr"
    UNFIT_EHR = "unfit-ehr"
    EXPIRED = "expired"
    MISMATCH = "mismatch"
    DENIED = "denied"
    TOKEN_REFUSED = "token-refused"  # noqa: S105  # a word for what happened
    NO_PATIENT = "no-patient"
    UNREAD = "unread"
    OTHER_PATIENT = "other-patient"
    BUSY = "busy"
    FAILED = "failed"


STATUS = {
    Fault.INCOMPLETE: HTTPStatus.BAD_REQUEST,
    Fault.UNKNOWN_EHR: HTTPStatus.BAD_REQUEST,
    Fault.UNREACHABLE_EHR: HTTPStatus.BAD_GATEWAY,
    Fault.UNFIT_EHR: HTTPStatus.BAD_GATEWAY,
    Fault.EXPIRED: HTTPStatus.BAD_REQUEST,
    Fault.MISMATCH: HTTPStatus.BAD_REQUEST,
    Fault.DENIED: HTTPStatus.FORBIDDEN,
    Fault.TOKEN_REFUSED: HTTPStatus.BAD_GATEWAY,
    Fault.NO_PATIENT: HTTPStatus.BAD_GATEWAY,
    Fault.UNREAD: HTTPStatus.BAD_GATEWAY,
    Fault.OTHER_PATIENT: HTTPStatus.BAD_GATEWAY,
    Fault.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Fault.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class LaunchError(Exception):
    """There is no view. It tells why, and holds nothing of the patient, the user or the EHR."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
