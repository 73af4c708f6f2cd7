# A ring of four on loopback, in one process, for whoever: `nix run .#ring -- --nodes 8`.
{ writeShellScriptBin, chord }:

writeShellScriptBin "ring" ''exec ${chord}/bin/chord demo "$@"''
