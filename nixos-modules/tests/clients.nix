# The ports for others than nodes: http and Redis, open before the node is, and through its restart.
{
  name = "chord-clients";

  nodes.machine =
    { pkgs, ... }:
    {
      environment.systemPackages = [ pkgs.redis ];
      services.chord = {
        enable = true;
        nodes.default = {
          http.enable = true;
          redis.enable = true;
        };
      };
    };

  testScript = ''
    machine.wait_for_unit("chord-default-http.socket")
    machine.wait_for_unit("chord-default-redis.socket")
    machine.wait_for_unit("chord-default.service")
    machine.succeed("curl --fail --silent http://127.0.0.1:8170/ | grep -i chord")

    assert machine.succeed("redis-cli -p 6170 SET color blue").strip() == "OK"
    assert machine.succeed("chord get color").strip() == "blue"
    machine.systemctl("restart --no-block chord-default.service")
    assert machine.succeed("redis-cli -p 6170 GET color").strip() == "blue"
  '';
}
