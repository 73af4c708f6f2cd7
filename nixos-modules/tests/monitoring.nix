# Prometheus finds the ring's nodes, has the alerts, and Grafana has the dashboard.
{
  name = "chord-monitoring";

  nodes.machine =
    { pkgs, ... }:
    {
      environment.systemPackages = [ pkgs.jq ];
      services.chord = {
        enable = true;
        nodes.default.http.enable = true;
        monitoring = {
          prometheus.enable = true;
          alerts.enable = true;
          grafana.enable = true;
        };
      };
      services.prometheus.enable = true;
      services.grafana = {
        enable = true;
        settings = {
          security.secret_key = "of a test";
          "auth.anonymous".enabled = true;
        };
      };
      virtualisation.memorySize = 2048;
    };

  testScript = ''
    machine.wait_for_unit("chord-default.service")
    with subtest("health"):
        machine.succeed("curl --fail --silent http://127.0.0.1:8170/healthz")
        machine.succeed("curl --fail --silent http://127.0.0.1:8170/readyz")

    with subtest("metrics"):
        machine.succeed("curl --fail --silent http://127.0.0.1:8170/metrics | grep '^chord_node_ready'")
        machine.wait_for_unit("prometheus.service")
        machine.wait_until_succeeds(
            "curl --fail --silent 'http://127.0.0.1:9090/api/v1/query?query=chord_node_ready' | jq --exit-status '.data.result[0].value[1] == \"1\"'"
        )

    with subtest("alerts"):
        machine.succeed(
            "curl --fail --silent http://127.0.0.1:9090/api/v1/rules | jq --exit-status '.data.groups | length > 0'"
        )

    with subtest("dashboard"):
        machine.wait_for_unit("grafana.service")
        machine.wait_until_succeeds(
            "curl --fail --silent http://127.0.0.1:3000/api/search | jq --exit-status 'length > 0'"
        )
  '';
}
