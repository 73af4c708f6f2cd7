# Expressions and what they must come to, by builtins and, where it is given, nixpkgs' lib alone. Gives what fails:
# nix-instantiate --eval --strict --json -E 'import ./nixos-modules/checks { lib = import <nixpkgs/lib>; }'
{
  # null: leave out what needs it.
  lib ? null,
  # Directory of Disnix' own model code (its `nix/`); null: read the models without it.
  disnix ? null,
  # A checkout of nix-processmgmt; null: no other process managers.
  processmgmt ? null,
}:

let
  nixos = import ./nixos.nix { inherit lib; };

  suites = {
    unit = import ./unit.nix;
    models = import ./models.nix { inherit disnix lib; };
  }
  // (
    if lib == null then
      { }
    else
      {
        module = import ./module.nix { inherit lib nixos; };
        ports = import ./ports.nix { inherit lib nixos; };
        assertions = import ./assertions.nix { inherit nixos; };
        hostile = import ./hostile.nix { inherit lib nixos; };
        machines = (import ./machines.nix { inherit lib nixos; }).checks;
        flake = import ./flake.nix { inherit lib nixos; };
        growth = import ./growth-nixos.nix { inherit lib nixos; };
        service = import ./service.nix { inherit lib; };
        packages = import ./packages.nix { inherit lib; };
      }
      // lib.optionalAttrs (processmgmt != null) {
        processes = import ./processes.nix { inherit lib processmgmt; };
      }
  );

  failed =
    tests:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = tests.${name};
      }) (builtins.filter (name: tests.${name}.expr != tests.${name}.expected) (builtins.attrNames tests))
    );
in
{
  counts = builtins.mapAttrs (_: tests: builtins.length (builtins.attrNames tests)) suites;
  failures = builtins.mapAttrs (_: failed) suites;
}
