# Three machines with a node each, declared once.
let
  ring = {
    services.chord = {
      enable = true;
      ring.members = {
        node1 = {
          host = "one";
          bootstrap = true;
        };
        node2.host = "two";
        node3.host = "three";
      };
      defaults = {
        settings.insecure = true;
        openFirewall = true;
      };
    };
  };
in
{
  nodes = {
    one = ring;
    two = ring;
    three = ring;
  };

  # The beginning of a script: `machines` with their nodes, and a ring of three.
  begin = ''
    start_all()
    machines = [(one, "node1"), (two, "node2"), (three, "node3")]
    everywhere = "--node one:4170,two:4170,three:4170"

    def whole():
        for machine, name in machines:
            machine.wait_for_unit(f"chord-{name}.service")
        one.wait_until_succeeds("[ $(chord ring --node one:4170 --output json | jq '[.members[] | select(.state == \"alive\")] | length') = 3 ]")

    whole()
  '';
}
