#!/bin/sh
# Gets boto3 for Python 2.7, with a pip of Python 3: get-libraries.sh FOLDER. For a Debian build stage.
set -eu
folder=$1

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends ca-certificates python3-pip > /dev/null
if [ -n "${CA_CERTIFICATES:-}" ]; then
    printf '%s\n' "$CA_CERTIFICATES" > /usr/local/share/ca-certificates/proxy.crt
    update-ca-certificates > /dev/null 2>&1
    export PIP_CERT=/etc/ssl/certs/ca-certificates.crt
fi
python3 -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --ignore-requires-python \
    --python-version 2.7 --implementation cp --abi none --platform any --only-binary=:all: \
    --target "$folder" -r "$(dirname "$0")/requirements.txt"
# Of the descriptions of some 300 services the worker needs these.
(cd "$folder/botocore/data" && for entry in */; do
    case ${entry%/} in
        sqs | s3 | logs | sts) ;;
        *) rm -r "$entry" ;;
    esac
done)
chmod -R a+rX "$folder"
