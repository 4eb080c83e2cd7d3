# n8n with our node package baked in; every n8n process of an installation runs this image.
FROM node:24-bookworm-slim AS nodes
WORKDIR /toolchain
COPY bridge/local/toolchain ./
RUN npm ci --ignore-scripts --no-audit --no-fund
WORKDIR /package
COPY n8n-nodes/n8n-nodes-multimodal-bridge ./
RUN ln -s /toolchain/node_modules node_modules \
    && PATH="/toolchain/node_modules/.bin:$PATH" n8n-node build \
    && npm pack --ignore-scripts --pack-destination / \
    && mkdir /unpacked && tar xzf /*.tgz -C /unpacked --strip-components=1

FROM docker.n8n.io/n8nio/n8n:2.40.7
COPY --from=nodes --chown=node:node /unpacked /opt/bridge/n8n-nodes-multimodal-bridge
COPY --chown=node:node docker/start-n8n.sh /opt/bridge/start-n8n.sh
USER node
ENTRYPOINT ["tini", "--", "/bin/sh", "/opt/bridge/start-n8n.sh"]
