{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    chord.url = "path:../../.."; # where this project is
  };

  outputs =
    { nixpkgs, chord, ... }:
    {
      nixosConfigurations.machine = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          chord.nixosModules.default
          ./configuration.nix
        ];
      };
    };
}
