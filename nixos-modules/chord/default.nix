# services.chord: nodes of Chord rings on this machine.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.chord;
in
{
  imports = [
    ./ring.nix
    ./units.nix
    ./firewall.nix
    ./backup.nix
    ./monitoring.nix
    ./assertions.nix
  ];

  # interface

  options.services.chord = {
    enable = lib.mkEnableOption "Chord nodes; without more options, one of them on loopback";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../../pkgs/chord/package.nix { };
      defaultText = lib.literalMD "this project's own";
      description = "The package with `bin/chord`.";
    };

    defaults = lib.mkOption {
      type = lib.types.deferredModule;
      default = { };
      example.settings.insecure = true;
      description = "Merged into every node.";
    };

    nodes = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submoduleWith {
          modules = [
            ./node.nix
            cfg.defaults
          ];
          specialArgs = {
            inherit pkgs;
            chord = cfg;
            machine = config.networking.fqdnOrHostName;
          };
        }
      );
      default.default = { };
      defaultText = lib.literalMD "one node, `default`; with a ring, its members on this machine";
      description = "Nodes of this machine. Their units are `chord-<name>`.";
    };
  };

  # implementation

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
  };
}
