# The images of Reveille, one target each: edge, initializer, relay, assistant (the services of the example), balancer.
#
#   docker build --target edge -t reveille/edge .
#
# Built by BuildKit, which every Engine since 23 does (before: DOCKER_BUILDKIT=1). Behind a proxy that has an authority of its own, or with
# a registry of your own: `--secret id=ca,src=FILE`, `--secret id=npmrc,src=FILE`. Neither gets into a layer, nor into what is kept of a build.
ARG NODE=node:24-bookworm-slim
ARG BASE=debian:bookworm-slim

FROM ${NODE} AS build
WORKDIR /src
# What a build reads, and no more: a change of anything else builds nothing anew.
COPY package.json package-lock.json .npmrc LICENSE turbo.json tsconfig.base.json tsconfig.build.json ./
COPY e2e/package.json e2e/
COPY bench/package.json bench/
COPY scripts scripts
COPY packages packages
COPY services services
COPY examples examples
# In one step, since both steps ask npm. Of npm's own cache nothing is kept in a layer.
RUN --mount=type=cache,target=/var/cache/npm \
    --mount=type=secret,id=npmrc \
    --mount=type=secret,id=ca \
    export npm_config_cache=/var/cache/npm npm_config_userconfig=/run/secrets/npmrc \
    && if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi \
    && npm ci --no-audit --no-fund --loglevel=error \
    && npx turbo run build --output-logs=errors-only \
    && node scripts/assemble.ts /app/edge services/edge \
    && node scripts/assemble.ts /app/initializer services/initializer \
    && node scripts/assemble.ts /app/relay services/relay \
    && node scripts/assemble.ts /app/assistant examples/assistant/tool-classes examples/assistant/thread-service \
       examples/assistant/agent-supervisor examples/assistant/agent-websocket-bridge

FROM ${BASE} AS balancer
LABEL org.opencontainers.image.title="Reveille balancer" \
      org.opencontainers.image.description="HAProxy in front of edges, as docker-compose.yml uses it." \
      org.opencontainers.image.licenses="GPL-2.0-or-later"
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
COPY deploy/haproxy.cfg /etc/haproxy/haproxy.cfg
USER haproxy
EXPOSE 8080 8404
# Of what can speak HTTP it has bash alone.
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8404 && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.. 200 ' <&3"]
CMD ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"]

FROM ${NODE} AS node

# The program without the names of its parts, which only a debugger of Node itself reads; what native modules need stays.
FROM ${BASE} AS program
COPY --from=node /usr/local/bin/node /usr/local/bin/node
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils \
    && strip --strip-all /usr/local/bin/node && node --version

# What all that run Node have in common: that program alone, without npm and headers. Numbers instead of names: Kubernetes proves by them
# that nobody is root.
FROM ${BASE} AS runtime
COPY --from=program /usr/local/bin/node /usr/local/bin/node
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      io.reveille.sbom="/app/sbom.cdx.json"
ENV NODE_ENV=production
WORKDIR /app
COPY deploy/*.mjs deploy/
USER 1000:1000
STOPSIGNAL SIGTERM

FROM runtime AS edge
LABEL org.opencontainers.image.title="Reveille edge" \
      org.opencontainers.image.description="The way of a user to a service that is ready."
COPY --from=build /app/edge ./
EXPOSE 8080 9090
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
# Young objects get at most 48 MB: with more, most of what an edge keeps in memory is what its sessions left behind when they began.
CMD ["node", "--max-semi-space-size=16", "--env-file-if-exists=/run/reveille/edge.env", "services/edge/dist/main.js"]

FROM runtime AS initializer
LABEL org.opencontainers.image.title="Reveille initializer" \
      org.opencontainers.image.description="Starts, probes, watches and stops services."
COPY --from=build /app/initializer ./
EXPOSE 9090 9191
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "--env-file-if-exists=/run/reveille/initializer.env", "services/initializer/dist/main.js"]

FROM runtime AS relay
LABEL org.opencontainers.image.title="Reveille relay" \
      org.opencontainers.image.description="Hands each change to the edges that wait for it."
COPY --from=build /app/relay ./
EXPOSE 9090
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "--env-file-if-exists=/run/reveille/relay.env", "services/relay/dist/main.js"]

# The four services of examples/assistant in one image. Which one runs is the command that the catalog gives; initializers probe it.
FROM runtime AS assistant
LABEL org.opencontainers.image.title="Reveille assistant" \
      org.opencontainers.image.description="The services of the assistant that reads your AI bill."
USER 0
# A new volume takes over its owner from here.
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
COPY --from=build /app/assistant ./
ENV HOST=0.0.0.0 THREAD_DATA_DIR=/data
CMD ["node", "--version"]
