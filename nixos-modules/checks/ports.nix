# The ports for clients, TLS and its secrets, monitoring.
{ nixos, lib }:

let
  inherit (nixos) machine of complaints;

  served = of {
    enable = true;
    nodes.a = {
      http = {
        enable = true;
        openFirewall = true;
        pprof = true;
      };
      redis = {
        enable = true;
        users = "/run/secrets/users";
      };
      metrics.traceEndpoint = "http://127.0.0.1:4318";
    };
  };
  unactivated = of {
    enable = true;
    nodes.a = {
      http.enable = true;
      socketActivation.enable = false;
    };
  };
  secured = of {
    enable = true;
    nodes.a = {
      listenAddress = "192.0.2.1";
      backup.enable = true;
      tls = {
        enable = true;
        certificate = "/run/secrets/node1.pem";
        key = "chord-key";
        ca = "/etc/chord/ca.pem";
      };
    };
  };
  ring =
    more:
    machine [
      ../../networks/members.nix
      {
        services.chord = {
          ring.members = {
            node0.httpPort = 8101;
            node2 = {
              httpPort = 8101;
              redisPort = 8201;
            };
          };
        }
        // more;
      }
    ];
  watched = ring {
    monitoring = {
      prometheus.enable = true;
      alerts.enable = true;
      grafana.enable = true;
    };
  };
in
{
  settings = {
    expr = removeAttrs served.services.chord.nodes.a.settings [
      "ring"
      "listen"
      "advertise"
    ];
    expected = {
      http-listen = "127.0.0.1:8170";
      redis-listen = "127.0.0.1:6170";
      redis-users = "redis-users";
      pprof = true;
      trace-endpoint = "http://127.0.0.1:4318";
    };
  };
  sockets = {
    expr = lib.mapAttrs (_: socket: [
      socket.listenStreams
      socket.socketConfig.FileDescriptorName
      socket.socketConfig.Service
    ]) served.systemd.sockets;
    expected = {
      chord-a-ring = [
        [ "127.0.0.1:4170" ]
        "ring"
        "chord-a.service"
      ];
      chord-a-http = [
        [ "127.0.0.1:8170" ]
        "http"
        "chord-a.service"
      ];
      chord-a-redis = [
        [ "127.0.0.1:6170" ]
        "redis"
        "chord-a.service"
      ];
    };
  };
  boundToItsPorts = {
    expr = [
      unactivated.systemd.sockets
      unactivated.systemd.services.chord-a.serviceConfig.SocketBindAllow
    ];
    expected = [
      { }
      [
        "tcp:4170"
        "tcp:8170"
      ]
    ];
  };
  firewall = {
    expr = served.networking.firewall.allowedTCPPorts;
    expected = [ 8170 ];
  };
  tls = {
    expr = lib.filterAttrs (name: _: lib.hasPrefix "tls" name) secured.services.chord.nodes.a.settings;
    expected = {
      tls = "require";
      tls-cert = "tls-cert";
      tls-key = "chord-key";
      tls-ca = "tls-ca";
    };
  };
  credentials = {
    expr = [
      secured.systemd.services.chord-a.serviceConfig.LoadCredential
      secured.systemd.services.chord-a.serviceConfig.ImportCredential
      (complaints secured)
    ];
    expected = [
      [
        "tls-ca:/etc/chord/ca.pem"
        "tls-cert:/run/secrets/node1.pem"
      ]
      [ "chord-key" ]
      [ ]
    ];
  };
  backupShowsTheCertificate = {
    expr = [
      secured.systemd.services.chord-backup-a.serviceConfig.LoadCredential
      secured.systemd.services.chord-backup-a.serviceConfig.ImportCredential
      secured.systemd.services.chord-backup-a.environment
    ];
    expected = [
      [
        "tls-ca:/etc/chord/ca.pem"
        "tls-cert:/run/secrets/node1.pem"
      ]
      [ "chord-key" ]
      {
        CHORD_TLS_CA = "tls-ca";
        CHORD_TLS_CERT = "tls-cert";
        CHORD_TLS_KEY = "chord-key";
      }
    ];
  };
  noKeyInTheStore = {
    expr =
      (builtins.tryEval
        (of {
          enable = true;
          nodes.a.tls.key = "/nix/store/00000000000000000000000000000000-key.pem";
        }).services.chord.nodes.a.tls.key
      ).success;
    expected = false;
  };
  portsOfMembers = {
    expr =
      (machine [
        ../../networks/members.nix
        {
          networking.hostName = "test2";
          services.chord.ring.members.node2 = {
            httpPort = 8101;
            redisPort = 8201;
          };
        }
      ]).services.chord.nodes.node2.settings;
    expected = {
      advertise = "test2:8001";
      bootstrap = [ "test1:8001" ];
      domain = "test2";
      http-listen = "[::]:8101";
      insecure = true;
      listen = "[::]:8001";
      name = "node2";
      redis-listen = "[::]:8201";
      ring = "example";
    };
  };
  prometheus = {
    expr = watched.services.prometheus.scrapeConfigs;
    expected = [
      {
        job_name = "example";
        static_configs = [
          {
            targets = [
              "test1:8101"
              "test2:8101"
            ];
          }
        ];
      }
    ];
  };
  prometheusOfOneMachine = {
    expr = map (job: job.static_configs) (
      (of {
        enable = true;
        monitoring.prometheus.enable = true;
        nodes.a.http.enable = true;
        nodes.b.port = 4171;
      }).services.prometheus.scrapeConfigs
    );
    expected = [
      [
        {
          targets = [ "127.0.0.1:8170" ];
        }
      ]
    ];
  };
  alerts = {
    expr = map (builtins.match "/store/.*-chord-monitoring(/.*)") watched.services.prometheus.ruleFiles;
    expected = [ [ "/share/chord/alerts.yml" ] ];
  };
  grafana = {
    expr = [
      watched.services.grafana.provision.enable
      (map (provider: provider.name) watched.services.grafana.provision.dashboards.settings.providers)
    ];
    expected = [
      true
      [ "chord" ]
    ];
  };
}
