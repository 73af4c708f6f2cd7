# The names are the machines' host names: Disnix copies state between targets only where both are equal.
let
  machine = hostname: {
    system = "x86_64-linux";
    properties = { inherit hostname; };
    containers = {
      chord-node.systemdTargetDir = "/etc/systemd-mutable/system";
      systemd-unit.systemdTargetDir = "/etc/systemd-mutable/system";
    };
  };
in
{
  test1 = machine "test1";
  test2 = machine "test2";
}
