# The modular service, in what stands for a machine with systemd and for one without.
{ lib }:

let
  inherit (lib) mkOption types;

  portable.options = {
    process.argv = mkOption { type = types.listOf types.str; };
    configData = mkOption {
      type = types.attrsOf (
        types.submodule (
          { name, ... }:
          {
            options.text = mkOption { type = types.str; };
            options.path = mkOption { default = "/etc/service/${name}"; };
          }
        )
      );
    };
  };
  systemd.options.systemd = {
    service = mkOption { type = types.deferredModule; };
    sockets = mkOption {
      type = types.attrsOf types.deferredModule;
      default = { };
    };
  };

  evaluate =
    modules:
    (lib.evalModules {
      class = "service";
      modules = [
        portable
        (lib.modules.importApply ../../pkgs/chord/service.nix { })
        {
          chord = {
            package = {
              type = "derivation";
              name = "chord";
              outPath = "/opt/chord";
            };
            settings.ring = "library";
            listenStreams.ring = [ "127.0.0.1:4170" ];
          };
        }
      ]
      ++ modules;
    }).config;

  # As NixOS does: the unit's name is the machine's choice.
  named =
    name: module:
    (lib.evalModules {
      specialArgs = { inherit name; };
      modules = [
        module
        {
          freeformType = types.attrsOf types.anything;
          # What NixOS says of all of them.
          config.serviceConfig = {
            Type = lib.mkDefault "simple";
            Restart = lib.mkDefault "always";
            RestartSec = lib.mkDefault "5";
          };
        }
      ];
    }).config;

  with' = evaluate [ systemd ];
  unit = named "library" with'.systemd.service;
  socket = named "library-ring" with'.systemd.sockets.ring;
in
{
  argv = {
    expr = (evaluate [ ]).process.argv;
    expected = [
      "/opt/chord/bin/chord"
      "server"
      "--config"
      "/etc/service/chord.json"
    ];
  };
  settings = {
    expr = (evaluate [ ]).configData."chord.json".text;
    expected = ''{"ring":"library"}'';
  };
  unit = {
    expr = [
      unit.requires
      unit.serviceConfig.Type
      unit.serviceConfig.Restart
      unit.serviceConfig.StateDirectory
      unit.serviceConfig.ExecStart
    ];
    expected = [
      [ "library-ring.socket" ]
      "notify"
      "on-failure"
      "chord/library"
      "/opt/chord/bin/chord server --config /etc/service/chord.json"
    ];
  };
  socket = {
    expr = [
      socket.listenStreams
      socket.socketConfig.Service
      socket.socketConfig.FileDescriptorName
    ];
    expected = [
      [ "127.0.0.1:4170" ]
      "library.service"
      "ring"
    ];
  };
}
