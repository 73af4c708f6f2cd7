# The components under other process managers than systemd, through the process management framework's own code.
{
  lib,
  # A checkout of nix-processmgmt.
  processmgmt,
}:

let
  made =
    attrs:
    attrs
    // {
      type = "derivation";
      outPath = "/store/${attrs.name}";
    };
  base = import ./pkgs.nix { inherit lib; };
  pkgs =
    base
    // {
      stdenv = base.stdenv // {
        mkDerivation = made;
      };
      writeTextFile = made;
      fetchurl = _: "/source";
      python3Packages.supervisor = "/supervisor";
    }
    // lib.genAttrs [
      "daemon"
      "dash"
      "execline"
      "getopt"
      "gnugrep"
      "gnused"
      "inetutils"
      "s6"
      "s6-rc"
      "sysvinit"
    ] (name: "/${name}");

  componentOf =
    processManager:
    (import ../../pkgs {
      inherit pkgs processManager;
      nix-processmgmt = processmgmt;
    }).ChordNode
      {
        port = 8002;
        instanceSuffix = "1";
      }
      {
        ChordBootstrapNode = {
          port = 8001;
          target.properties.hostname = "test1";
        };
      };
  typeOf =
    processManager:
    (import ../../services.nix {
      system = "x86_64-linux";
      inherit pkgs processManager;
      distribution = { };
      invDistribution = { };
      nix-processmgmt = processmgmt;
    }).ChordNode1.type;

  # Where each keeps what it starts, and the type of it for Dysnomia.
  expected = {
    sysvinit = [
      "etc/rc.d"
      "sysvinit-script"
    ];
    supervisord = [
      "conf.d"
      "supervisord-program"
    ];
    bsdrc = [
      "etc/rc.d"
      "bsdrc-script"
    ];
    launchd = [
      "Library/LaunchDaemons"
      "launchd-daemon"
    ];
    s6-rc = [
      "etc/s6/sv/ChordNode1-srv"
      "s6-rc-service"
    ];
    disnix = [
      "etc/dysnomia/process"
      "process"
    ];
  };
in
builtins.mapAttrs (manager: wanted: {
  expr = [
    (lib.hasInfix "mkdir -p $out/${builtins.head wanted}" (componentOf manager).buildCommand)
    (typeOf manager)
  ];
  expected = [
    true
    (lib.last wanted)
  ];
}) expected
