# Files that the expressions write, by name, for `chord check-config`:
# nix-instantiate --eval --strict --json -E 'import ./nixos-modules/checks/settings.nix { lib = import <nixpkgs/lib>; }'
{
  # null: those of the module are left out.
  lib ? null,
}:

let
  pkgs = import ../../pkgs { pkgs = import ./few.nix; };
  bootstrap = {
    port = 8001;
    target.properties.hostname = "test1";
  };
  component = node: builtins.fromJSON node.configFile.text;

  nixos = import ./nixos.nix { inherit lib; };
  nodesOf =
    host: modules:
    lib.mapAttrs (_: node: node.settings)
      (nixos.machine (modules ++ [ { networking.hostName = host; } ])).services.chord.nodes;
  everything = {
    services.chord = {
      enable = true;
      nodes.everything = {
        nodeId = "8000000000000000000000000000000000000000";
        bootstrap = [ "[::1]:4171" ];
        leaveOnStop = true;
        dataDir = "/srv/chord";
        http = {
          enable = true;
          pprof = true;
        };
        redis = {
          enable = true;
          users = "redis-users";
        };
        metrics.traceEndpoint = "http://127.0.0.1:4318";
        tls = {
          enable = true;
          certificate = "/run/secrets/node1.pem";
          key = "chord-key";
          ca = "/etc/chord/ca.pem";
        };
      };
    };
  };
in
{
  bootstrapNode = component (pkgs.ChordBootstrapNode { port = 8001; });
  node = component (
    pkgs.ChordNode {
      port = 8002;
      instanceSuffix = "1";
    } { ChordBootstrapNode = bootstrap; }
  );
}
// (
  if lib == null then
    { }
  else
    nodesOf "test1" [ { services.chord.enable = true; } ]
    // nodesOf "test1" [ everything ]
    // nodesOf "test1" [ ../../networks/members.nix ]
    // nodesOf "beta" [ ../templates/ring/ring.nix ]
)
