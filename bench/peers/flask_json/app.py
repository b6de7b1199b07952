"""A typical CDS Hooks service: Flask, dicts, jsonify. Run by gunicorn with two workers of eight threads."""

from flask import Flask, Response, jsonify, request

from bench.peers.decision import cards

app = Flask(__name__)


@app.post("/cds-services/bench")
def bench() -> Response:
    """Answer a call of any hook."""
    return jsonify(cards=cards(request.get_json()["prefetch"]))
