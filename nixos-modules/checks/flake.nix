# The flake's outputs, with what stands for its one input.
{ lib, nixos }:

let
  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];
  pkgsOf =
    system:
    nixos.pkgs
    // {
      stdenv = nixos.pkgs.stdenv // {
        hostPlatform = { inherit system; };
      };
    };
  nixpkgs = {
    lib = lib // {
      nixosSystem =
        { modules, ... }:
        {
          inherit modules;
          config.system.build.vm = "/vm";
        };
    };
    legacyPackages = lib.genAttrs systems pkgsOf;
  };
  flake = import ../../flake.nix;
  self = flake.outputs { inherit self nixpkgs; };
  lock = builtins.fromJSON (builtins.readFile ../../flake.lock);

  names = lib.mapAttrs (_: lib.attrNames);
  tests = import ../tests/names.nix;
  packages = [
    "chord"
    "default"
    "dysnomia-chord"
    "manual"
    "monitoring"
  ];
in
{
  outputs = {
    expr = lib.attrNames self;
    expected = [
      "apps"
      "checks"
      "colmena"
      "devShells"
      "formatter"
      "hydraJobs"
      "nixopsConfigurations"
      "nixosConfigurations"
      "nixosModules"
      "overlays"
      "packages"
      "templates"
    ];
  };
  packages = {
    expr = names self.packages;
    expected = lib.genAttrs systems (_: packages);
  };
  # All of them are derivations, and none is missing what it is made of.
  derivations = {
    expr = lib.all lib.isDerivation (
      lib.concatMap lib.attrValues (
        lib.attrValues self.packages ++ lib.attrValues self.checks ++ lib.attrValues self.devShells
      )
    );
    expected = true;
  };
  apps = {
    expr = lib.mapAttrs (_: lib.mapAttrs (_: app: baseNameOf app.program)) self.apps;
    expected = {
      x86_64-linux = {
        ring = "ring";
        vm = "run-test1-vm";
      };
      aarch64-linux.ring = "ring";
    };
  };
  checks = {
    expr = names self.checks;
    expected = lib.genAttrs systems (_: lib.naturalSort (lib.unique (tests ++ packages)));
  };
  overlay = {
    expr = lib.attrNames (self.overlays.default (pkgsOf "x86_64-linux") { });
    expected = [
      "chord"
      "dysnomia-chord"
    ];
  };
  machines = {
    expr = lib.attrNames self.nixosConfigurations;
    expected = [
      "test1"
      "test2"
    ];
  };
  # Each is a flake, and says what it is.
  templates = {
    expr = lib.mapAttrs (
      _: template: builtins.pathExists (template.path + "/flake.nix") && template.description != ""
    ) self.templates;
    expected = {
      default = true;
      node = true;
      ring = true;
    };
  };
  # One input, pinned.
  lock = {
    expr = [
      (lib.attrNames flake.inputs)
      lock.nodes.root.inputs
      "github:${lock.nodes.nixpkgs.original.owner}/${lock.nodes.nixpkgs.original.repo}/${lock.nodes.nixpkgs.original.ref}"
    ];
    expected = [
      [ "nixpkgs" ]
      { nixpkgs = "nixpkgs"; }
      flake.inputs.nixpkgs.url
    ];
  };
}
