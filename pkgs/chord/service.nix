# A node as a modular service (experimental in NixOS 25.11 and newer): portable to what runs services there,
# with systemd's parts where systemd does.
{ }:
{
  lib,
  config,
  options,
  ...
}:

let
  cfg = config.chord;
  unitFor =
    name:
    import ../../nixos-modules/chord/unit.nix {
      unit = name;
      inherit (cfg) package listenStreams;
      configFile = config.configData."chord.json".path;
      stateDirectory = "chord/${name}";
    };
  asModule =
    unit:
    import ../../nixos-modules/chord/options-of-unit.nix {
      inherit lib unit;
      # Before the defaults that NixOS has for modular services.
      weak = lib.mkOverride 900;
    };
in
{
  _class = "service";

  # interface

  options.chord = {
    package = lib.mkOption {
      type = lib.types.package;
      description = "The package with `bin/chord`.";
    };
    settings = lib.mkOption {
      type = import ../../nixos-modules/chord/settings-type.nix { inherit lib; };
      default = { };
      example.ring = "library";
      description = "What `chord server --config` reads; `chord options` lists all.";
    };
    listenStreams = lib.mkOption {
      type = lib.types.attrsOf (lib.types.listOf lib.types.str);
      default = { };
      example.ring = [ "127.0.0.1:4170" ];
      description = ''
        At most one address each at which systemd listens for the node: `ring`, `http` and `redis`. The port then stays open
        while the node restarts, so that calls wait instead of failing.
      '';
    };
  };

  # implementation

  config = {
    configData."chord.json".text = builtins.toJSON cfg.settings;
    process.argv = [
      (lib.getExe' cfg.package "chord")
      "server"
      "--config"
      config.configData."chord.json".path
    ];
  }
  // lib.optionalAttrs (options ? systemd) {
    # `name` is the unit's, which the machine chooses.
    # It runs unasked, see the module's units.nix.
    systemd.service =
      { name, ... }:
      asModule (unitFor name).service
      // lib.optionalAttrs (cfg.listenStreams != { }) { notSocketActivated = true; };
    systemd.sockets = lib.mapAttrs (
      port: _:
      { name, ... }:
      asModule (unitFor (lib.removeSuffix "-${port}" name)).sockets.${name}
    ) cfg.listenStreams;
  };
}
