# Tests in virtual machines, by name. `module` is services.chord with its package.
{ pkgs, module }:

let
  test =
    file:
    pkgs.testers.runNixOSTest {
      imports = [ file ];
      defaults.imports = [ module ];
    };
in
{
  single = test ./single.nix;
  ring = test ./ring.nix;
  multi-instance = test ./multi-instance.nix;
  socket-upgrade = test ./socket-upgrade.nix;
  backup = test ./backup.nix;
  partition = test ./partition.nix;
  dysnomia = test ./dysnomia.nix;
}
