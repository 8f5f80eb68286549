# docker build -t elnath . && docker run --rm -v "$PWD:/data" elnath run PROJECT.toml
FROM swift:6.2-bookworm AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      zlib1g-dev libcfitsio-dev libcsv-dev libfftw3-dev liberfa-dev wcslib-dev libpng-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
RUN ./scripts/package /

FROM debian:12-slim
COPY --from=build /elnath_*.deb /tmp/
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /tmp/elnath_*.deb \
    && rm -rf /var/lib/apt/lists/* /tmp/elnath_*.deb
USER 1000
WORKDIR /data
ENTRYPOINT ["elnath"]
