# What is wrong with a node, as { assertion; message; }.
{
  lib,
  members,
  hosts,
}:

let
  address = import ./address.nix { inherit lib; };
  count = lib.length (lib.attrNames members);

  secretive =
    key:
    builtins.match ".*(password|passwd|secret|token|private|credential).*" (lib.toLower key) != null;
in
name: node:
let
  ports = {
    listenAddress = node.listenAddress;
  }
  // lib.optionalAttrs node.http.enable { "http.listenAddress" = node.http.listenAddress; }
  // lib.optionalAttrs node.redis.enable { "redis.listenAddress" = node.redis.listenAddress; };
  exposed = lib.filterAttrs (_: host: !address.isLoopback host) ports;
  files = [
    node.tls.certificate
    node.tls.key
    node.tls.ca
  ];
in
map (a: a // { message = "node ${name}: ${a.message}"; }) [
  {
    assertion = exposed == { } || node.tls.enable || (node.settings.insecure or false);
    message = "${
      lib.concatStringsSep ", " (lib.mapAttrsToList (option: host: "${option} ${host}") exposed)
    } is not loopback, and without TLS everybody who reaches the port may read and change all keys. Set tls, or accept it with settings.insecure = true.";
  }
  {
    assertion = !node.tls.enable || lib.all (file: file != null) files;
    message = "tls.enable wants tls.certificate, tls.key and tls.ca; they belong together.";
  }
  {
    assertion = node.tls.enable || lib.all (file: file == null) files;
    message = "it has files for TLS, and no tls.enable.";
  }
  {
    assertion = !node.tls.enable || lib.length (lib.unique files) == 3;
    message = "tls.certificate, tls.key and tls.ca are three files.";
  }
  {
    assertion =
      lib.length hosts <= 1
      || !(members ? ${name})
      || !address.isLoopback (if node.advertiseAddress == null then "" else node.advertiseAddress);
    message = "it advertises the loopback address ${toString node.advertiseAddress}, at which the ring's other machines do not reach it. Set its member's address.";
  }
  {
    assertion = members == { } || !(node.settings ? replicas) || node.settings.replicas <= count;
    message = "it wants ${
      toString (node.settings.replicas or 3)
    } replicas, and the ring has ${toString count} members.";
  }
  {
    assertion = !lib.any secretive (lib.attrNames node.settings);
    message = "its settings hold what looks like a secret, and anybody can read the file. Use environmentFile.";
  }
  {
    assertion = !node.http.pprof || (node.http.enable && address.isLoopback node.http.listenAddress);
    message = "http.pprof wants the http port, on a loopback address.";
  }
  {
    assertion =
      !node.firewall.restrictToRing
      || (node.openFirewall && lib.all (m: address.isNumber m.address) (lib.attrValues members));
    message = "firewall.restrictToRing wants openFirewall, and numbers for the addresses of the ring's members.";
  }
]
