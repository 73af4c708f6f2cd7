# An upgrade of three machines, one after the other, under load: clients wait at the open sockets, and no operation fails.
{ pkgs, lib, ... }:

let
  three = import ./three.nix;
in
{
  name = "chord-upgrade";

  inherit (three) nodes;
  defaults = {
    environment.systemPackages = [ pkgs.jq ];
    # Another generation with other units.
    specialisation.upgraded.configuration.services.chord.defaults.watchdogSec = lib.mkForce 20;
  };

  testScript = three.begin + ''
    one.succeed(
        f"chord bench mixed {everywhere} --clients 8 --rate 50 --duration 120s --output json > report.json 2> errors & echo $! > pid"
    )
    for machine, name in machines:
        before = machine.succeed(f"systemctl show -P MainPID chord-{name}").strip()
        machine.succeed("/run/current-system/specialisation/upgraded/bin/switch-to-configuration test")
        whole()
        assert machine.succeed(f"systemctl show -P MainPID chord-{name}").strip() != before
    one.succeed("kill -0 $(cat pid)")
    one.wait_until_fails("kill -0 $(cat pid)")
    report = one.succeed("jq '{operations, failed, lost}' report.json")
    print(report)
    one.succeed("jq --exit-status '.operations > 1000 and .failed == 0 and .lost == 0' report.json")
  '';
}
