# A ring over several machines, declared once: the same data on all of them, of which each makes the nodes that are its
# own.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.services.chord;
  inherit (cfg) ring;
  address = import ./address.nix { inherit lib; };
  own = import ./types.nix { inherit lib; };

  clientPort =
    what:
    mkOption {
      type = types.nullOr types.port;
      default = null;
      description = "Its ${what}, at the same address; null: none.";
    };

  member =
    { config, name, ... }:
    {
      options = {
        host = mkOption {
          type = own.host;
          description = "`networking.hostName` of the machine that it runs on.";
        };
        address = mkOption {
          type = own.host;
          default = config.host;
          defaultText = lib.literalExpression "host";
          description = "Name or address at which the others reach it. At a number it listens, for a name at all addresses.";
        };
        port = mkOption {
          type = types.port;
          default = 4170;
          description = "Its ring port.";
        };
        httpPort = clientPort "http port, for the page, health and metrics";
        redisPort = clientPort "Redis port";
        bootstrap = mkOption {
          type = types.bool;
          default = false;
          description = "Whether it shows new nodes the way into the ring.";
        };
        domain = mkOption {
          type = types.singleLineStr;
          default = config.host;
          defaultText = lib.literalExpression "host";
          description = "What fails together, such as a host or a rack: copies go to distinct ones.";
        };
        nodeId = mkOption {
          type = types.nullOr (types.strMatching "[0-9a-f]{40}");
          default = null;
          description = "See {option}`services.chord.nodes.<name>.nodeId`.";
        };
      };
    };

  bootstraps = lib.filterAttrs (_: m: m.bootstrap) ring.members;
  # The founder is told nobody; all others, every bootstrap member but themselves.
  waysIn =
    name:
    lib.optionals (name != ring.founder) (
      lib.mapAttrsToList (_: m: address.join m.address m.port) (removeAttrs bootstraps [ name ])
    );

  weakly = lib.mapAttrs (_: lib.mkDefault);
  listenAddress = m: if address.isNumber m.address then m.address else "::";
  clientPortOf =
    m: port:
    lib.optionalAttrs (port != null) (weakly {
      enable = true;
      listenAddress = listenAddress m;
      inherit port;
    });

  nodeOf =
    name: m:
    weakly {
      inherit (m) port nodeId;
      advertiseAddress = m.address;
      listenAddress = listenAddress m;
      bootstrap = waysIn name;
    }
    // {
      http = clientPortOf m m.httpPort;
      redis = clientPortOf m m.redisPort;
      settings = {
        name = lib.mkDefault name;
        domain = lib.mkDefault m.domain;
      };
    };
in
{
  # interface

  options.services.chord.ring = {
    name = mkOption {
      type = types.singleLineStr;
      default = "chord";
      example = "library";
      description = "Name of the ring. Nodes of another are refused.";
    };

    members = mkOption {
      type = types.attrsOf (types.submodule member);
      default = { };
      example.node1 = {
        host = "test1";
        address = "192.0.2.1";
        bootstrap = true;
      };
      description = "All nodes of the ring, by their names, on whatever machine. The same on all machines.";
    };

    founder = mkOption {
      type = types.nullOr types.str;
      default =
        if lib.length (lib.attrNames bootstraps) == 1 then lib.head (lib.attrNames bootstraps) else null;
      defaultText = lib.literalMD "the bootstrap member, if there is just one";
      example = "node1";
      description = ''
        The member that begins the ring, as it is told of no other. Once it was a member it goes back to whom it
        remembers; should its disk be lost, it meets the ring again through the others and takes its place there.
      '';
    };

    autoNodes = mkOption {
      type = types.bool;
      default = true;
      description = "Whether the members whose host is this machine become {option}`services.chord.nodes`.";
    };
  };

  # implementation

  config = lib.mkIf (cfg.enable && ring.autoNodes && ring.members != { }) {
    services.chord.nodes = lib.mapAttrs nodeOf (
      lib.filterAttrs (_: m: m.host == config.networking.hostName) ring.members
    );
  };
}
