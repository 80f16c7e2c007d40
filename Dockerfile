# Two stages: build a wheel, then install it where nothing else is. At run time only data sets are downloaded, those that somebody chooses.
#   docker build -t livefit .
#   docker build -t livefit:cuda --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu126 .

FROM python:3.13-slim AS wheel
WORKDIR /build
RUN pip install --no-cache-dir build
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY trainer trainer
COPY static static
COPY templates templates
COPY lessons lessons
RUN python -m build --wheel --outdir /wheels

FROM python:3.13-slim
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH=2.13.0
LABEL org.opencontainers.image.title="Livefit" \
      org.opencontainers.image.description="A lab server for neural networks that you watch and steer while they train" \
      org.opencontainers.image.licenses="MIT"
RUN pip install --no-cache-dir --index-url ${TORCH_INDEX} torch==${TORCH}
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl && rm -rf /wheels \
    && useradd --uid 10001 --create-home livefit \
    && install -d -o livefit -g livefit /data
USER livefit
WORKDIR /home/livefit
ENV LIVEFIT_DATA_DIR=/data \
    LIVEFIT_CACHE=/data/cache \
    LIVEFIT_HOST=0.0.0.0 \
    LIVEFIT_PORT=8000 \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["livefit", "serve"]
