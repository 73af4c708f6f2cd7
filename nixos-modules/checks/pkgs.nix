# nixpkgs as far as the packages and the module ask for it: its lib, and builders that build nothing.
{ lib }:

let
  # As in the store, another text has another path.
  nothing =
    attrs:
    attrs
    // {
      type = "derivation";
      outPath = "/store/${
        builtins.hashString "md5" (attrs.text or attrs.command or "")
      }-${attrs.name or attrs.pname}";
    };
  self = {
    inherit lib;
    callPackage = lib.callPackageWith self;
    buildGoModule =
      f: lib.fix (final: nothing (f (final // { finalPackage = final; })) // { override = _: final; });
    stdenv = {
      buildPlatform.canExecute = _: true;
      hostPlatform.system = "x86_64-linux";
    };
    stdenvNoCC.mkDerivation = nothing;
    replaceVarsWith = nothing;
    writeShellScriptBin = name: text: nothing { inherit name text; };
    writeShellScript = name: text: nothing { inherit name text; };
    writeText = name: text: nothing { inherit name text; };
    runCommand =
      name: attrs: command:
      nothing (attrs // attrs.passthru or { } // { inherit name command; });
    mkShell = nothing;
    runtimeShell = "/bin/sh";
    path = "/nixpkgs";
    testers.runNixOSTest =
      test:
      nothing {
        name = "vm-test";
        inherit test;
      };
  }
  // lib.genAttrs [
    "installShellFiles"
    "versionCheckHook"
    "coreutils"
    "findutils"
    "systemd"
    "dysnomia"
    "disnix"
    "disnixos"
    "dydisnix"
    "pandoc"
    "typst"
    "jq"
    "redis"
    "go"
    "protobuf"
    "nixfmt"
    "nixfmt-tree"
    "shellcheck"
  ] (name: nothing { inherit name; });
in
self
