# For virtual machines on this one:
# disnixos-vm-env -s services.nix -n networks/network-vm.nix -d distribution.nix
builtins.mapAttrs (_: configuration: {
  imports = [ configuration ];
  virtualisation.memorySize = 1024;
}) (import ./network.nix)
