# Two nodes on one machine are one ring.
{
  name = "chord-multi-instance";

  nodes.machine.services.chord = {
    enable = true;
    nodes.a = { };
    nodes.b = {
      port = 4171;
      bootstrap = [ "127.0.0.1:4170" ];
      dataDir = "/srv/chord";
    };
  };

  testScript = ''
    machine.wait_for_unit("chord-a.service")
    machine.wait_for_unit("chord-b.service")
    machine.succeed("chord insert color blue")
    assert machine.succeed("chord retrieve --node 127.0.0.1:4171 color").strip() == "blue"
    machine.succeed("test -e /srv/chord/chord.db")
    machine.succeed("[ $(stat -c %U /srv/chord/chord.db) = chord ]")
  '';
}
