# Copies of the databases at fixed times, over the nodes' own ports, while they run.
{
  config,
  lib,
  ...
}:

let
  cfg = config.services.chord;
  nodes = lib.filterAttrs (_: node: node.enable && node.backup.enable) cfg.nodes;
  hardening = import ./hardening.nix;
  state = "/var/lib/";

  # Names sort as their times do. A copy appears when it is whole, so that none but whole ones are counted.
  script = node: ''
    FILE=${lib.escapeShellArg node.backup.directory}/$(date --utc +%Y%m%dT%H%M%SZ).db
    export FILE
    ${cfg.package}/bin/chord backup --node ${lib.escapeShellArg node.settings.advertise} "$FILE"
    find ${lib.escapeShellArg node.backup.directory} -maxdepth 1 -name '*Z.db' | sort | head -n -${toString node.backup.keep} | xargs -r rm --
    ${node.backup.postHook}
  '';

  service =
    name: node:
    let
      kept = lib.hasPrefix state node.backup.directory;
    in
    {
      description = "Copy of the database of Chord node ${name}";
      after = [ "chord-${name}.service" ];
      script = script node;
      # The node's own certificate: at itself it may what an administrator may.
      environment = lib.mkIf node.tls.enable {
        CHORD_TLS_CERT = node.settings.tls-cert;
        CHORD_TLS_KEY = node.settings.tls-key;
        CHORD_TLS_CA = node.settings.tls-ca;
      };
      serviceConfig =
        lib.mapAttrs (_: lib.mkDefault) (
          hardening // import ./credentials.nix { inherit (node) credentials; }
        )
        // {
          Type = "oneshot";
          User = "chord";
          Group = "chord";
        }
        // (
          if kept then
            {
              StateDirectory = lib.removePrefix state node.backup.directory;
              StateDirectoryMode = "0700";
            }
          else
            { BindPaths = node.backup.directory; }
        );
      unitConfig.RequiresMountsFor = node.backup.directory;
    };
in
{
  config = lib.mkIf (cfg.enable && nodes != { }) {
    systemd.services = lib.mapAttrs' (
      name: node: lib.nameValuePair "chord-backup-${name}" (service name node)
    ) nodes;

    systemd.timers = lib.mapAttrs' (
      name: node:
      lib.nameValuePair "chord-backup-${name}" {
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = node.backup.schedule;
          Persistent = true;
          # Not all nodes of a ring at once.
          RandomizedDelaySec = "10m";
        };
      }
    ) nodes;

    users.users.chord = {
      isSystemUser = true;
      group = "chord";
    };
    users.groups.chord = { };

    systemd.tmpfiles.settings.chord-backup = lib.mapAttrs' (
      _: node:
      lib.nameValuePair node.backup.directory {
        d = {
          user = "chord";
          group = "chord";
          mode = "0700";
        };
      }
    ) (lib.filterAttrs (_: node: !lib.hasPrefix state node.backup.directory) nodes);
  };
}
