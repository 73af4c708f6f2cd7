# A ring of three machines keeps what was acknowledged when one of them crashes.
{ pkgs, ... }:

let
  three = import ./three.nix;
in
{
  name = "chord-ring";

  inherit (three) nodes;
  defaults.environment.systemPackages = [ pkgs.jq ];

  testScript = three.begin + ''
    two.succeed("chord insert --node two:4170 color blue")
    three.crash()
    assert one.succeed("chord retrieve --node one:4170 color").strip() == "blue"
    one.succeed("chord insert --node one:4170 color green")

    three.start()
    three.wait_for_unit("chord-node3.service")
    assert sorted(three.succeed("chord retrieve --node three:4170 color").split()) == ["blue", "green"]
  '';
}
