#!/usr/bin/env bash
# A local AWS for development: S3, DynamoDB, Lambda and API Gateway at one address, without Docker.
# Usage: eval "$(scripts/setup_localstack.sh [start])" | scripts/setup_localstack.sh stop
# With LOCALSTACK_ENDPOINT set, that server is checked and used, and nothing is installed or started.
# Standard output is export lines for the shell; everything else goes to standard error.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

# Any answer of S3's, whether it lists the buckets or refuses, says that a server is there.
check_endpoint() {
  curl --silent --output /dev/null --max-time 10 --noproxy '*' "$1/" ||
    die "Nothing answers at LOCALSTACK_ENDPOINT=$1; start LocalStack, or unset it to use the emulator."
}

use_endpoint() {
  check_endpoint "$1"
  printf 'Using the server at %s\n' "$1" >&2
  # LocalStack believes every key, but a client needs one.
  cat <<LINES
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test}
export AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_REGION=${AWS_REGION:-us-east-1}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
export AWS_ENDPOINT_URL=$1
export TINTYPE_S3_ENDPOINT=$1
export TINTYPE_S3_PATH_STYLE=true
export TINTYPE_DYNAMODB_ENDPOINT=$1
LINES
}

case ${1:-start} in
  start)
    if [[ -n ${LOCALSTACK_ENDPOINT:-} ]]; then
      use_endpoint "${LOCALSTACK_ENDPOINT%/}"
    else
      scripts/emulators install ministack >&2
      scripts/emulators start ministack
    fi
    ;;
  stop) scripts/emulators stop ;;
  *) die "Usage: scripts/setup_localstack.sh [start|stop]" ;;
esac
