# The image of the action: one program that needs no library, and the certificates of the public authorities.
#
# The program is linked with a static glibc. That resolves host names by itself (files and DNS are built into it since
# 2.34), so that nothing else is needed, no shell either.

# By tag: what it stands for changes with each mend of Debian, and a digest in this file would keep old ones. A release
# resolves it, and a label of its image names the digest that was used.
ARG RUST_IMAGE=docker.io/library/rust:1.95-bookworm

FROM ${RUST_IMAGE} AS build
# The library of the build image would be linked by name, and be missing later.
ENV LIBZ_SYS_STATIC=1
ENV RUSTFLAGS="-C target-feature=+crt-static"
# What the program says of itself, where a release names it: the commit, and the action with its tag.
ARG CARGO2_BOT_COMMIT
ARG CARGO2_BOT_ACTION
# The profile of Cargo.toml: `dev` builds in a fifth of the time, for a quick look at the image.
ARG PROFILE=release
WORKDIR /src
COPY . .
# The target is named although it is the host's own: else RUSTFLAGS would reach macros and build scripts, which cannot be static.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    target="$(rustc --print host-tuple)" folder="$PROFILE" \
    && if [ "$folder" = dev ]; then folder=debug; fi \
    && cargo build --profile "$PROFILE" --locked --bin cargo2-bot --target "$target" \
    && install -D "target/$target/$folder/cargo2-bot" /image/usr/local/bin/cargo2-bot \
    && install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && install -D -m 644 -t /image/usr/share/licenses/cargo2-bot LICENSE-APACHE LICENSE-MIT \
    && install -d -m 1777 /image/tmp

FROM scratch
LABEL org.opencontainers.image.title="cargo2-bot" \
      org.opencontainers.image.description="Regenerates, verifies and guards the cargo2 source blocks of BuildStream projects" \
      org.opencontainers.image.licenses="Apache-2.0 OR MIT"
COPY --from=build /image/ /
# No USER: the workspace and the command files of a runner belong to an account that the image cannot know.
ENTRYPOINT ["/usr/local/bin/cargo2-bot"]
