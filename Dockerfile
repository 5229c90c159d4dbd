# The app with its models and the extra `scale`, without what training needs (docs/install.md). Linux with `--network host` only: like
# everywhere, the server listens on the computer's own address, so that nobody else sees the camera.
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY . .
# Every package is checked against the hash in its lock file. The build fetches the page's packages (hatch_build.py).
RUN pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
    && cp requirements-scale.lock /wheel/

FROM python:3.13-slim-bookworm
# The group `video` owns cameras.
RUN useradd --uid 10001 --groups video --create-home app \
    && mkdir /data \
    && chown app:app /data
RUN --mount=type=bind,from=build,source=/wheel,target=/wheel \
    pip install --no-cache-dir --require-hashes -r /wheel/requirements-scale.lock \
    && pip install --no-cache-dir --no-deps /wheel/*.whl
USER 10001
WORKDIR /home/app
ENV DATA=/data PORT=5000
VOLUME /data
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz')"]
ENTRYPOINT ["live-face-analysis"]
CMD ["run"]
