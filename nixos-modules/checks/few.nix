# Enough of nixpkgs to see what the constructors make.
{
  lib = {
    callPackageWith =
      scope: file: args:
      let
        f = import file;
      in
      f (builtins.intersectAttrs (builtins.functionArgs f) scope // args);
    concatStrings = builtins.concatStringsSep "";
    mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
    mapAttrs' = f: set: builtins.listToAttrs (map (name: f name set.${name}) (builtins.attrNames set));
    makeBinPath = builtins.concatStringsSep ":";
  };
  coreutils = "/coreutils";
  buildGoModule = _: {
    type = "derivation";
    outPath = "/chord";
  };
  stdenv = { };
  installShellFiles = "/installShellFiles";
  versionCheckHook = "/versionCheckHook";
  # As in the store, another text has another path.
  writeText = name: text: {
    inherit name text;
    outPath = "/store/${builtins.hashString "md5" text}-${name}";
  };
  writeShellScript = name: text: "/store/${name}";
  runCommand =
    name:
    { passthru }:
    command:
    passthru
    // {
      inherit name command;
      type = "derivation";
      outPath = "/store/${builtins.hashString "md5" command}-${name}";
    };
}
