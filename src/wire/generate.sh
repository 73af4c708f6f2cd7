#!/bin/sh
# Writes the Go code of chord.proto into the directory $1; needs protoc.
set -eu
exec protoc --plugin=protoc-gen-go="$(go tool -n protoc-gen-go)" \
  --plugin=protoc-gen-go-grpc="$(go tool -n protoc-gen-go-grpc)" \
  --go_out="$1" --go_opt=paths=source_relative \
  --go-grpc_out="$1" --go-grpc_opt=paths=source_relative chord.proto
