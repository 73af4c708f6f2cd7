# `services.chord.enable = true;` is a working node, shut off from the rest.
{
  name = "chord-single";

  nodes.machine.services.chord.enable = true;

  testScript = ''
    machine.wait_for_unit("chord-default.service")
    machine.succeed("chord insert color blue")
    assert machine.succeed("chord retrieve color").strip() == "blue"

    with subtest("its data outlives it"):
        machine.systemctl("restart chord-default.service")
        machine.wait_for_unit("chord-default.service")
        assert machine.succeed("chord retrieve color").strip() == "blue"

    with subtest("it holds nothing that it does not need"):
        machine.succeed("systemd-analyze security --threshold=15 chord-default.service")
        machine.succeed("[ $(stat -c %a /var/lib/private/chord/default) = 700 ]")
  '';
}
