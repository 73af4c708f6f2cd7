# What is wrong and can be seen before anything is built.
{ config, lib, ... }:

let
  cfg = config.services.chord;
  inherit (cfg.ring) members;
  address = import ./address.nix { inherit lib; };

  nodes = lib.filterAttrs (_: node: node.enable) cfg.nodes;
  hosts = lib.unique (lib.mapAttrsToList (_: member: member.host) members);
  multiple = list: lib.length list != lib.length (lib.unique list);

  # Of one machine, whether or not it is this one.
  places = lib.mapAttrsToList (_: member: "${member.host}:${toString member.port}") members;

  secretive =
    key:
    builtins.match ".*(password|passwd|secret|token|private|credential).*" (lib.toLower key) != null;

  ofNode = name: node: [
    {
      assertion = address.isLoopback node.listenAddress || (node.settings.insecure or false);
      message = "node ${name} listens at ${node.listenAddress} and there is no TLS yet: everybody who reaches the port may read and change all keys. Accept it with settings.insecure = true, or listen at 127.0.0.1.";
    }
    {
      assertion =
        lib.length hosts <= 1
        || !(members ? ${name})
        || !address.isLoopback (if node.advertiseAddress == null then "" else node.advertiseAddress);
      message = "node ${name} advertises the loopback address ${toString node.advertiseAddress}, at which the ring's other machines do not reach it. Set its member's address.";
    }
    {
      assertion =
        members == { }
        || (node.settings.replicas or 3) <= lib.length (lib.attrNames members)
        || !(node.settings ? replicas);
      message = "node ${name} wants ${
        toString (node.settings.replicas or 3)
      } replicas, and the ring has ${toString (lib.length (lib.attrNames members))} members.";
    }
    {
      assertion = !lib.any secretive (lib.attrNames node.settings);
      message = "settings of node ${name} hold what looks like a secret, and anybody can read the file. Use environmentFile.";
    }
    {
      assertion =
        !node.firewall.restrictToRing
        || (node.openFirewall && lib.all (m: address.isNumber m.address) (lib.attrValues members));
      message = "node ${name}: firewall.restrictToRing wants openFirewall, and numbers for the addresses of the ring's members.";
    }
  ];
in
{
  config = lib.mkIf cfg.enable {
    assertions = map (a: a // { message = "services.chord: ${a.message}"; }) (
      [
        {
          assertion = !multiple (lib.mapAttrsToList (_: node: node.port) nodes);
          message = "two nodes of this machine have the same port: ${
            lib.concatStringsSep ", " (lib.mapAttrsToList (name: node: "${name} ${toString node.port}") nodes)
          }.";
        }
        {
          assertion = !multiple places;
          message = "two members of the ring have the same port on one host: ${lib.concatStringsSep ", " places}.";
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
      ++ lib.concatLists (lib.mapAttrsToList ofNode nodes)
    );
  };
}
