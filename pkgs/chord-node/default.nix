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
  # Setting -> path of what only root may read, such as tls-key: systemd hands it over.
  credentials ? { },
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
      # The program looks for a name without a slash among its credentials. Other process managers hand none over.
      // builtins.mapAttrs (name: path: if createManagedProcess == null then name else path) credentials
      // settings
    )
  );

  units = import ../../nixos-modules/chord/unit.nix {
    inherit
      unit
      description
      configFile
      credentials
      ;
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

  written = builtins.mapAttrs (
    name: sections: writeText name (import ../../nixos-modules/chord/render.nix sections)
  ) files;
  install = lib.concatStrings (
    lib.mapAttrsToList (name: file: "cp ${file} $out/etc/systemd/system/${name}\n") written
  );

  # What the module shows a node that wants certificates: its own.
  shown = {
    tls-cert = "CHORD_TLS_CERT";
    tls-key = "CHORD_TLS_KEY";
    tls-ca = "CHORD_TLS_CA";
  };
  # For the Dysnomia module. Named for the instance, since components meet in one profile.
  about = writeText "about" ''
    unit=${unit}
    port=${toString port}
    dataDir=${dataDir}
    ${lib.concatStrings (
      lib.mapAttrsToList (name: path: "export ${shown.${name}}=${path}\n") (
        builtins.intersectAttrs shown credentials
      )
    )}
  '';

  # No version in the name: Disnix finds a component's snapshots by it.
  component =
    runCommand instanceName
      {
        passthru = {
          inherit configFile about;
          unit = written."${unit}.service";
        };
      }
      ''
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
