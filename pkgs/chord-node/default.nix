# What ChordBootstrapNode and ChordNode share: a component of Disnix with a node's units, or, under another process
# manager than systemd, its managed process.
{
  lib,
  runCommand,
  writeText,
  writeShellScript,
  coreutils,
  chord,
  createManagedProcess ? null,
  stateDir ? "/var",
}:

{
  instanceName,
  description,
  port,
  settings,
}:

let
  unit = "chord-${instanceName}";
  dataDir = "${stateDir}/lib/chord/${instanceName}";

  # The node's name, not its host, gives its place on the circle: it keeps it when it moves.
  configFile = writeText "${instanceName}.json" (
    builtins.toJSON (
      {
        name = instanceName;
        listen = "[::]:${toString port}";
        insecure = true;
      }
      // settings
    )
  );

  units = import ../../nixos-modules/chord/unit.nix {
    inherit unit description configFile;
    package = chord;
    kill = "${coreutils}/bin/kill";
    listenStreams.ring = [ (toString port) ];
    # The host's own name, by which infrastructure.nix knows it.
    extraArgs = [ "--advertise %H:${toString port}" ];
    stateDirectory = "chord/${instanceName}";
  };
  files = {
    "${unit}.service" = units.service;
  }
  // lib.mapAttrs' (name: socket: {
    name = "${name}.socket";
    value = socket;
  }) units.sockets;

  install = lib.concatStrings (
    lib.mapAttrsToList (name: sections: ''
      cp ${writeText name (import ../../nixos-modules/chord/render.nix sections)} $out/etc/systemd/system/${name}
    '') files
  );

  # For the Dysnomia module. Named for the instance, since components meet in one profile.
  about = writeText "about" ''
    unit=${unit}
    port=${toString port}
    dataDir=${dataDir}
  '';

  # No version in the name: Disnix finds a component's snapshots by it.
  component = runCommand instanceName { passthru = { inherit configFile; }; } ''
    ${chord}/bin/chord check-config ${configFile}
    mkdir -p $out/etc/systemd/system $out/share/chord
    ${install}
    cp ${about} $out/share/chord/${instanceName}
  '';
in
if createManagedProcess == null then
  component
else
  createManagedProcess {
    inherit instanceName description;
    foregroundProcess = writeShellScript instanceName ''
      exec ${chord}/bin/chord server --config ${configFile} --data ${dataDir} --advertise "$(${coreutils}/bin/uname -n):${toString port}"
    '';
    overrides.sysvinit.runlevels = [
      3
      4
      5
    ];
  }
