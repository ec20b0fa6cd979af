#!/usr/bin/env bash
# Takes the pictures of the gateway's pages in docs/images anew, in a real browser, against the bed. Look at them before they are committed.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
AGW_SCREENSHOTS=$(dirname -- "$HERE")/docs/images
RESULTS=$(mktemp -d)
export AGW_SCREENSHOTS RESULTS
trap 'rm -rf "$RESULTS"' EXIT
"$HERE/run.sh" browser --filter "FullyQualifiedName~DocumentationPictures"
