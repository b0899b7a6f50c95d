# gverify in an image of its own: a static program, an unprivileged user, certificates for https and nothing else.
#
#   docker build --target gverify -t gverify .
#   docker run --rm -v gverify:/home/gverify gverify release 0.15.2
#
# BUILD_IMAGE needs Go 1.26 and ca-certificates; name your own where docker.io cannot be reached.
ARG BUILD_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=debian:bookworm

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /gverify ./cmd/gverify && mkdir -p /empty/home/gverify

FROM scratch AS gverify
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /empty/home/gverify /home/gverify
COPY --from=build /gverify /gverify
ENV HOME=/home/gverify
USER 65532:65532
ENTRYPOINT ["/gverify"]

# An environment to build in, made by the script that gverify itself uses (build/prepare.sh): read that file, it is all that root
# does. gverify build makes its own and does not need this; it is for auditing, and for building by hand.
#
#   DOCKER_BUILDKIT=1 docker build --target builder --build-arg BASE_IMAGE=debian:bookworm --build-arg PACKAGES="gcc faketime" -t builder .
#   docker run --rm -it --network none builder bash
FROM ${BASE_IMAGE} AS builder
ARG BUILD_USER=debian
ARG PACKAGES=""
COPY build/prepare.sh /prepare.sh
RUN sh /prepare.sh base "$BUILD_USER"
RUN [ -z "$PACKAGES" ] || sh /prepare.sh install $PACKAGES
RUN sh /prepare.sh upgrade
RUN sh /prepare.sh manifest >/packages.manifest
USER ${BUILD_USER}
ENV TZ=UTC
WORKDIR /home/${BUILD_USER}
