# Prometheus, its alerts and Grafana's dashboard for the nodes, where these run on this machine.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.chord;
  inherit (cfg) monitoring ring;
  address = import ./address.nix { inherit lib; };

  # Of the ring's data where there is any, else those of this machine.
  ofMembers = lib.mapAttrsToList (_: m: {
    ring = ring.name;
    target = address.join m.address m.httpPort;
  }) (lib.filterAttrs (_: m: m.httpPort != null) ring.members);
  ofNodes =
    lib.mapAttrsToList
      (_: node: {
        inherit (node) ring;
        target = node.settings.http-listen;
      })
      (
        lib.filterAttrs (name: node: node.enable && node.http.enable && !(ring.members ? ${name})) cfg.nodes
      );
  # Alerts and dashboard take a job for a ring.
  job =
    name: targets:
    {
      job_name = name;
      static_configs = [ { targets = map (t: t.target) targets; } ];
    }
    // monitoring.prometheus.extraConfig;
in
{
  # interface

  options.services.chord.monitoring = {
    prometheus = {
      enable = lib.mkEnableOption "the http ports of the ring's members and of this machine's nodes in {option}`services.prometheus.scrapeConfigs`";
      extraConfig = lib.mkOption {
        type = lib.types.attrs;
        default = { };
        example = {
          scheme = "https";
          tls_config = {
            ca_file = "/etc/chord/ca.crt";
            cert_file = "/etc/chord/prometheus.pem";
            key_file = "/etc/chord/prometheus.key";
          };
        };
        description = "More of the jobs, such as what TLS wants.";
      };
    };
    alerts.enable = lib.mkEnableOption "the project's alerts in {option}`services.prometheus.ruleFiles`";
    grafana.enable = lib.mkEnableOption "the project's dashboard in {option}`services.grafana.provision`";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../../pkgs/monitoring { chord = cfg.package; };
      defaultText = lib.literalMD "this project's own";
      description = "The package with alerts and dashboard.";
    };
  };

  # implementation

  config = lib.mkIf cfg.enable {
    services.prometheus = {
      scrapeConfigs = lib.mkIf monitoring.prometheus.enable (
        lib.mapAttrsToList job (lib.groupBy (t: t.ring) (ofMembers ++ ofNodes))
      );
      ruleFiles = lib.mkIf monitoring.alerts.enable [
        "${monitoring.package}/share/chord/alerts.yml"
      ];
    };

    services.grafana.provision = lib.mkIf monitoring.grafana.enable {
      enable = true;
      dashboards.settings.providers = [
        {
          name = "chord";
          options.path = "${monitoring.package}/share/chord/dashboards";
        }
      ];
    };
  };
}
