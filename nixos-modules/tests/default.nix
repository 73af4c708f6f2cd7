# Tests in virtual machines, by name. `module` is services.chord with its package.
{ pkgs, module }:

let
  test =
    name:
    pkgs.testers.runNixOSTest {
      imports = [ (./. + "/${name}.nix") ];
      defaults.imports = [ module ];
    };
in
pkgs.lib.genAttrs (import ./names.nix) test
