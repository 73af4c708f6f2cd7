{
  description = "Chord on Nix: a distributed hash table, and the expressions to deploy rings of it";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      packagesOf = pkgs: import ./pkgs { inherit pkgs; };

      # The module with this flake's own package, which needs no overlay.
      module =
        { pkgs, lib, ... }:
        {
          imports = [ ./nixos-modules ];
          services.chord.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.chord;
        };
    in
    {
      packages = forEach (
        pkgs:
        let
          chordPkgs = packagesOf pkgs;
        in
        {
          inherit (chordPkgs)
            chord
            manual
            monitoring
            dysnomia-chord
            ;
          default = chordPkgs.chord;
        }
      );

      overlays.default = final: _: { inherit (import ./pkgs { pkgs = final; }) chord dysnomia-chord; };

      nixosModules = {
        default = module;
        chord = module;
      };

      # The machines of networks/members.nix, to look at and to try: nix run .#vm
      nixosConfigurations = lib.genAttrs [ "test1" "test2" ] (
        name:
        lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            module
            ./networks/members.nix
            ./networks/configurations/vm.nix
            { networking.hostName = name; }
          ];
        }
      );

      apps = forEach (
        pkgs:
        {
          # A ring on loopback, for whoever.
          ring = {
            type = "app";
            program = "${(packagesOf pkgs).ring}/bin/ring";
            meta.description = "A ring of four on this machine, without root";
          };
        }
        // lib.optionalAttrs (pkgs.stdenv.hostPlatform.system == "x86_64-linux") {
          vm = {
            type = "app";
            program = "${self.nixosConfigurations.test1.config.system.build.vm}/bin/run-test1-vm";
            meta.description = "A virtual machine with two nodes of a ring";
          };
        }
      );

      checks = forEach (
        pkgs:
        import ./nixos-modules/tests { inherit pkgs module; }
        // self.packages.${pkgs.stdenv.hostPlatform.system}
      );

      devShells = forEach (pkgs: {
        default = import ./pkgs/shell.nix { inherit pkgs; };
      });

      formatter = forEach (pkgs: pkgs.nixfmt-tree);

      templates = {
        default = self.templates.node;
        node = {
          path = ./nixos-modules/templates/node;
          description = "A machine with one Chord node";
        };
        ring = {
          path = ./nixos-modules/templates/ring;
          description = "Three machines with a ring, declared once";
        };
      };

      # NixOps 2: nixops create -d vboxtest && nixops deploy -d vboxtest
      nixopsConfigurations.default = import ./networks/nixops.nix { inherit nixpkgs; };

      # The hive as data; `colmenaHive` would want Colmena itself as an input: colmena apply --legacy-flake-eval
      colmena = import ./networks/colmena.nix {
        nixpkgs = nixpkgs.legacyPackages.x86_64-linux;
        chordModule = module;
      };

      hydraJobs = {
        inherit (self) packages checks;
      };
    };
}
