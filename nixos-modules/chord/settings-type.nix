# The type of `settings`: one flat JSON object, as the program reads it. The program itself checks names and values.
{ lib }:

lib.types.attrsOf (
  lib.types.oneOf [
    lib.types.bool
    lib.types.int
    lib.types.str
    (lib.types.listOf lib.types.str)
  ]
)
