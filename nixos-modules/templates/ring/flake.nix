{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    chord.url = "path:../../.."; # where this project is
  };

  outputs =
    { nixpkgs, chord, ... }:
    let
      machine =
        name:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            chord.nixosModules.default
            ./ring.nix
            ./machine.nix
            { networking.hostName = name; }
          ];
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs [ "alpha" "beta" "gamma" ] machine;
    };
}
