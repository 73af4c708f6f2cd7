# An upgrade restarts the node behind its open socket: clients wait, and do not fail.
{
  name = "chord-socket-upgrade";

  nodes.machine =
    { lib, ... }:
    {
      services.chord.enable = true;
      # Another generation with another unit.
      specialisation.upgraded.configuration = {
        services.chord.nodes.default.watchdogSec = lib.mkForce 20;
      };
    };

  testScript = ''
    machine.wait_for_unit("chord-default.service")
    before = machine.succeed("systemctl show -P MainPID chord-default").strip()
    machine.succeed("chord bench mixed --clients 8 --rate 50 --duration 20s --output json > report.json 2> errors & echo $! > pid")
    machine.succeed("/run/current-system/specialisation/upgraded/bin/switch-to-configuration test")
    machine.wait_for_unit("chord-default.service")
    assert machine.succeed("systemctl show -P MainPID chord-default").strip() != before
    machine.wait_until_fails("kill -0 $(cat pid)")
    machine.succeed("grep '\"failed\": 0' report.json && grep '\"lost\": 0' report.json")
  '';
}
