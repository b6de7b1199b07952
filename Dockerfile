# Built in one stage from the same locks as `make run`; the second stage holds the result and nothing to build with.
# `make base` pins the digest that the tag has today, or renews it; `--build-arg BASE=...` takes another one.
ARG BASE=python:3.11-slim
FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /tools && /tools/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements-build.lock
RUN python -m venv --without-pip /app && /tools/bin/python -m pip --python /app/bin/python install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY cds_hooks ./cds_hooks
COPY mappings ./mappings
COPY service ./service
RUN /tools/bin/hatchling build --target wheel --directory /wheel
RUN /tools/bin/python -m pip --python /app/bin/python install --no-cache-dir --no-index --no-deps /wheel/*.whl
# The service may not write there: what its first start would keep of tables and templates is made now (-P: of /app, not of /src).
RUN /app/bin/python -P -m mappings.prepared
RUN /app/bin/python -P -c "import service.render.templates"

FROM ${BASE}
COPY --from=build /app /app
# Which packages are in it, for scanners and for whoever asks: docs/release.md
COPY sbom.cdx.json LICENSE /usr/share/doc/ketamine-cds/
RUN groupadd --gid 10001 ketamine-cds && useradd --uid 10001 --gid 10001 --no-create-home ketamine-cds \
    && install --directory --mode 700 --owner 10001 --group 10001 /var/lib/ketamine-cds
USER 10001
# Listening on every address, the service refuses to start open. For a trial:
#     docker run --rm --publish 127.0.0.1:8000:8000 --env KETAMINE_CDS_ALLOW_OPEN_PUBLIC=true ketamine-cds
# Else with KETAMINE_CDS_ISSUERS (docs/integrate.md), as deploy/ does it.
ENV PATH=/app/bin:$PATH KETAMINE_CDS_HOST=0.0.0.0
# Without a PostgreSQL everything that is kept lies here, and the key of the hashes beside it.
ENV KETAMINE_CDS_DATABASE_URL=sqlite:////var/lib/ketamine-cds/ketamine-cds.db
VOLUME /var/lib/ketamine-cds
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('KETAMINE_CDS_PORT', '8000') + '/health/live', timeout=2)"]
CMD ["ketamine-cds", "serve"]
