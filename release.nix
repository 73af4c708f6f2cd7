# For nix-build and Hydra; DisnixOS' testing functions are not pure: nix-build release.nix -A tests
{
  nixpkgs ? <nixpkgs>,
  chord ? {
    outPath = ./.;
    rev = 1234;
  },
  officialRelease ? false,
  systems ? [ "x86_64-linux" ],
}:

let
  pkgs = import nixpkgs { };
  disnixosFor =
    system:
    import "${pkgs.disnixos}/share/disnixos/testing.nix" {
      inherit nixpkgs system;
    };
  disnixos = disnixosFor builtins.currentSystem;

  version = (import ./pkgs { inherit pkgs; }).chord.version;
  networkFile = "networks/network.nix";

  jobs = rec {
    packages = pkgs.lib.genAttrs systems (system: {
      inherit (import ./pkgs { inherit system; })
        chord
        manual
        monitoring
        dysnomia-chord
        ;
    });

    tarball = disnixos.sourceTarball {
      name = "chord-tarball";
      src = chord;
      inherit officialRelease version;
    };

    builds = pkgs.lib.genAttrs systems (
      system:
      (disnixosFor system).buildManifest {
        name = "chord";
        inherit tarball version networkFile;
        servicesFile = "services.nix";
        distributionFile = "distribution.nix";
      }
    );

    # As in the original: a console joins through a node of the other machine, and sees seven references.
    tests = disnixos.disnixTest {
      name = "chord-test";
      inherit tarball networkFile;
      manifest = builds.${builtins.currentSystem};
      testScript = ''
        test1.wait_until_succeeds("chord ring --node test1:8001 | grep -c ChordNode | grep -qx 3")
        test1.succeed(
            "(echo 'joinN -port 9000 -bootstrap test2:8003'; sleep 10; echo refsN; echo exit; echo y) | openchord-console > out"
        )
        test1.succeed("[ $(grep -c 'chord://test' out) -eq 7 ]")
      '';
    };
  };
in
jobs
