#!/bin/sh
# n8n's folder is a volume that outlives the image, so the package is put in place at every start.
set -eu
packages="$HOME/.n8n/nodes/node_modules"
mkdir -p "$packages"
rm -rf "$packages/n8n-nodes-multimodal-bridge"
cp -R /opt/bridge/n8n-nodes-multimodal-bridge "$packages/"
exec /docker-entrypoint.sh "$@"
