#!/bin/sh
# Makes a Python that runs from its folder on any Linux image: make-runtime.sh FOLDER. For a Debian build stage.
#
# The interpreter gets its own loader and library path (patchelf), so it needs nothing of the image below it.
# CA_CERTIFICATES: certificates of a proxy, for the downloads made here.
set -eu
folder=$1

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends ca-certificates patchelf python3 python3-pip > /dev/null
if [ -n "${CA_CERTIFICATES:-}" ]; then
    printf '%s\n' "$CA_CERTIFICATES" > /usr/local/share/ca-certificates/proxy.crt
    update-ca-certificates > /dev/null 2>&1
    export PIP_CERT=/etc/ssl/certs/ca-certificates.crt
fi

version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
mkdir -p "$folder/bin" "$folder/lib/python3/dist-packages"
cp "/usr/bin/$version" "$folder/bin/python3"
cp -r "/usr/lib/$version" "$folder/lib/"
(cd "$folder/lib/$version" && rm -rf test idlelib tkinter turtledemo lib2to3 pydoc_data ensurepip distutils \
    unittest config-* lib-dynload/_test* lib-dynload/_codecs_* lib-dynload/_curses* lib-dynload/readline* \
    EXTERNALLY-MANAGED)

packages="$folder/lib/python3/dist-packages"
python3 -m pip install --quiet --disable-pip-version-check --no-compile --target "$packages" \
    -r "$(dirname "$0")/requirements.txt"
# Of the descriptions of 400 services the worker needs these.
(cd "$packages/botocore/data" && for entry in */; do
    case ${entry%/} in
        sqs | s3 | logs | sts | ec2 | cloudwatch | sso | sso-oidc) ;;
        *) rm -r "$entry" ;;
    esac
done)
rm -rf "$packages/bin" "$packages"/*/examples

# Every library that the interpreter or one of its modules asks for, and the loader.
find "$folder" -name '*.so' -o -path "$folder/bin/python3" | xargs ldd 2> /dev/null \
    | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-[^ ]*\) .*/\1/p' | sort -u \
    | while read -r library; do cp -L "$library" "$folder/lib/"; done
loader=$(basename "$(patchelf --print-interpreter "$folder/bin/python3")")
# The place where it will lie in the image, not where it is made.
place=/opt/distributed-something
patchelf --set-interpreter "$place/lib/$loader" --force-rpath --set-rpath "$place/lib" "$folder/bin/python3"
mkdir -p "$(dirname "$place")"
ln -sfn "$folder" "$place"

find "$folder" -name __pycache__ -prune -exec rm -r {} +
"$folder/bin/python3" -m compileall -q --invalidation-mode unchecked-hash "$folder/lib" > /dev/null || true
"$folder/bin/python3" -I -c 'import boto3, ssl, sys; boto3.client("sqs", region_name="us-east-1"); print(sys.version)'
chmod -R a+rX "$folder"
