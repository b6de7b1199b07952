"""What may keep the evidence view from being shown: a closed set of words, for pages, logs and counts."""

from enum import StrEnum
from http import HTTPStatus


class LaunchFault(StrEnum):
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
    LaunchFault.INCOMPLETE: HTTPStatus.BAD_REQUEST,
    LaunchFault.UNKNOWN_EHR: HTTPStatus.BAD_REQUEST,
    LaunchFault.UNREACHABLE_EHR: HTTPStatus.BAD_GATEWAY,
    LaunchFault.UNFIT_EHR: HTTPStatus.BAD_GATEWAY,
    LaunchFault.EXPIRED: HTTPStatus.BAD_REQUEST,
    LaunchFault.MISMATCH: HTTPStatus.BAD_REQUEST,
    LaunchFault.DENIED: HTTPStatus.FORBIDDEN,
    LaunchFault.TOKEN_REFUSED: HTTPStatus.BAD_GATEWAY,
    LaunchFault.NO_PATIENT: HTTPStatus.BAD_GATEWAY,
    LaunchFault.UNREAD: HTTPStatus.BAD_GATEWAY,
    LaunchFault.OTHER_PATIENT: HTTPStatus.BAD_GATEWAY,
    LaunchFault.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    LaunchFault.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class LaunchError(Exception):
    """There is no view. The error says why, and holds no data of the patient, the user or the EHR."""

    def __init__(self, fault: LaunchFault) -> None:
        super().__init__(fault.value)
        self.fault = fault
