# The images of Reveille, one target each: edge, initializer, relay, assistant (the services of the example), balancer.
#
#   docker build --target edge -t reveille/edge .
#
# Nothing here needs BuildKit. Behind a proxy or with a registry of your own, BUILD_BASE is an image with Node, npm and your settings
# of npm: it is used for building only, and nothing of it is in what runs.
ARG BASE=node:24-bookworm-slim
ARG BUILD_BASE=${BASE}
ARG BALANCER_BASE=debian:bookworm-slim

# First, so that a builder which makes all stages up to its target makes no other one for it.
FROM ${BALANCER_BASE} AS balancer
LABEL org.opencontainers.image.title="Reveille balancer" \
      org.opencontainers.image.description="HAProxy in front of edges, as docker-compose.yml uses it." \
      org.opencontainers.image.licenses="GPL-2.0-or-later"
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
COPY deploy/haproxy.cfg /etc/haproxy/haproxy.cfg
USER haproxy
EXPOSE 8080 8404
CMD ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"]

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund --loglevel=error && npx turbo run build --output-logs=errors-only

FROM build AS edge-files
RUN node scripts/assemble.ts /app services/edge

FROM build AS initializer-files
RUN node scripts/assemble.ts /app services/initializer

FROM build AS relay-files
RUN node scripts/assemble.ts /app services/relay

FROM build AS assistant-files
RUN node scripts/assemble.ts /app examples/assistant/tool-classes examples/assistant/thread-service \
    examples/assistant/agent-supervisor examples/assistant/agent-websocket-bridge

# What all that run Node have in common. Numbers instead of names: Kubernetes proves by them that nobody is root.
FROM ${BASE} AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY deploy/*.mjs deploy/
USER 1000:1000
STOPSIGNAL SIGTERM

FROM runtime AS edge
LABEL org.opencontainers.image.title="Reveille edge" \
      org.opencontainers.image.description="The way of a user to a service that is ready."
COPY --from=edge-files /app ./
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "--env-file-if-exists=/run/reveille/edge.env", "services/edge/dist/main.js"]

FROM runtime AS initializer
LABEL org.opencontainers.image.title="Reveille initializer" \
      org.opencontainers.image.description="Starts, probes, watches and stops services."
COPY --from=initializer-files /app ./
EXPOSE 9090 9191
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "--env-file-if-exists=/run/reveille/initializer.env", "services/initializer/dist/main.js"]

FROM runtime AS relay
LABEL org.opencontainers.image.title="Reveille relay" \
      org.opencontainers.image.description="Hands each change to the edges that wait for it."
COPY --from=relay-files /app ./
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "services/relay/dist/main.js"]

# The four services of examples/assistant in one image. Which one runs is the command that the catalog gives; initializers probe it.
FROM runtime AS assistant
LABEL org.opencontainers.image.title="Reveille assistant" \
      org.opencontainers.image.description="The services of the assistant that reads your AI bill."
USER 0
# A new volume takes over its owner from here.
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
COPY --from=assistant-files /app ./
ENV HOST=0.0.0.0 THREAD_DATA_DIR=/data
VOLUME /data
CMD ["node", "--version"]
