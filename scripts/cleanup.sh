#!/usr/bin/env bash
# Removes a deployment and everything that is stored in it, for good.
# Usage: scripts/cleanup.sh [--env dev|staging|prod] [--stack NAME] [--region REGION] [--yes] [--dry-run]
#        scripts/cleanup.sh --local [--env ENV] [--endpoint URL] [--yes]
# Asks for the stack's name unless --yes. A prod stack protects its tables: turn that off first, as
# docs/DEPLOYMENT.md says. TINTYPE names the program; the default is build/release/tintype.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

env=dev stack='' region='' yes='' local='' dry_run=
local_words=()

while [[ $# -gt 0 ]]; do
  case $1 in
    --yes) yes=yes ;;
    --dry-run) dry_run=yes ;;
    --local) local=yes ;;
    --env | --stack | --region | --endpoint)
      [[ $# -ge 2 ]] || die "$1 needs a value."
      case $1 in
        --env) env=$2 local_words+=(--env "$2") ;;
        --stack) stack=$2 ;;
        --region) region=$2 ;;
        --endpoint) local_words+=(--endpoint "$2") ;;
      esac
      shift
      ;;
    *) die "scripts/cleanup.sh does not know $1." ;;
  esac
  shift
done
stack=${stack:-tintype-$env}

# Nothing but the name itself is a yes.
ask() {
  [[ -n $yes || -n $dry_run ]] && return
  [[ -t 0 ]] || die "This removes everything; nobody is here to be asked, so it needs --yes."
  local answer
  printf 'This removes %s with every image in it, for good. Type %s to go on: ' "$1" "$1"
  read -r answer
  [[ $answer == "$1" ]] || die "Nothing was removed."
}

step() {
  printf '+'
  printf ' %q' "$@"
  printf '\n'
  [[ -n $dry_run ]] || "$@"
}

if [[ -n $local ]]; then
  ask "the local deployment of $env"
  exec /usr/bin/python3 -B deploy/local/deploy.py --remove "${local_words[@]}"
fi

[[ $env == dev || $env == staging || $env == prod ]] || die "--env is dev, staging or prod, not \"$env\"."
region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}
[[ -n $region ]] || die "No region: give --region, or set AWS_REGION."
command -v aws >/dev/null || die "aws (AWS CLI) is not installed."
tintype=${TINTYPE:-build/release/tintype}
[[ -x $tintype ]] || die "$tintype is missing; make run builds it, or name it in TINTYPE."

output() {
  aws cloudformation describe-stacks --stack-name "$stack" --region "$region" \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}
if ! bucket=$(output BucketName) || ! prefix=$(output TablePrefix); then
  die "There is no stack $stack in $region, or it may not be read."
fi

ask "$stack"
# The stores first: CloudFormation cannot delete a bucket that holds objects.
step "$tintype" aws destroy --yes-delete-everything --store=aws --aws.region="$region" \
  --s3.bucket="$bucket" --dynamodb.table_prefix="$prefix" || die "The stores could not be removed."
step aws cloudformation delete-stack --stack-name "$stack" --region "$region"
step aws cloudformation wait stack-delete-complete --stack-name "$stack" --region "$region" ||
  die "The stack could not be removed; its events say why."
