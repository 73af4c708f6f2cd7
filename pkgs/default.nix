# The packages, composed: each is a function of the others and of nixpkgs' (intra-dependencies).
# Without flakes: nix-build pkgs -A chord
{
  system ? builtins.currentSystem,
  pkgs ? import <nixpkgs> { inherit system; },
  processManager ? "systemd",
  nix-processmgmt ? null,
  stateDir ? "/var",
  runtimeDir ? "${stateDir}/run",
  logDir ? "${stateDir}/log",
  tmpDir ? (if stateDir == "/var" then "/tmp" else "${stateDir}/tmp"),
  forceDisableUserChange ? false,
}:

let
  callPackage = pkgs.lib.callPackageWith (pkgs // self);

  # Only process managers other than systemd go through the process management framework.
  createManagedProcess =
    if processManager == "systemd" then
      null
    else
      import
        (nix-processmgmt + "/nixproc/create-managed-process/universal/create-managed-process-universal.nix")
        {
          inherit
            pkgs
            stateDir
            runtimeDir
            logDir
            tmpDir
            forceDisableUserChange
            processManager
            ;
        };

  self = {
    chord = callPackage ./chord/package.nix { };

    # A name that people who know the original look for.
    openchord = self.chord;

    createChordNode = callPackage ./chord-node { inherit createManagedProcess stateDir; };
    ChordBootstrapNode = callPackage ./ChordBootstrapNode { };
    ChordNode = callPackage ./ChordNode { };

    dysnomia-chord = callPackage ./dysnomia-chord { };
    manual = callPackage ./manual { };
    monitoring = callPackage ./monitoring { };
    ring = callPackage ./ring { };
  };
in
self
