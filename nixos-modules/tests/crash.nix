# All machines lose their power at once. What was acknowledged is there when they are back, and they are one ring.
{ pkgs, ... }:

let
  three = import ./three.nix;
in
{
  name = "chord-crash";

  inherit (three) nodes;
  defaults.environment.systemPackages = [ pkgs.jq ];

  testScript = three.begin + ''
    for i in range(100):
        one.succeed(f"chord insert {everywhere} key{i} value{i}")

    for machine, _ in machines:
        machine.crash()
    # In another order: nobody is the first.
    for machine, _ in reversed(machines):
        machine.start()
    whole()
    for i in range(100):
        assert two.succeed(f"chord retrieve {everywhere} key{i}").strip() == f"value{i}"
  '';
}
