# Built in one stage from the same locks as `make run`; the second stage holds the result and nothing to build with.
FROM python:3.11-slim AS build
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

FROM python:3.11-slim
COPY --from=build /app /app
RUN useradd --system --uid 10001 --no-create-home ketamine-cds
USER 10001
ENV PATH=/app/bin:$PATH KETAMINE_CDS_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('KETAMINE_CDS_PORT', '8000') + '/health/live', timeout=2)"]
CMD ["ketamine-cds", "serve"]
