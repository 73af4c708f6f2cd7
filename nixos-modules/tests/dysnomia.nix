# The Dysnomia module: a node is activated, saved, changed, and put back as it was.
{ ... }:

let
  chordPkgs = pkgs: import ../../pkgs { inherit pkgs; };
in
{
  name = "chord-dysnomia";

  nodes.machine =
    { pkgs, ... }:
    {
      imports = [ ../../networks/configurations/test-vm.nix ];
      environment.systemPackages = [ (chordPkgs pkgs).chord ];
      system.extraDependencies = [ ((chordPkgs pkgs).ChordBootstrapNode { port = 8001; }) ];
      environment.etc.component.source = (chordPkgs pkgs).ChordBootstrapNode { port = 8001; };
    };

  testScript = ''
    machine.wait_for_unit("multi-user.target")
    component = machine.succeed("readlink -f /etc/component").strip()
    def dysnomia(operation):
        machine.succeed(f"dysnomia --operation {operation} --component {component} --container chord-node --environment")

    dysnomia("activate")
    machine.succeed("chord insert --node 127.0.0.1:8001 color blue")
    dysnomia("snapshot")
    machine.succeed("chord insert --node 127.0.0.1:8001 later green")
    dysnomia("restore")
    assert machine.succeed("chord retrieve --node 127.0.0.1:8001 color").strip() == "blue"
    dysnomia("deactivate")
    machine.fail("systemctl is-active chord-ChordBootstrapNode.service")
  '';
}
