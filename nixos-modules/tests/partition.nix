# The side with a quorum goes on, the other says that it cannot, and both are one again.
{
  name = "chord-partition";

  nodes = import ./three.nix;

  testScript = ''
    start_all()
    names = {one: "node1", two: "node2", three: "node3"}
    for machine, name in names.items():
        machine.wait_for_unit(f"chord-{name}.service")
    one.wait_until_succeeds("chord ring --node one:4170 --output json | grep -o '\"name\"' | wc -l | grep -qx 3")
    one.succeed("chord insert --node one:4170 color blue")

    three.block()
    one.succeed("chord insert --node one:4170 color green")
    three.fail("chord insert --node three:4170 color red")

    three.unblock()
    three.wait_until_succeeds("chord retrieve --node three:4170 color | grep -x green")
  '';
}
