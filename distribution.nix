{
  infrastructure,
  # The nodes and their machines.
  ring ? import ./networks/ring.nix,
}:

builtins.mapAttrs (_: machine: [ infrastructure.${machine} ]) ring
// {
  # The program and its console, on every machine.
  openchord = builtins.attrValues infrastructure;
}
