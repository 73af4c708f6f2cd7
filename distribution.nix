{ infrastructure }:

builtins.mapAttrs (_: machine: [ infrastructure.${machine} ]) (import ./networks/ring.nix)
// {
  # The program and its console, on every machine.
  openchord = builtins.attrValues infrastructure;
}
