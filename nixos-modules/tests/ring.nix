# A ring of three machines keeps what was acknowledged when one of them crashes.
{
  name = "chord-ring";

  nodes = import ./three.nix;

  testScript = ''
    start_all()
    names = {one: "node1", two: "node2", three: "node3"}
    for machine, name in names.items():
        machine.wait_for_unit(f"chord-{name}.service")
    one.wait_until_succeeds("chord ring --node one:4170 --output json | grep -o '\"name\"' | wc -l | grep -qx 3")

    two.succeed("chord insert --node two:4170 color blue")
    three.crash()
    assert one.succeed("chord retrieve --node one:4170 color").strip() == "blue"
    one.succeed("chord insert --node one:4170 color green")

    three.start()
    three.wait_for_unit("chord-node3.service")
    assert sorted(three.succeed("chord retrieve --node three:4170 color").split()) == ["blue", "green"]
  '';
}
