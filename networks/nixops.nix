# For NixOps 2, which reads its network from the flake; NixOps 1 takes network.nix and network-virtualbox.nix.
{ nixpkgs }:

let
  logical = import ./network.nix;
  physical = import ./network-virtualbox.nix;
in
{
  inherit nixpkgs;
  network = {
    description = "A Chord ring on two machines";
    storage.legacy = { };
  };
}
// builtins.mapAttrs (name: configuration: {
  imports = [
    configuration
    physical.${name}
  ];
}) logical
