# One image for the API, the workers and the migrations; it holds no engine, no demo and no secret.
FROM python:3.13-slim-trixie AS build
WORKDIR /build
COPY requirements-server.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY cli cli
COPY domain domain
COPY migrations migrations
COPY runtime runtime
COPY workers workers
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/salesloop salesloop
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    SALESLOOP_HOME=/var/lib/salesloop
USER salesloop
WORKDIR /var/lib/salesloop
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=2)"]
CMD ["salesloop", "serve"]
