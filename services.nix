{
  system,
  distribution,
  invDistribution,
  pkgs,
  stateDir ? "/var",
  runtimeDir ? "${stateDir}/run",
  logDir ? "${stateDir}/log",
  tmpDir ? (if stateDir == "/var" then "/tmp" else "${stateDir}/tmp"),
  forceDisableUserChange ? false,
  processManager ? "systemd",
  nix-processmgmt ? ../nix-processmgmt,
  # Carry a node's data with it when it moves to another machine. Wants the Dysnomia module chord-node on the machines;
  # without it, the units are Dysnomia's own systemd-unit.
  moveState ? processManager == "systemd",
  # Directory on the machines with ca.crt, and NAME.crt and NAME.key of their nodes (`chord tls`); null: no TLS.
  tls ? null,
  # The nodes and their machines.
  ring ? import ./networks/ring.nix,
  ids ? if builtins.pathExists ./networks/ids.nix then (import ./networks/ids.nix).ids else { },
}:

let
  processType =
    if moveState then
      "chord-node"
    else if processManager == "systemd" then
      "systemd-unit"
    else
      import (nix-processmgmt + "/nixproc/derive-dysnomia-process-type.nix") {
        inherit processManager;
      };

  customPkgs = import ./pkgs {
    inherit
      system
      pkgs
      stateDir
      logDir
      runtimeDir
      tmpDir
      forceDisableUserChange
      processManager
      nix-processmgmt
      ;
  };

  credentialsOf =
    name:
    if tls == null then
      { }
    else
      {
        tls-cert = "${tls}/${name}.crt";
        tls-key = "${tls}/${name}.key";
        tls-ca = "${tls}/ca.crt";
      };

  node = name: {
    inherit name;
    port = ids.ports.${name} or 0;
    type = processType;
    deployState = moveState;
    requiresUniqueIdsFor = [ "ports" ];
  };

  ChordBootstrapNode = node "ChordBootstrapNode" // {
    pkg = customPkgs.ChordBootstrapNode {
      inherit (node "ChordBootstrapNode") port;
      credentials = credentialsOf "ChordBootstrapNode";
    };
  };

  # A node outlives its bootstrap node, so that `connectsTo` seems enough. But a node's activation is over when it is a
  # member of the ring: in any other order than this, machines would wait for what is not activated yet. What changes the
  # bootstrap node, an upgrade or another port, changes the others too, so the order costs no restart.
  ChordNode =
    name:
    node name
    // {
      pkg = customPkgs.ChordNode {
        inherit (node name) port;
        credentials = credentialsOf name;
        instanceSuffix = builtins.substring (builtins.stringLength "ChordNode") (-1) name;
      };
      dependsOn = {
        inherit ChordBootstrapNode;
      };
    };

  nodes = removeAttrs ring [ "ChordBootstrapNode" ];
in
{
  inherit ChordBootstrapNode;

  openchord = {
    name = "openchord";
    pkg = customPkgs.openchord;
    type = "package";
  };
}
// builtins.mapAttrs (name: _: ChordNode name) nodes
