"""The same decision as a CDS Hooks service of HealthChain, run by uvicorn with one worker."""

from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import CDSResponse

from bench.peers.decision import cards

service = CDSHooksService()


def bench(request: CDSRequest) -> CDSResponse:
    """Answer a call of the hook."""
    return CDSResponse(cards=cards(request.prefetch or {}))


service.hook("patient-view", id="bench")(bench)
app = HealthChainAPI()
app.register_service(service)
