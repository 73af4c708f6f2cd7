# Rules for Prometheus and a dashboard for Grafana, as the program writes them of its own metrics.
{
  lib,
  runCommand,
  chord,
}:

runCommand "chord-monitoring"
  {
    preferLocalBuild = true;
    meta = {
      description = "Alerts and dashboard for rings of chord";
      license = lib.licenses.mit;
    };
  }
  ''
    mkdir -p $out/share/chord/dashboards
    ${chord}/bin/chord metrics rules >$out/share/chord/alerts.yml
    ${chord}/bin/chord metrics dashboard >$out/share/chord/dashboards/chord.json
  ''
