# What is wrong and can be seen before anything is built.
{ config, lib, ... }:

let
  cfg = config.services.chord;
  inherit (cfg.ring) members;

  enabled = lib.filterAttrs (_: node: node.enable) cfg.nodes;
  # What has another name has no directory either.
  isName = name: builtins.match "[A-Za-z0-9_.-]+" name != null;
  nodes = lib.filterAttrs (name: _: isName name) enabled;
  hosts = lib.unique (lib.mapAttrsToList (_: member: member.host) members);
  ofNode = import ./node-assertions.nix { inherit lib members hosts; };
  each = f: set: lib.concatLists (lib.mapAttrsToList f set);

  # Those that stand in the list more than once.
  doubles = list: lib.unique (lib.filter (x: lib.count (y: x == y) list > 1) list);
  once = what: list: {
    assertion = doubles list == [ ];
    message = "${what}: ${lib.concatStringsSep ", " (doubles list)}.";
  };

  portsOf =
    node:
    map toString (
      [ node.port ]
      ++ lib.optional node.http.enable node.http.port
      ++ lib.optional node.redis.enable node.redis.port
    );
  # Of one machine, whether or not it is this one.
  places =
    member:
    map (port: "${member.host}:${toString port}") (
      lib.filter (port: port != null) [
        member.port
        member.httpPort
        member.redisPort
      ]
    );
in
{
  config = lib.mkIf cfg.enable {
    assertions = map (a: a // { message = "services.chord: ${a.message}"; }) (
      [
        (once "the same port twice on this machine" (each (_: portsOf) nodes))
        (once "two nodes have the same dataDir" (lib.mapAttrsToList (_: node: node.dataDir) nodes))
        (once "two nodes have the same backup.directory" (
          lib.mapAttrsToList (_: node: node.backup.directory) (
            lib.filterAttrs (_: node: node.backup.enable) nodes
          )
        ))
        (once "the ring's members have the same port twice on one host" (each (_: places) members))
        {
          assertion = lib.attrNames enabled == lib.attrNames nodes;
          message = "a node's name becomes that of units and directories, so letters, digits and _.- alone: ${
            lib.concatStringsSep ", " (lib.filter (name: !isName name) (lib.attrNames enabled))
          }. How the ring calls it is settings.name.";
        }
        {
          assertion = members == { } || lib.any (m: m.bootstrap) (lib.attrValues members);
          message = "no member of the ring has bootstrap = true, so none finds the others.";
        }
        {
          assertion = members == { } || (cfg.ring.founder != null && members ? ${cfg.ring.founder});
          message = "one member of the ring must found it: set ring.founder to a name among ${toString (lib.attrNames members)}.";
        }
      ]
      ++ each ofNode nodes
    );
  };
}
