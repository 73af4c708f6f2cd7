# The side with a quorum goes on, the other says that it cannot, and both are one again.
{ pkgs, ... }:

let
  three = import ./three.nix;
in
{
  name = "chord-partition";

  inherit (three) nodes;
  defaults.environment.systemPackages = [ pkgs.jq ];

  testScript = three.begin + ''
    one.succeed("chord insert --node one:4170 color blue")

    three.block()
    one.succeed("chord insert --node one:4170 color green")
    three.fail("chord insert --node three:4170 color red")

    three.unblock()
    three.wait_until_succeeds("chord retrieve --node three:4170 color | grep -x green")
    whole()
  '';
}
