# The options of one node as a member of its ring; those of its other ports, its secrets and its backups are beside it.
{
  lib,
  name,
  chord,
  ...
}:

let
  inherit (lib) mkOption types;
  own = import ./types.nix { inherit lib; };
in
{
  imports = [
    ./client-ports.nix
    ./tls.nix
    ./secrets.nix
    ./backup-options.nix
    ./settings.nix
  ];

  options = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether this node is there.";
    };

    listenAddress = mkOption {
      type = own.host;
      default = "127.0.0.1";
      example = "192.0.2.7";
      description = "Address of the ring port on this machine; `::` or `0.0.0.0` for all.";
    };

    port = mkOption {
      type = types.port;
      default = 4170;
      description = "The ring port.";
    };

    advertiseAddress = mkOption {
      type = types.nullOr own.host;
      default = null;
      example = "node1.example.org";
      description = "Name or address at which the other nodes reach this one; null: this machine's name, on loopback the address.";
    };

    nodeId = mkOption {
      type = types.nullOr (types.strMatching "[0-9a-f]{40}");
      default = null;
      description = "Pins the node's identifier; null: one of sixteen hashes of its name, chosen at its first start and kept.";
    };

    bootstrap = mkOption {
      type = types.listOf own.address;
      default = [ ];
      example = [ "test1:8001" ];
      description = ''
        `host:port` of nodes of the ring, any of which shows the way in. Without any, a node that never was a member founds a
        ring.
      '';
    };

    settings = mkOption {
      type = import ./settings-type.nix { inherit lib; };
      default = { };
      example = {
        replicas = 5;
        domain = "rack7";
        repair-rate = "100MiB";
      };
      description = ''
        What the node reads from its file, by the names that `chord options` lists. `replicas`, `write-quorum` and
        `read-quorum` are the same on all nodes of a ring. Anybody on this machine can read it: no secrets.
      '';
    };

    validateSettings = mkOption {
      type = types.bool;
      default = true;
      description = "Whether `chord check-config` judges the settings when the system is built.";
    };

    dataDir = mkOption {
      type = own.path;
      default = "/var/lib/chord/${name}";
      defaultText = lib.literalExpression ''"/var/lib/chord/<name>"'';
      description = ''
        Directory of the database. The default is kept by systemd for a user of its making; another path belongs to the
        user `chord`, and what is mounted there is waited for.
      '';
    };

    environmentFile = mkOption {
      type = types.nullOr own.filePath;
      default = null;
      example = "/run/secrets/chord";
      description = "File of `CHORD_…=` lines, which go before the settings. Read by systemd, so root alone needs to.";
    };

    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the ring port is opened in the firewall.";
    };

    firewall.restrictToRing = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether {option}`openFirewall` opens the ring port to the machines of {option}`services.chord.ring.members` alone. Their
        `address`es must be numbers then. Clients elsewhere are shut out, too.
      '';
    };

    socketActivation.enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether systemd holds the node's ports open while it restarts, so that calls wait instead of failing.";
    };

    leaveOnStop = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the node hands over all keys and leaves the ring at every stop. An upgrade is a stop, too.";
    };

    watchdogSec = mkOption {
      type = types.ints.positive;
      default = 30;
      description = "Seconds without a sign of health after which systemd restarts the node.";
    };

    extraArgs = mkOption {
      type = types.listOf types.singleLineStr;
      default = [ ];
      description = "More arguments of `chord server`, which go before everything else.";
    };

    ring = mkOption {
      type = types.singleLineStr;
      default = chord.ring.name;
      defaultText = lib.literalExpression "config.services.chord.ring.name";
      description = "The ring that the node belongs to.";
    };

    configFile = mkOption {
      type = types.path;
      readOnly = true;
      description = "The file made of the settings.";
    };
  };
}
