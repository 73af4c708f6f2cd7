# The Dysnomia module `chord-node`: it starts and stops a node's units, and carries its data when Disnix moves it.
# services.dysnomia.extraModulePaths = [ "${dysnomia-chord}/libexec/dysnomia" ];
{
  lib,
  replaceVarsWith,
  runtimeShell,
  coreutils,
  findutils,
  systemd,
  dysnomia,
  chord,
}:

replaceVarsWith {
  # The type in services.nix is the module's file name.
  name = "chord-node";
  src = ./chord-node.sh;
  dir = "libexec/dysnomia";
  isExecutable = true;
  replacements = {
    inherit runtimeShell;
    util = "${dysnomia}/share/dysnomia/util";
    path = lib.makeBinPath [
      coreutils
      findutils
      systemd
      dysnomia
      chord
    ];
  };
  meta.description = "Dysnomia module for the state of chord nodes";
}
