# The models' services on their machines, as Disnix activates them: a ring, and a node that moves with its data.
{ lib, ... }:

let
  infrastructure = import ../../infrastructure.nix;
  distribution = import ../../distribution.nix { inherit infrastructure; };

  # Of each service its component, with what it depends on.
  componentsOf =
    pkgs:
    let
      services = removeAttrs (import ../../services.nix {
        inherit (pkgs.stdenv.hostPlatform) system;
        inherit pkgs distribution;
        invDistribution = { };
      }) [ "openchord" ];
      withTarget = _: service: service // { target = lib.head distribution.${service.name}; };
    in
    lib.mapAttrs (
      _: service:
      if service ? dependsOn then service.pkg (lib.mapAttrs withTarget service.dependsOn) else service.pkg
    ) services;

  machine =
    { pkgs, ... }:
    {
      imports = [ ../../networks/configurations/test-vm.nix ];
      environment.systemPackages = [ (import ../../pkgs { inherit pkgs; }).chord ];
      environment.etc = lib.mapAttrs' (
        name: component: lib.nameValuePair "components/${name}" { source = component; }
      ) (componentsOf pkgs);
    };
in
{
  name = "chord-disnix";

  nodes.test1 = machine;
  nodes.test2 = machine;

  testScript = ''
    start_all()
    for machine in [test1, test2]:
        machine.wait_for_unit("multi-user.target")

    def dysnomia(machine, operation, name):
        component = machine.succeed(f"readlink -f /etc/components/{name}").strip()
        machine.succeed(
            f"dysnomia --operation {operation} --component {component} --container chord-node --environment"
        )

    with subtest("a ring"):
        dysnomia(test1, "activate", "ChordBootstrapNode")
        dysnomia(test1, "activate", "ChordNode1")
        dysnomia(test2, "activate", "ChordNode2")
        dysnomia(test2, "activate", "ChordNode3")
        test1.wait_until_succeeds("chord ring --node test1:8001 | grep -c ChordNode | grep -qx 3")
        test1.succeed("chord insert --node test1:8001 color blue")

    with subtest("a console joins, and sees seven references"):
        test1.succeed(
            "(echo 'joinN -port 9000 -bootstrap test2:8003'; sleep 10; echo refsN; echo exit; echo y) | openchord-console > out"
        )
        test1.succeed("[ $(grep -c 'chord://test' out) = 7 ]")

    # As Disnix does: the new place first, then the state of the old one.
    with subtest("a node moves with its data"):
        dysnomia(test1, "activate", "ChordNode3")
        dysnomia(test2, "deactivate", "ChordNode3")
        dysnomia(test2, "snapshot", "ChordNode3")
        which = "--component ChordNode3 --container chord-node"
        snapshot = test2.succeed(f"dysnomia-snapshots --resolve $(dysnomia-snapshots --query-latest {which})").strip()
        test2.succeed(f"cp -r {snapshot} /tmp/shared/")
        copy = "/root/" + snapshot.split("/")[-1]
        test1.succeed(f"cp -r /tmp/shared/{snapshot.split('/')[-1]} {copy}")
        test1.succeed(f"dysnomia-snapshots --import {which} {copy}")
        dysnomia(test1, "restore", "ChordNode3")
        test1.wait_for_unit("chord-ChordNode3.service")
        test1.wait_until_succeeds("chord ring --node test1:8001 | grep ChordNode3 | grep test1:8004")
        assert test1.succeed("chord retrieve --node test1:8004 color").strip() == "blue"
  '';
}
