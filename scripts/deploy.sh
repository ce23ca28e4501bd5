#!/usr/bin/env bash
# Deploys Tintype to AWS (deploy/sam/template.yaml), or into a local emulator. Prints the API's URL.
# Usage: scripts/deploy.sh [--env dev|staging|prod] [--stack NAME] [--region REGION] [--clients RANGES]
#          [--origins LIST] [--public-url URL] [--alarm-email ADDRESS] [--auth none|jwt]
#          [--user-pool ARN] [--artefacts BUCKET] [--dry-run]
#        scripts/deploy.sh --local [--env ENV] [--endpoint URL] [--artefact ZIP] [--origins LIST]
# --clients are the addresses that may call the API (nobody by default; 0.0.0.0/0 is everyone). What is
# not given stays as it was deployed. Needs sam, or else aws (AWS CLI) and with it --artefacts, a bucket
# for the upload of the code. `make lambda` builds the artefact.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

template=deploy/sam/template.yaml
artefact=build/lambda/tintype.zip

if [[ ${1:-} == --local ]]; then
  shift
  exec /usr/bin/python3 -B deploy/local/deploy.py "$@"
fi

env=dev stack='' region='' bucket='' dry_run=
parameters=()

need_value() { [[ $# -ge 2 ]] || die "$1 needs a value."; }

while [[ $# -gt 0 ]]; do
  case $1 in
    --dry-run)
      dry_run=yes
      shift
      continue
      ;;
    --help)
      sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
      exit
      ;;
  esac
  need_value "$@"
  case $1 in
    --env) env=$2 ;;
    --stack) stack=$2 ;;
    --region) region=$2 ;;
    --artefacts) bucket=$2 ;;
    --clients) parameters+=("ClientRanges=$2") ;;
    --origins) parameters+=("CorsOrigins=$2") ;;
    --public-url) parameters+=("PublicUrl=$2") ;;
    --alarm-email) parameters+=("AlarmEmail=$2") ;;
    --auth) parameters+=("AuthMode=$2") ;;
    --user-pool) parameters+=("UserPoolArn=$2") ;;
    *) die "scripts/deploy.sh does not know $1; --help says what it knows." ;;
  esac
  shift 2
done

[[ $env == dev || $env == staging || $env == prod ]] || die "--env is dev, staging or prod, not \"$env\"."
stack=${stack:-tintype-$env}
region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}
[[ -n $region ]] || die "No region: give --region, or set AWS_REGION."
parameters=("Environment=$env" "${parameters[@]}")

# Says the command and, unless this is a dry run, runs it.
step() {
  printf '+'
  printf ' %q' "$@"
  printf '\n'
  [[ -n $dry_run ]] || "$@"
}

# The upload bucket is SAM's own affair.
deploy_with_sam() {
  local where=(--resolve-s3)
  [[ -z $bucket ]] || where=(--s3-bucket "$bucket")
  step sam deploy --template-file "$template" --stack-name "$stack" --region "$region" "${where[@]}" \
    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-confirm-changeset \
    --no-fail-on-empty-changeset --parameter-overrides "${parameters[@]}"
}

deploy_with_aws() {
  [[ -n $bucket ]] || die "Without sam, --artefacts must name a bucket for the upload of the code."
  local packaged=build/lambda/packaged.yaml
  step aws cloudformation package --template-file "$template" --region "$region" \
    --s3-bucket "$bucket" --s3-prefix "$stack" --output-template-file "$packaged"
  step aws cloudformation deploy --template-file "$packaged" --stack-name "$stack" --region "$region" \
    --s3-bucket "$bucket" --s3-prefix "$stack" \
    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
    --parameter-overrides "${parameters[@]}"
}

[[ -n $dry_run || -f $artefact ]] || die "$artefact is missing; make lambda builds it."
if command -v sam >/dev/null; then
  deploy_with_sam || die "sam deploy failed; its words stand above."
elif command -v aws >/dev/null; then
  deploy_with_aws || die "The AWS CLI failed; its words stand above."
else
  die "Neither sam (AWS SAM CLI) nor aws (AWS CLI) is installed."
fi

if [[ -n $dry_run ]]; then
  say "Nothing was changed: a dry run"
elif command -v aws >/dev/null; then
  aws cloudformation describe-stacks --stack-name "$stack" --region "$region" \
    --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue" --output text
fi
[[ ${parameters[*]} == *ClientRanges=* ]] ||
  say "Who may call the API was not said (--clients): as it was, and nobody at first"
