# Services and sockets of the nodes.
{
  config,
  lib,
  pkgs,
  utils,
  ...
}:

let
  cfg = config.services.chord;
  nodes = lib.filterAttrs (_: node: node.enable) cfg.nodes;
  ownDirectory = name: node: node.dataDir != "/var/lib/chord/${name}";

  # What stands in the settings goes, in case somebody changed them.
  listens =
    node:
    {
      ring = node.settings.listen;
    }
    // lib.optionalAttrs node.http.enable { http = node.settings.http-listen; }
    // lib.optionalAttrs node.redis.enable { redis = node.settings.redis-listen; };
  portsOf =
    node:
    [ node.port ]
    ++ lib.optional node.http.enable node.http.port
    ++ lib.optional node.redis.enable node.redis.port;

  unitsOf =
    name: node:
    import ./unit.nix {
      unit = "chord-${name}";
      description = "Chord node ${name}";
      inherit (cfg) package;
      inherit (node)
        configFile
        credentials
        environmentFile
        watchdogSec
        ;
      kill = "${pkgs.coreutils}/bin/kill";
      extraArgs = lib.optional (node.extraArgs != [ ]) (utils.escapeSystemdExecArgs node.extraArgs);
      listenStreams = lib.optionalAttrs node.socketActivation.enable (
        lib.mapAttrs (_: lib.singleton) (listens node)
      );
      ports = lib.optionals (!node.socketActivation.enable) (portsOf node);
      stateDirectory = "chord/${name}";
      dataDir = if ownDirectory name node then node.dataDir else null;
      user = if ownDirectory name node then "chord" else null;
    };
  units = lib.mapAttrs unitsOf nodes;

  options = unit: import ./options-of-unit.nix { inherit lib unit; };
in
{
  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' (
      name: unit:
      lib.nameValuePair "chord-${name}" (
        options unit.service
        // lib.optionalAttrs (unit.sockets != { }) {
          # A change of the socket restarts the node with it. Left to its socket it would stay down until somebody calls,
          # and a member of a ring has work to do unasked.
          notSocketActivated = true;
        }
      )
    ) units;

    systemd.sockets = lib.concatMapAttrs (_: unit: lib.mapAttrs (_: options) unit.sockets) units;

    # Directories elsewhere want an owner that stays.
    users = lib.mkIf (lib.any lib.id (lib.mapAttrsToList ownDirectory nodes)) {
      users.chord = {
        isSystemUser = true;
        group = "chord";
      };
      groups.chord = { };
    };
    systemd.tmpfiles.settings.chord = lib.mapAttrs' (
      _: node:
      lib.nameValuePair node.dataDir {
        d = {
          user = "chord";
          group = "chord";
          mode = "0700";
        };
      }
    ) (lib.filterAttrs ownDirectory nodes);
  };
}
