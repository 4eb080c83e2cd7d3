# The bridge with everything its steps use; runs as a user without rights.
FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        bubblewrap ffmpeg fonts-dejavu-core git libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 tesseract-ocr \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY bridge ./bridge
COPY node_specs ./node_specs
COPY templates ./templates
RUN pip install --no-cache-dir '.[ocr,audio,video]' \
    && useradd --uid 10001 --create-home bridge \
    && install --directory --owner=bridge /data

USER bridge
ENV BRIDGE_DATA_DIR=/data BRIDGE_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8007
ENTRYPOINT ["python", "-m", "bridge"]
CMD ["serve"]
