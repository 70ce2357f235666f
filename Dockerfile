# The image of every part of Praman: `docker run praman worker`, `sweep`, `migrate`, `doctor`, ...
FROM debian:bookworm-slim AS build
ARG UV_VERSION=0.13.9
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /opt/uv \
 && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check uv==${UV_VERSION}
ENV UV_PYTHON=/usr/bin/python3 \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_NO_CACHE=1
WORKDIR /app
# The dependencies are a layer of their own: a change of our code does not fetch them again.
COPY pyproject.toml uv.lock README.md ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --extra otel --extra oidc --no-install-project
COPY pipeline pipeline
COPY actors actors
RUN /opt/uv/bin/uv sync --frozen --no-dev --extra otel --extra oidc --no-editable

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates python3 tesseract-ocr tesseract-ocr-eng tesseract-ocr-ben \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /var/lib/praman --shell /usr/sbin/nologin praman \
 && install -d -m 0750 -o praman -g praman /var/lib/praman
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PRAMAN_DATA_DIR=/var/lib/praman \
    PRAMAN_METRICS_PORT=9191
USER 10001:10001
WORKDIR /var/lib/praman
VOLUME /var/lib/praman
STOPSIGNAL SIGTERM
# Worker and sweep answer here, light enough for every few seconds; `praman doctor` probes everything, for a person.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python3", "-S", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 9191, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["praman"]
CMD ["--help"]
