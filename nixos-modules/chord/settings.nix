# What a node's options mean in its file.
{
  config,
  lib,
  name,
  pkgs,
  chord,
  machine,
  ...
}:

let
  address = import ./address.nix { inherit lib; };
  local = address.isLoopback config.listenAddress;
  advertised =
    if config.advertiseAddress != null then
      config.advertiseAddress
    else if local then
      config.listenAddress
    else
      machine;

  plain = pkgs.writeText "chord-${name}.json" (builtins.toJSON config.settings);
  checked = pkgs.runCommand "chord-${name}-checked.json" { preferLocalBuild = true; } ''
    ${chord.package}/bin/chord check-config ${plain}
    cp ${plain} $out
  '';
  # A program of another architecture cannot judge here.
  runs = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;
in
{
  settings = lib.mapAttrs (_: lib.mkDefault) (
    {
      inherit (config) ring;
      listen = address.join config.listenAddress config.port;
      advertise = address.join advertised config.port;
    }
    // lib.optionalAttrs config.http.enable {
      http-listen = address.join config.http.listenAddress config.http.port;
    }
    // lib.optionalAttrs config.http.pprof { pprof = true; }
    // lib.optionalAttrs config.redis.enable {
      redis-listen = address.join config.redis.listenAddress config.redis.port;
    }
    // lib.optionalAttrs (config.metrics.traceEndpoint != null) {
      trace-endpoint = config.metrics.traceEndpoint;
    }
    // lib.optionalAttrs (config.bootstrap != [ ]) { inherit (config) bootstrap; }
    // lib.optionalAttrs (config.nodeId != null) { node-id = config.nodeId; }
    // lib.optionalAttrs config.leaveOnStop { leave-on-stop = true; }
    // lib.optionalAttrs (config.dataDir != "/var/lib/chord/${name}") { data = config.dataDir; }
  );

  configFile = if config.validateSettings && runs then checked else plain;
}
