#!/usr/bin/env bash
# Writes the vendorHash of src/go.mod into package.nix: the hash of the NAR of what `go mod vendor` writes.
# Needs go and nix. Run from anywhere; prints the hash.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cp -r src "$work/src"
GOFLAGS='' GOWORK=off go -C "$work/src" mod vendor -o "$work/vendor" >&2
hash=$(nix --extra-experimental-features nix-command hash path --type sha256 "$work/vendor")
[ "${1:-}" = --print ] || sed -i "s|vendorHash = \".*\"|vendorHash = \"$hash\"|" pkgs/chord/package.nix
echo "$hash"
